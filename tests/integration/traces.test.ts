/**
 * Traces over the plugin protocol, in the demo's lakehouse: search, one trace, the map of services, and the links
 * between them.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type TracesRequest } from '../../contract/query-types/traces';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { noticesOf, onlyFrame, type ReadFrame, readFrames } from '../support/frames';
import { runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

const MINUTE = 60_000;
const NOW = lab.demo.lakehouseStartMs;
/** A minute before the incident. */
const CALM = { fromMs: NOW - 61 * MINUTE, toMs: NOW - 60 * MINUTE };
/** Half a minute in the middle of the incident. */
const INCIDENT = { fromMs: NOW - 41 * MINUTE, toMs: NOW - 40.5 * MINUTE };
/** Longer than any trace, in milliseconds. */
const MARGIN_MS = 15_000;

const ask = (traces: TracesRequest, range = INCIDENT, more: MicromegasQueryFields = {}) =>
  runQuery(lab.plugin, lab.source, { queryType: 'traces', traces, ...more }, { range });
const sql = async (query: string, range = INCIDENT) =>
  onlyFrame(await runQuery(lab.plugin, lab.source, { query, version: 2, autoLimit: false }, { range }));
const search = async (conditions: Partial<TracesRequest>, range = INCIDENT) =>
  readFrames(await ask({ view: 'search', ...conditions }, range))[0];
const json = (value: unknown) => JSON.parse(new TextDecoder().decode(value as Uint8Array));

const PROCESSES = ['web-gateway', 'matchmaker', 'session-store'] as const;

/** Spans of the three services, in the range and in the margin around it. */
async function spans(columns: string, where: string, range = INCIDENT): Promise<ReadFrame> {
  const ids = await sql(`SELECT exe, max(process_id) AS id FROM processes WHERE exe LIKE 'ember/%' GROUP BY exe`);
  const views = ids.column('id').map((id) => `SELECT * FROM view_instance('otel_spans', '${String(id)}')`);
  expect(views).toHaveLength(PROCESSES.length);
  const wide = { fromMs: range.fromMs - MARGIN_MS, toMs: range.toMs + MARGIN_MS };
  return sql(`SELECT ${columns} FROM (${views.join(' UNION ALL ')}) WHERE ${where}`, wide);
}

it('finds the traces whose spans fulfil all conditions, the newest first', async () => {
  const frame = await search({
    services: ['ember/web-gateway'],
    operations: ['POST /v1/match'],
    kinds: ['SERVER'],
    statuses: ['ERROR'],
    minDurationMs: 1500,
    attributes: [
      { key: 'region', operator: '=', value: 'eu-west' },
      { key: 'http.response.status_code', operator: '>=', value: 500 },
      { key: 'resource.service.name', operator: 'contains', value: 'GATE' },
      { key: 'no.such.attribute', operator: '!=', value: true },
    ],
    limit: 1000,
  });
  const expected = await spans(
    "encode(trace_id, 'hex') AS id",
    `exe = 'ember/web-gateway' AND kind = 'SERVER' AND status = 'ERROR' AND duration >= 1500000000
      AND start_time <= '${new Date(INCIDENT.toMs).toISOString()}' AND end_time >= '${new Date(INCIDENT.fromMs).toISOString()}'`
  );
  expect(frame.rowCount).toBeGreaterThan(3);
  expect([...frame.column('trace_id')].sort()).toEqual([...expected.column('id')].sort());
  const starts = frame.column('start').map(Number);
  expect(starts).toEqual(starts.toSorted((a, b) => b - a));
  expect(new Set(frame.column('operation'))).toEqual(new Set(['POST /v1/match']));
  expect(noticesOf(frame)).toEqual([]);
});

it('describes a trace with the spans of all its processes, even of processes without a matching span', async () => {
  const frame = await search({ services: ['ember/session-store'], limit: 2 }, CALM);
  expect(frame.rowCount).toBe(2);
  for (const [row, id] of frame.column('trace_id').entries()) {
    const all = await spans('status, exe, start_time, end_time', `trace_id = decode('${String(id)}', 'hex')`, CALM);
    expect(new Set(all.column('exe')).size).toBeGreaterThan(1);
    expect(frame.column('spans')[row]).toBe(all.rowCount);
    expect(frame.column('errors')[row]).toBe(all.column('status').filter((status) => status === 'ERROR').length);
    const [begin, end] = [
      Math.min(...all.column('start_time').map(Number)),
      Math.max(...all.column('end_time').map(Number)),
    ];
    expect(Number(frame.column('start')[row])).toBeCloseTo(begin, 2);
    expect(Number(frame.column('duration')[row]) / 1e6).toBeCloseTo(end - begin, 1);
  }
});

