/**
 * Tests that the built plugin reads Grafana's trace context in the metadata of a call, sends spans to the collector,
 * and passes the context on to Micromegas.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlugin, type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { startMicromegas, type Micromegas } from '../fakes/micromegas';
import { startOtlpCollector, type CollectedSpan, type OtlpCollector } from '../fakes/otlp-collector';
import {
  ADA,
  copyBackend,
  dataQuery,
  launcherPath,
  NODE_ENVIRONMENT,
  pluginContext,
  startBuiltPlugin,
  type Source,
} from '../support/plugin';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SAMPLED = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' };
const SQL = "SELECT range AS n, 'needle-in-sql' AS t FROM range(20)";
/** Milliseconds until spans are sent. The default is 5 s. */
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '20' };
const PANEL = { 'http_X-Dashboard-Uid': 'sales', 'http_X-Panel-Id': '7' };

let micromegas: Micromegas;
let collector: OtlpCollector;

beforeAll(async () => {
  [micromegas, collector] = await Promise.all([startMicromegas({}), startOtlpCollector()]);
}, 60_000);

beforeEach(() => {
  micromegas.calls.length = 0;
  collector.spans.length = 0;
  collector.raw.length = 0;
});

afterAll(async () => {
  collector.close();
  await micromegas.close();
});

const lake = (): Source => ({
  uid: 'lake',
  // With the result age 0, each query sends its statement, even if an equal query ran before.
  jsonData: { host: micromegas.address, selectedAuthType: 'none', resultAgeSeconds: 0 },
  user: ADA,
});

async function ask(plugin: PluginProcess, query: string, metadata: Record<string, string> = SAMPLED) {
  const request = {
    pluginContext: pluginContext(lake()),
    headers: PANEL,
    queries: [dataQuery('A', { version: 2, autoLimit: false, timeFilter: false, query })],
  };
  return (await plugin.queryData(request, { metadata })).responses.A;
}

const named = (name: string) => (spans: readonly CollectedSpan[]) => spans.find((span) => span.name === name);
const childrenOf = ({ spanId }: CollectedSpan) => collector.spans.filter((span) => span.parentSpanId === spanId);
const sentTrace = () =>
  micromegas.calls.map(({ headers: { traceparent, tracestate } }) => ({ traceparent, tracestate }));

