/**
 * Checks that the views of a real Micromegas show telemetry that arrived three hours after its recorded time, and that
 * the search for traces reads each process once.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type LookupRequest, type ProcessInfo } from '../../contract/resources/lookups';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { eventually } from '../support/eventually';
import { type ReadFrame, readFrames } from '../support/frames';
import { pluginContext, runQuery } from '../support/plugin';
import { type Checklist } from './checklist';
import { type KeySources } from './sources';

const LATE_MS = 3 * 3_600_000;
const MINUTE_MS = 60_000;

interface Lake {
  plugin: PluginProcess;
  sources: KeySources;
  ingestion: string;
}

/** The sent span and line. */
const LATE = {
  exe: `late-${randomBytes(4).toString('hex')}`,
  traceId: randomBytes(16).toString('hex'),
  target: 'late.scope',
};

async function send(ingestion: string, atMs: number): Promise<void> {
  const ns = (ms: number) => String(BigInt(ms) * 1_000_000n);
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: LATE.exe } }] };
  const scope = { name: LATE.target };
  const span = {
    traceId: LATE.traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'GET /late',
    kind: 2,
    startTimeUnixNano: ns(atMs),
    endTimeUnixNano: ns(atMs + 50),
    status: { code: 2 },
  };
  const record = { timeUnixNano: ns(atMs), severityNumber: 17, body: { stringValue: 'late line' } };
  const bodies = {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] },
  };
  for (const [signal, body] of Object.entries(bodies)) {
    const response = await fetch(`${ingestion}/ingestion/otlp/v1/${signal}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(response.ok, await response.text());
  }
}

/** @param withinMs Maximum time until the server shows the sent telemetry. */
export async function checkLateTelemetry(
  list: Checklist,
  { plugin, sources, ingestion }: Lake,
  withinMs: number
): Promise<void> {
  const atMs = Date.now() - LATE_MS;
  const range = { fromMs: atMs - MINUTE_MS, toMs: atMs + MINUTE_MS };
  const ask = async (model: MicromegasQueryFields): Promise<ReadFrame[]> => {
    const response = await runQuery(plugin, sources.apiKey, model, { range });
    return response.error === '' ? readFrames(response) : assert.fail(response.error);
  };
  const isThere = await list.check('micromegas: a search finds a trace that arrived three hours late', async () => {
    await send(ingestion, atMs);
    const traces = { view: 'search' as const, services: [LATE.exe] };
    const frame = await eventually('The late trace', withinMs, async () => {
      const [found] = await ask({ queryType: 'traces', traces });
      return found.rowCount > 0 ? found : undefined;
    });
    assert.deepEqual(frame.column('trace_id'), [LATE.traceId]);
    assert.deepEqual(frame.column('status'), ['failed']);
    // The only process is found again for the range of the trace, but its spans are read once.
    const views = frame.meta.executedQueryString?.match(/view_instance\('otel_spans'/g) ?? [];
    assert.equal(views.length, 1);
  });
  if (!isThere) {
    return;
  }
  await list.check(
    'micromegas: one trace and the map of services show spans that arrived three hours late',
    async () => {
      const [trace] = await ask({ queryType: 'traces', traces: { view: 'trace', traceId: LATE.traceId } });
      assert.deepEqual(trace.column('operationName'), ['GET /late']);
      const [nodes] = await ask({ queryType: 'traces', traces: { view: 'service-map', services: [LATE.exe] } });
      assert.deepEqual(nodes.column('id'), [LATE.exe]);
    }
  );
  await list.check('micromegas: the list of processes has a process whose data arrived three hours late', async () => {
    const [frame] = await ask({ queryType: 'processes', processes: { view: 'list', exe: LATE.exe } });
    assert.deepEqual(frame.column('exe'), [LATE.exe]);
    assert.equal(frame.column('error')[0], 1);
  });
  const offered = async (request: LookupRequest): Promise<unknown> => {
    const { status, body } = await plugin.callResource({
      context: pluginContext(sources.apiKey),
      path: 'lookup',
      method: 'POST',
      body: Buffer.from(JSON.stringify(request)),
    });
    const answer = Buffer.from(body).toString();
    return status === 200 ? (JSON.parse(answer) as { items: unknown }).items : assert.fail(answer);
  };
  await list.check('micromegas: the lists of forms offer what arrived three hours late', async () => {
    const processes = await offered({ kind: 'processes', search: LATE.exe, range });
    assert.deepEqual(
      (processes as ProcessInfo[]).map(({ exe }) => exe),
      [LATE.exe]
    );
    for (const [column, value] of [
      ['exe', LATE.exe],
      ['target', LATE.target],
      ['msg', 'late line'],
    ]) {
      const values = await offered({ kind: 'values', table: 'log_entries', column, search: value, range });
      assert.deepEqual(values, [{ value }], column);
    }
  });
}