it.each([
  {
    name: 'no trace fulfils the conditions',
    conditions: { operations: ['nothing'] },
    text: /^No trace in 3 processes fulfils/,
  },
  {
    name: 'no process matches',
    conditions: { services: ["x' OR '1'='1"] },
    text: /^No process that can be searched sent/,
  },
])('returns an empty table, and says what was searched, if $name', async ({ conditions, text }) => {
  const frame = await search(conditions);
  expect(frame.rowCount).toBe(0);
  expect(Object.keys(frame.types)).toContain('trace_id');
  expect(noticesOf(frame)).toEqual([expect.stringMatching(text)]);
});

it('lists failed traces first, and has the status in the first column', async () => {
  const frame = await search({ services: ['ember/web-gateway'], failedFirst: true, limit: 1000 });
  const statuses = frame.column('status');
  expect(Object.keys(frame.types)[0]).toBe('status');
  expect(new Set(statuses)).toEqual(new Set(['failed', 'ok']));
  expect(statuses).toEqual(statuses.toSorted());
});

it('lists the traces with the longest spans of a window first, without those that have the attribute', async () => {
  const window = { fromMs: INCIDENT.fromMs, toMs: INCIDENT.fromMs + 10_000 };
  const frame = await search({
    services: ['ember/web-gateway'],
    kinds: ['SERVER'],
    attributes: [{ key: 'no.such.attribute', operator: 'missing' }],
    fromMs: String(window.fromMs),
    toMs: `${window.fromMs}+10000`,
    slowestFirst: true,
    limit: 5,
  });
  const expected = await spans(
    "encode(trace_id, 'hex') AS id, duration",
    `exe = 'ember/web-gateway' AND kind = 'SERVER'
      AND start_time >= '${new Date(window.fromMs).toISOString()}' AND start_time < '${new Date(window.toMs).toISOString()}'
    ORDER BY duration DESC LIMIT 5`
  );
  expect(frame.rowCount).toBe(5);
  expect(frame.column('trace_id')).toEqual(expected.column('id'));
  const lacking = (key: string) =>
    search({
      services: ['ember/web-gateway'],
      kinds: ['SERVER'],
      attributes: [{ key, operator: 'missing' }],
      limit: 5,
    });
  expect((await lacking('http.response.status_code')).rowCount).toBe(0);
  expect((await lacking('no.such.attribute')).rowCount).toBe(5);
});

it("returns the spans of a trace in Grafana's format", async () => {
  const found = await search({ operations: ['session_pool.acquire'], statuses: ['ERROR'], limit: 1 });
  const id = String(found.column('trace_id')[0]);
  const frame = onlyFrame(await ask({ view: 'trace', traceId: ` ${id.toUpperCase()} ` }));
  const all = await spans(
    `encode(span_id, 'hex') AS id, CAST(start_time AS BIGINT) AS ns, duration, name, kind, exe, computer, properties, events, links`,
    `trace_id = decode('${id}', 'hex') ORDER BY start_time, id`
  );
  expect(frame.rowCount).toBe(found.column('spans')[0]);
  expect(new Set(frame.column('traceID'))).toEqual(new Set([id]));
  const order = all.column('id').map((span) => frame.column('spanID').indexOf(span));
  const column = (name: string) => order.map((row) => frame.column(name)[row]);
  expect(column('operationName')).toEqual(all.column('name'));
  expect(column('serviceName')).toEqual(all.column('exe'));
  expect(column('startTime')).toEqual(all.column('ns').map((ns) => Number(BigInt(String(ns)) / 1000n) / 1000));
  expect(column('duration')).toEqual(all.column('duration').map((ns) => Number(ns) / 1e6));
  expect(column('kind')).toEqual(all.column('kind').map((kind) => String(kind).toLowerCase()));
  for (const [index, row] of order.entries()) {
    const tags = Object.fromEntries(json(frame.column('tags')[row]).map(({ key, value }: Tag) => [key, value]));
    const { 'otel.scope.name': scope, ...properties } = json(all.column('properties')[index]);
    expect(tags).toEqual(properties);
    expect(frame.column('instrumentationLibraryName')[row]).toBe(scope);
    const service = json(frame.column('serviceTags')[row]) as Tag[];
    expect(service).toContainEqual({ key: 'computer', value: all.column('computer')[index], type: 'string' });
    expect(service.map(({ key }) => key)).toContain('service.name');
  }
  const failed = column('operationName').indexOf('session_pool.acquire');
  expect(column('statusCode')[failed]).toBe(2);
  expect(json(column('logs')[failed])).toMatchObject([
    { name: 'exception', fields: [{ key: 'exception.message' }, {}] },
  ]);
  expect(Object.values(frame.meta)).toContain('trace');
});

