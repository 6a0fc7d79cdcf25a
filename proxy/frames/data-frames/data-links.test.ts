import { Binary, Dictionary, Float64, Int32, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { queryProblem } from '../../../contract/queries/query-bounds';
import { readQuery } from '../../../contract/queries/query';
import { viewRequestOf } from '../../../contract/query-types/view-request';
import { buildOne, columnOf, messagesOf, type ReadField, type ReadFrame, timeColumn } from './testing/arrow-messages';
import { shortJsonb } from './testing/short-jsonb';

const TARGET = { uid: 'lake', name: 'Micromegas', range: { fromMs: 0, toMs: 3_600_000 } };

interface Link {
  title: string;
  url: string;
  internal: { datasourceUid: string; datasourceName: string; query: Record<string, unknown> };
}

const strings = (...values: string[]) => vectorFromArray(values, new Dictionary(new Utf8(), new Int32()));

function table(columns: Record<string, unknown>, options = {}): Promise<ReadFrame> {
  return buildOne(messagesOf(new Table(columns as never)), { linkTarget: TARGET, ...options });
}

const linksOf = ({ config }: ReadField): Link[] => (config?.links ?? []) as Link[];
const fieldNamed = ({ fields }: ReadFrame, name: string) => fields.find((field) => field.name === name);

async function linksFrom(column: string): Promise<Link[]> {
  const frame = await table({ [column]: strings('a') });
  return linksOf(frame.fields[0]);
}

const PROCESS_LINKS = ['Logs', 'Metrics', 'Flame graph', 'Process'];

const LINE = { time: timeColumn([1n]), msg: strings('m') };

/** Links of a column of log lines. */
async function lineLinksFrom(column: string): Promise<Link[]> {
  const frame = await table({ ...LINE, [column]: strings('a') }, { format: 'logs' });
  const names: Record<string, string> = { parent_process_id: 'parent_process', trace_id: 'trace' };
  return linksOf(fieldNamed(frame, names[column] ?? column)!);
}

it.each([
  ['process_id', 'The process'],
  ['parent_process_id', 'The process'],
  ['stream_id', 'Logs of the stream'],
  ['trace_id', 'The trace'],
])(
  'sets one link on %s in tables, because Grafana shows a cell with several links as plain text',
  async (column, title) => {
    expect((await linksFrom(column)).map((link) => link.title)).toEqual([title]);
  }
);

it.each([
  ['parent_process_id', PROCESS_LINKS, 'process_id'],
  ['stream_id', ['Logs', 'Stream'], 'stream_id'],
  ['trace_id', ['Trace', 'Logs'], 'properties.otel.trace_id'],
])('links %s of a log line to the rows with this id', async (column, titles, key) => {
  const links = await lineLinksFrom(column);
  expect(links.map(({ title }) => title)).toEqual(titles);
  for (const { internal, url } of links) {
    expect(url).toBe('');
    expect(internal).toMatchObject({ datasourceUid: 'lake', datasourceName: 'Micromegas' });
    expect(internal.query.filters ?? []).toEqual(
      internal.query.queryType === undefined ? [{ key, operator: '=', value: '${__value.raw}' }] : []
    );
  }
});

it.each(['parent_process_id', 'stream_id', 'trace_id'])(
  'puts the value of %s into a filter or a request, not into the SQL',
  async (column) => {
    const links = [...(await linksFrom(column)), ...(await lineLinksFrom(column))];
    for (const { internal } of links) {
      const { filters, traces, profile, processes, ...others } = internal.query;
      expect(JSON.stringify([filters, traces, profile, processes])).toContain('${__value.raw}');
      expect(JSON.stringify(others)).not.toContain('${');
      // Explore hides links with macros other than `$__timeFilter`.
      expect(JSON.stringify(others)).not.toMatch(/\$__(?!timeFilter\()/);
      expect(queryProblem(internal.query)).toBeUndefined();
      const isSql = internal.query.query !== undefined;
      expect(viewRequestOf(internal.query) === undefined).toBe(isSql);
      expect(isSql && readQuery(internal.query).autoLimit).toBe(false);
    }
  }
);

it('links to metrics whose series have at most 300 points in the range of the result', async () => {
  const [, metrics] = await lineLinksFrom('parent_process_id');
  expect(metrics.internal.query.query).toContain("date_bin(interval '12 second', time)");
});

it('keeps the display options of the column, and sets no links on other columns', async () => {
  const frame = await table({
    process_id: strings('a'),
    level: columnOf(new Int32(), Int32Array.of(2)),
    value: vectorFromArray([1], new Float64()),
    unit: strings('ms'),
    exe: strings('a'),
  });
  expect(frame.fields.map((field) => linksOf(field).length)).toEqual([1, 0, 0, 0, 0]);
  expect(fieldNamed(frame, 'level')?.config).toHaveProperty('mappings');
  expect(fieldNamed(frame, 'value')?.config).toEqual({ unit: 'ms' });
});

it('sets no links on binary ids, because Grafana shows them in another notation than the server', async () => {
  const frame = await table({ trace_id: vectorFromArray([Uint8Array.of(1, 2, 3)], new Binary()) });
  expect(frame.fields.map(linksOf)).toEqual([[]]);
});

it('sets no links on a column with the name of an object method', async () => {
  expect(await linksFrom('toString')).toEqual([]);
});

it('sets no links if Grafana sent no data source', async () => {
  const frame = await table({ process_id: strings('a') }, { linkTarget: undefined });
  expect(frame.fields.map(({ config }) => config)).toEqual([undefined]);
});

describe('links of log lines', () => {
  const lines = { time: timeColumn([1n, 2n]), msg: strings('m', 'n'), exe: strings('a', 'a') };
  const logs = (columns: object, options = {}) => table({ ...lines, ...columns }, { format: 'logs', ...options });

  it('are on separate fields, in addition to the labels', async () => {
    const frame = await logs({ process_id: strings('p', 'q'), stream_id: strings('s', 't') });
    const process = fieldNamed(frame, 'process');
    expect(process?.values).toEqual(['p', 'q']);
    const links = process && linksOf(process);
    expect(links?.map(({ title }) => title)).toEqual([...PROCESS_LINKS, 'Threads', 'What changed']);
    expect(links?.[0].internal).toMatchObject({
      query: {
        timeFilter: false,
        // The query reads the newest rows of its range up to the row limit, so the range ends soon after the line.
        rowLimit: 5000,
        filters: [
          { key: 'process_id', operator: '=', value: '${__value.raw}' },
          { key: 'time', operator: '>=', value: '${__data.fields[0].numeric}-5m' },
          { key: 'time', operator: '<=', value: '${__data.fields[0].numeric}+10s' },
        ],
      },
      panelsState: { logs: { id: 'A_${__data.fields.id}', displayedFields: ['exe', 'target', '___LOG_LINE_BODY___'] } },
    });
    expect(links?.at(-1)?.internal.query).toMatchObject({
      'what-changed': { processIds: ['${__value.raw}'], atMs: '${__data.fields[0].numeric}' },
    });
    expect(links?.at(-2)?.internal.query).toMatchObject({
      queryType: 'profile',
      profile: { beginNs: '${__data.fields[0].numeric}000000', endNs: '${__data.fields[0].numeric}999999' },
    });
    expect(frame.fields[0].name).toBe('timestamp');
    expect(fieldNamed(frame, 'stream_id')?.config).toHaveProperty('links');
    expect(fieldNamed(frame, 'labels')?.values.map(String)).toEqual([
      '{"exe":"a","process_id":"p"}',
      '{"exe":"a","process_id":"q"}',
    ]);
    expect(fieldNamed(frame, 'exe')).toBeUndefined();
  });

  it('are on fields whose names are no labels, because Grafana would count the lines of such a name twice', async () => {
    const frame = await logs({ process_id: strings('p', 'q'), trace_id: strings('x', 'y') });
    const labels = Object.keys(JSON.parse(String(fieldNamed(frame, 'labels')?.values[0])) as object);
    expect(labels).toEqual(expect.arrayContaining(['process_id', 'trace_id']));
    expect(frame.fields.map(({ name }) => name).filter((name) => labels.includes(name))).toEqual([]);
  });

  it('are on fields with the trace and the span from the properties', async () => {
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00F067AA0BA902B7'];
    const bags: Array<Record<string, string>> = [
      { 'otel.trace_id': trace, 'otel.span_id': span, a: 'b' },
      { 'otel.trace_id': 'none' },
    ];
    const frame = await logs({ properties: vectorFromArray(bags.map(shortJsonb), new Binary()) });
    const field = fieldNamed(frame, 'trace_id');
    expect(field?.values).toEqual([trace, null]);
    expect(fieldNamed(frame, 'span_id')?.values).toEqual([span, null]);
    expect(field && linksOf(field)).toMatchObject([
      { title: 'Trace', internal: { panelsState: { trace: { spanId: '${__data.fields.span_id}' } } } },
      { title: 'Logs' },
    ]);
    expect(fieldNamed(frame, 'labels')?.values.map((json) => JSON.parse(String(json)) as unknown)).toEqual(
      bags.map((bag) => ({ exe: 'a', ...bag }))
    );
  });

  it('add the fields of trace and span even if no line has a trace, so that all pages have the same fields', async () => {
    const frame = await logs({ properties: vectorFromArray([null, shortJsonb({ a: 'b' })], new Binary()) });
    expect(fieldNamed(frame, 'trace_id')?.values).toEqual([null, null]);
    expect(fieldNamed(frame, 'span_id')?.values).toEqual([null, null]);
  });

  it('need no additional fields if the query has a column with the trace', async () => {
    const properties = vectorFromArray([shortJsonb({ 'otel.trace_id': '0'.repeat(32) }), null], new Binary());
    const frame = await logs({ trace_id: strings('x', 'y'), properties });
    const fields = frame.fields.filter(({ name }) => /trace|span/.test(name));
    expect(fields.map(({ name, values }) => ({ name, values }))).toEqual([{ name: 'trace', values: ['x', 'y'] }]);
  });

  it('are missing if Grafana sent no data source', async () => {
    expect(
      fieldNamed(await logs({ process_id: strings('p', 'q') }, { linkTarget: undefined }), 'process')
    ).toBeUndefined();
  });
});