describe('with a collector', () => {
  let plugin: PluginProcess;

  beforeAll(async () => {
    plugin = await startBuiltPlugin({
      ...SOON,
      GF_INSTANCE_OTLP_ADDRESS: collector.address,
      GF_INSTANCE_OTLP_SAMPLER_TYPE: 'const',
      GF_INSTANCE_OTLP_SAMPLER_PARAM: '0.000000',
      GF_PLUGIN_VERSION: '9.8.7',
    });
  });

  afterAll(() => plugin.shutdown());

  it('a query is a span in the trace of Grafana, its stages are children, and Micromegas continues the trace', async () => {
    expect((await ask(plugin, SQL)).status).toBe(200);
    const span = await collector.waitFor(named('micromegas.query'));
    expect(span).toMatchObject({
      traceId: TRACE,
      parentSpanId: PARENT,
      traceState: 'vendor=1',
      kind: 3,
      status: 0,
      resource: { 'service.name': 'micromegas-micromegas-datasource', 'service.version': '9.8.7', 'telemetry.sdk.name': 'opentelemetry' }, // prettier-ignore
    });
    expect(span.attributes).toEqual({
      'db.system.name': 'micromegas',
      'server.address': '127.0.0.1',
      'server.port': micromegas.port,
      'db.response.returned_rows': 20,
      org_id: 1,
      datasource_uid: 'lake',
      'grafana.dashboard.uid': 'sales',
      'grafana.panel.id': '7',
      'micromegas.entrypoint': 'dashboard',
      'micromegas.format': 'table',
      'micromegas.frame_bytes': expect.any(Number),
      'micromegas.ref_id': 'A',
    });
    const stages = childrenOf(span);
    expect(stages.map(({ name }) => name).sort()).toEqual(['convert', 'first_batch', 'receive', 'send']);
    for (const { startNs, endNs } of stages) {
      expect(startNs >= span.startNs && startNs <= endNs && endNs <= span.endNs).toBe(true);
    }
    expect(sentTrace()).toEqual([{ traceparent: `00-${TRACE}-${span.spanId}-01`, tracestate: 'vendor=1' }]);
  });

  it('a failed query has its error code, and no message of the error', async () => {
    await ask(plugin, 'SELECT nope AS "needle-in-sql" FROM log_entries WHERE msg = \'needle-in-sql\'');
    const span = await collector.waitFor(named('micromegas.query'));
    expect(span).toMatchObject({ status: 2, statusMessage: 'query_invalid' });
    expect(span.attributes).toMatchObject({
      'error.type': 'query_invalid',
      'micromegas.query_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('a response in parts is one span', async () => {
    const queries = [dataQuery('B', { version: 2, autoLimit: false, timeFilter: false, query: SQL })];
    await plugin.queryChunkedData({ pluginContext: pluginContext(lake()), queries }, { metadata: SAMPLED });
    const span = await collector.waitFor(named('micromegas.query'));
    expect(span.attributes).toMatchObject({ 'db.response.returned_rows': 20, 'micromegas.ref_id': 'B' });
    expect(childrenOf(span).map(({ name }) => name)).toContain('send');
  });

  it('Save & test and resource calls are spans, and Micromegas gets them as parents', async () => {
    await plugin.checkHealth({ pluginContext: pluginContext(lake()) }, { metadata: SAMPLED });
    const check = await collector.waitFor(named('micromegas.check_health'));
    expect(check).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2, status: 0 });
    expect(new Set(sentTrace().map(({ traceparent }) => traceparent))).toEqual(
      new Set([`00-${TRACE}-${check.spanId}-01`])
    );
    await plugin.callResource({ context: pluginContext(lake()), path: 'secret-path' }, { metadata: SAMPLED });
    const call = await collector.waitFor(named('micromegas.call_resource'));
    expect(call).toMatchObject({ parentSpanId: PARENT, status: 2, statusMessage: '404' });
    expect(call.attributes).toMatchObject({ 'micromegas.resource': 'other', datasource_uid: 'lake' });
  });

  it('reads the trace context of Jaeger', async () => {
    await ask(plugin, SQL, { 'uber-trace-id': `${TRACE}:${PARENT}:0:1` });
    expect(await collector.waitFor(named('micromegas.query'))).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
  });

  it('sends only spans of queries that Grafana or the sampler samples, and passes on the trace context of all queries', async () => {
    await ask(plugin, SQL, { traceparent: `00-${TRACE}-${PARENT}-00` });
    await ask(plugin, SQL, {});
    // Spans are sent in order, so the span of this query would arrive after the spans of the other queries.
    await ask(plugin, SQL, { traceparent: `00-${'a'.repeat(32)}-${PARENT}-01` });
    await collector.waitFor((spans) => spans.find(({ traceId }) => traceId === 'a'.repeat(32)));
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set(['a'.repeat(32)]));
    const [unsampled, started] = sentTrace();
    expect(unsampled.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`));
    expect(started.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it('sends neither SQL nor users nor values', async () => {
    await ask(plugin, SQL);
    await ask(plugin, "SELECT 'needle-in-sql' FROM nowhere");
    await collector.waitFor((spans) => (spans.filter(({ name }) => name === 'micromegas.query').length === 2 ? true : undefined)); // prettier-ignore
    const sent = Buffer.concat(collector.raw).toString('latin1');
    expect(sent).toContain('micromegas.query');
    expect(sent).not.toMatch(/needle|ada|lovelace|select|nowhere/i);
  });
});

it('sends the spans of the last queries before the process exits', async () => {
  // As in Go programs, the HTTP proxy of the environment is not used for a collector on this machine.
  const env = { GF_INSTANCE_OTLP_ADDRESS: collector.address, http_proxy: 'http://127.0.0.1:1' };
  const plugin = await startBuiltPlugin(env);
  await ask(plugin, SQL);
  expect(collector.spans).toEqual([]);
  expect(await plugin.shutdown()).toMatchObject({ graceful: true });
  expect(named('micromegas.query')(collector.spans)).toBeDefined();
  // The log lines of a query have the id of its trace.
  expect(plugin.logs.find(({ raw }) => raw.includes('A query was completed'))?.raw).toContain(`"traceId":"${TRACE}"`);
});

describe('the file tracing.cjs', () => {
  let folder: string;
  let executable: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mm-tracing-'));
    executable = copyBackend(folder);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("is not needed if tracing is off, and Grafana's trace context is passed on", async () => {
    const plugin = await startPlugin({ executable, env: NODE_ENVIRONMENT });
    expect((await ask(plugin, SQL)).status).toBe(200);
    expect(sentTrace()).toEqual([SAMPLED]);
    await plugin.shutdown();
    expect(plugin.logs.filter(({ raw }) => /"@level":"(warn|error)"/.test(raw))).toEqual([]);
    expect(plugin.logs.find(({ raw }) => raw.includes('A query was completed'))?.raw).toContain(TRACE);
  });

  it('is read at the start only, so that the folder can be replaced', async () => {
    copyBackend(folder, ['tracing.cjs']);
    const env = { ...NODE_ENVIRONMENT, GF_INSTANCE_OTLP_ADDRESS: collector.address };
    const plugin = await startPlugin({ executable, env });
    rmSync(join(folder, 'tracing.cjs'));
    await ask(plugin, SQL);
    await plugin.shutdown();
    expect(named('micromegas.query')(collector.spans)).toBeDefined();
  });

  it('is reported if it is missing, and queries run', async () => {
    const env = { ...NODE_ENVIRONMENT, GF_INSTANCE_OTLP_ADDRESS: collector.address };
    const plugin = await startPlugin({ executable, env });
    expect((await ask(plugin, SQL)).status).toBe(200);
    await plugin.shutdown();
    expect(plugin.logs.some(({ raw }) => raw.includes('Tracing is off, because it could not be started'))).toBe(true);
  });
});

it('logs a warning if the collector is down, and delays neither queries nor the exit', async () => {
  const down = await startOtlpCollector();
  down.close();
  const warned = Promise.withResolvers<string>();
  const plugin = await startPlugin({
    executable: launcherPath(),
    env: {
      ...NODE_ENVIRONMENT,
      ...SOON,
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '100',
      GF_INSTANCE_OTLP_ADDRESS: down.address,
    },
    onLog: ({ raw }) => {
      if (raw.includes('Traces could not be sent')) {
        warned.resolve(raw);
      }
    },
  });
  expect((await ask(plugin, SQL)).status).toBe(200);
  expect(await warned.promise).toContain('"@level":"warn"');
  // The plugin cannot send these spans either, but logs no second warning.
  expect((await ask(plugin, SQL)).status).toBe(200);
  const { graceful } = await plugin.shutdown();
  expect(graceful).toBe(true);
  expect(plugin.logs.filter(({ raw }) => raw.includes('Traces could not be sent'))).toHaveLength(1);
});