interface Tag {
  key: string;
  value: unknown;
}

it('has notices about the clock of the session store, and about parents that were not found', async () => {
  const stored = await search({ services: ['ember/session-store'], limit: 1 }, CALM);
  const skewed = onlyFrame(await ask({ view: 'trace', traceId: String(stored.column('trace_id')[0]) }, CALM));
  const [notice] = noticesOf(skewed);
  expect(notice).toMatch(/^The clock of borealis-05 seems to be 4[12]\d ms ahead of borealis-02 \(1 span\)\./);
  const row = skewed.column('serviceName').indexOf('ember/session-store');
  expect(json(skewed.column('warnings')[row])[0]).toContain('The clock of borealis-05');

  const longer = { fromMs: NOW - 66 * MINUTE, toMs: NOW - 60 * MINUTE };
  const lost = await spans(
    "encode(trace_id, 'hex') AS id, encode(parent_span_id, 'hex') AS parent",
    "kind = 'SERVER' AND parent_span_id IS NOT NULL AND name = 'POST /v1/match' LIMIT 1",
    longer
  );
  const orphaned = onlyFrame(await ask({ view: 'trace', traceId: String(lost.column('id')[0]) }, longer));
  expect(noticesOf(orphaned)).toContain(
    'The parent of 1 span was not found. The span is shown as a root, with a warning.'
  );
  expect(orphaned.column('parentSpanID')).toContain(lost.column('parent')[0]);
  const rootless = await search(
    { attributes: [{ key: 'region', operator: '=', value: 'ap-south' }], limit: 1000 },
    longer
  );
  expect(noticesOf(rootless).at(-1)).toMatch(
    /^The roots? of \d+ traces? (was|were) not found\. The first span is shown instead\.$/
  );
});

it('finds a trace outside of the time range, with a notice', async () => {
  const [id] = (await search({ limit: 1 })).column('trace_id').map(String);
  const elsewhere = { fromMs: NOW - 5 * MINUTE, toMs: NOW };
  const frame = onlyFrame(await ask({ view: 'trace', traceId: id }, elsewhere));
  expect(frame.rowCount).toBeGreaterThan(0);
  expect(noticesOf(frame)[0]).toMatch(/^The trace is outside of the time range\. It starts at 20/);
  // The query with which Grafana's trace view opens a span of another trace.
  const linked = await ask({ view: 'trace', traceId: '00'.repeat(16) }, INCIDENT, { query: id });
  expect(onlyFrame(linked).column('traceID')[0]).toBe(id);
});

it('opens a trace if the query is only the id of the trace, as links of Loki and Prometheus send it', async () => {
  const [id] = (await search({ limit: 1 })).column('trace_id').map(String);
  for (const query of [{ query: id }, { query: `"${id.toUpperCase()}"`, queryType: 'traceql' }]) {
    const frame = onlyFrame(await runQuery(lab.plugin, lab.source, query, { range: INCIDENT }));
    expect(new Set(frame.column('traceID'))).toEqual(new Set([id]));
  }
  const short = await runQuery(lab.plugin, lab.source, { query: 'a'.repeat(16) }, { range: INCIDENT });
  expect(codeOf(short.error)).toBe('trace_not_found');
  expect(short.error).toContain('id of a span');
});

it('explains ids without a trace', async () => {
  const unknown = await ask({ view: 'trace', traceId: '00'.repeat(16) });
  expect([codeOf(unknown.error), unknown.status]).toEqual(['trace_not_found', 404]);
  expect(unknown.error).toContain('in 3 processes');
  for (const traceId of ['x', "' OR 1=1 --", 'ab'.repeat(15)]) {
    const invalid = await ask({ view: 'trace', traceId });
    expect(codeOf(invalid.error)).toBe('query_field_invalid');
    expect(invalid.error).toContain('32 or 16 hexadecimal digits');
  }
  const noProcess = await ask({ view: 'search', processId: "x'" });
  expect(codeOf(noProcess.error)).toBe('query_field_invalid');
  expect(noProcess.error).toContain("The id of a process is a UUID, not x'. Choose a process from the list");
});

interface Link {
  title: string;
  internal?: { query: MicromegasQueryFields };
}

/** Opens a link of a row as Explore does: replaces the variables in every string of the query. */
async function open(frame: ReadFrame, row: number, column: string, title: string, range = INCIDENT) {
  const links = (frame.config(column).links ?? []) as Link[];
  const link = links.find((candidate) => candidate.title === title);
  const valueOf = (name: string) => String(frame.column(name)[row]);
  const query: MicromegasQueryFields = JSON.parse(JSON.stringify(link?.internal?.query), (_key, part: unknown) =>
    typeof part === 'string'
      ? part
          .replaceAll('${__value.raw}', () => valueOf(column))
          .replace(/\$\{__data\.fields\["(\w+)"\]\}/g, (_, name: string) => valueOf(name))
      : part
  );
  const response = await runQuery(lab.plugin, lab.source, query, { range });
  expect(response.error).toBe('');
  return readFrames(response)[0];
}

it('links a found trace to its spans, and spans to the log lines of the trace, the span and the process', async () => {
  const message = await sql(
    `SELECT property_get(properties, 'otel.trace_id') AS trace, property_get(properties, 'otel.span_id') AS span, process_id FROM log_entries
      WHERE property_get(properties, 'otel.trace_id') IS NOT NULL AND level = 2 ORDER BY time DESC LIMIT 1`
  );
  const [trace, span] = [String(message.column('trace')[0]), message.column('span')[0]];
  const found = await search({ statuses: ['ERROR'], limit: 1000 });
  const at = found.column('trace_id').indexOf(trace);
  const frame = await open(found, at, 'trace_id', 'Trace');
  expect(frame.column('traceID')[0]).toBe(trace);
  const row = frame.column('spanID').indexOf(span);
  const beginMs = Number(frame.column('startTime')[row]);
  const ofSpan = { fromMs: Math.floor(beginMs), toMs: Math.ceil(beginMs + Number(frame.column('duration')[row])) };
  const linesOfTable = await open(found, at, 'errors', 'Logs of the trace');
  // The link to the lines of the trace has its own range, so the range of the pane has no effect.
  const nowhere = { fromMs: 0, toMs: 1 };
  const lines = await open(frame, row, 'traceID', 'Logs of the trace', nowhere);
  const traces = lines.column('labels').map((labels) => json(labels)['otel.trace_id']);
  expect(new Set(traces)).toEqual(new Set([trace]));
  expect(linesOfTable.column('labels')).toHaveLength(traces.length);
  const spanLines = await open(frame, row, 'spanID', 'Logs of the span', ofSpan);
  expect(json(spanLines.column('labels')[0])).toMatchObject({ 'otel.span_id': span });
  const processLines = await open(frame, row, 'sourceProcessId', 'Logs of the process', ofSpan);
  expect(processLines.rowCount).toBeGreaterThanOrEqual(spanLines.rowCount);
});

it('maps the calls between services', async () => {
  const [nodes, edges] = readFrames(await ask({ view: 'service-map' }));
  const pairs = edges
    .column('source')
    .map((source, row) => `${String(source)} > ${String(edges.column('target')[row])}`);
  expect([...pairs].sort()).toEqual([
    'ember/matchmaker > ember/session-store',
    'ember/matchmaker > nats',
    'ember/session-store > pg-sessions',
    'ember/web-gateway > ember/matchmaker',
  ]);
  const calls = await spans(
    'status',
    `exe = 'ember/matchmaker' AND kind = 'SERVER' AND start_time <= '${new Date(INCIDENT.toMs).toISOString()}'
      AND end_time >= '${new Date(INCIDENT.fromMs).toISOString()}'`
  );
  const failed = calls.column('status').filter((status) => status === 'ERROR').length;
  const call = pairs.indexOf('ember/web-gateway > ember/matchmaker');
  // The callers of a few calls are outside of the range.
  expect(Number(edges.column('detail__calls')[call])).toBeGreaterThan(calls.rowCount * 0.9);
  expect(Number(edges.column('detail__calls')[call])).toBeLessThanOrEqual(calls.rowCount);
  expect(Number(edges.column('detail__errors')[call])).toBeGreaterThan(failed * 0.9);
  const rate = Number(edges.column('mainstat')[call]);
  expect(rate * 30).toBeCloseTo(Number(edges.column('detail__calls')[call]), 5);
  const store = nodes.column('id').indexOf('pg-sessions');
  expect(nodes.column('isInstrumented')[store]).toBe(false);
  expect(nodes.column('service')[store]).toBeNull();
  const gateway = nodes.column('id').indexOf('ember/web-gateway');
  const errors = await open(nodes, gateway, 'service', 'Traces with errors');
  expect(errors.rowCount).toBeGreaterThan(0);
  expect((await open(nodes, gateway, 'service', 'Logs')).rowCount).toBeGreaterThan(0);

  const [near] = readFrames(await ask({ view: 'service-map', services: ['ember/session-store'] }));
  expect([...near.column('id')].sort()).toEqual(['ember/matchmaker', 'ember/session-store', 'pg-sessions']);
  const [none] = readFrames(await ask({ view: 'service-map', operations: ['nothing'] }));
  expect(none.rowCount).toBe(0);
});
