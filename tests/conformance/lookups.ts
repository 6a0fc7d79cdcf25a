/** Checks lookups of the built plugin with a real Micromegas, which has telemetry that the OpenTelemetry SDK sent. */
import assert from 'node:assert/strict';
import { type LookupResults, type LookupRequest, STREAM_TAGS } from '../../contract/resources/lookups';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { pluginContext, type Source } from '../support/plugin';
import { type Checklist } from './checklist';
import { GLOBAL_TABLES } from './grafana-modules';
import { SENT } from './otlp';
import { type RealLake } from './real-micromegas';

/** Sends a lookup, which must succeed. */
export async function lookup<R extends LookupRequest>(
  plugin: PluginProcess,
  source: Source,
  request: R,
  headers: Record<string, string> = {}
): Promise<LookupResults[R['kind']]> {
  const response = await plugin.callResource({
    context: pluginContext(source),
    path: 'lookup',
    method: 'POST',
    headers,
    body: Buffer.from(JSON.stringify(request)),
  });
  const body = Buffer.from(response.body).toString();
  assert.equal(response.status, 200, body);
  const payload: LookupResults[R['kind']] = JSON.parse(body);
  return payload;
}

function includes<T>(items: readonly T[], expected: readonly T[]): void {
  const missing = expected.filter((item) => !items.includes(item));
  assert.deepEqual(missing, [], `The list has only ${items.slice(0, 50).join(', ')}`);
}

export async function checkLookups(list: Checklist, { plugin, sources }: RealLake): Promise<void> {
  const nowMs = Date.now();
  const range = { fromMs: nowMs - 6 * 3_600_000, toMs: nowMs + 60_000 };
  const ask = <R extends LookupRequest>(request: R) => lookup(plugin, sources.apiKey, request);
  const valuesOf = async (table: string, column: string, more: { property?: string; search?: string } = {}) =>
    (await ask({ kind: 'values', table, column, range, ...more })).items.map(({ value }) => value);
  const keysOf = async (table: string, column: string, instanceId?: string) =>
    (await ask({ kind: 'property-keys', table, column, instanceId, range })).items.map(({ key }) => key);
  const processId = async () => (await ask({ kind: 'processes', search: SENT.exe, range })).items[0].processId;

  await list.check('lookups: view sets', async () => {
    const { items } = await ask({ kind: 'view-sets' });
    const global = items.filter(({ isGlobal }) => isGlobal).map(({ name }) => name);
    assert.deepEqual(global.sort(), [...GLOBAL_TABLES].sort());
    const instances = items.filter(({ hasInstances }) => hasInstances).map(({ name }) => name);
    includes(instances, ['log_entries', 'measures', 'thread_spans', 'async_events', 'otel_spans']);
  });
  await list.check('lookups: functions', async () => {
    const { items, help } = await ask({ kind: 'functions' });
    includes(items, ['avg', 'date_bin', 'property_get', 'view_instance', 'jsonb_object_keys']);
    assert.deepEqual(
      items.filter((name) => /^(retire|regenerate|materialize|deny|remove)_/.test(name)),
      []
    );
    assert.match(help.date_bin.syntax ?? '', /^date_bin\(/);
    assert.equal(help.view_instance.kind, 'table');
  });
  await list.check('lookups: processes', async () => {
    for (const search of [SENT.exe, SENT.computer.toUpperCase()]) {
      const { items } = await ask({ kind: 'processes', search, range });
      const found = items.find(({ exe }) => exe === SENT.exe);
      assert.equal(found?.computer, SENT.computer);
      assert.ok(found.startMs <= found.lastUpdateMs && found.lastUpdateMs > range.fromMs);
    }
  });
  await list.check('lookups: the kinds of telemetry that each process has', async () => {
    const { items } = await ask({ kind: 'telemetry', range });
    assert.deepEqual(items.find(({ exe }) => exe === SENT.exe)?.has, ['trace']);
    for (const tag of STREAM_TAGS) {
      const found = await ask({ kind: 'processes', has: tag, range });
      const expected = items.filter(({ has }) => has.includes(tag));
      assert.deepEqual(
        found.items.map(({ processId: id }) => id).toSorted(),
        expected.map(({ processId: id }) => id).toSorted()
      );
    }
  });
  await list.check('lookups: streams', async () => {
    const { items } = await ask({ kind: 'streams', processId: await processId() });
    includes(
      items.flatMap(({ tags }) => tags),
      ['log', 'metrics', 'trace']
    );
  });
  await list.check('lookups: measures', async () => {
    const measure = { name: SENT.gauge.name, unit: '{order}', target: SENT.target, exe: SENT.exe };
    for (const only of [{ search: SENT.exe }, { processId: await processId() }]) {
      const { items } = await ask({ kind: 'measures', range, ...only });
      assert.deepEqual(
        items.filter(({ name }) => name === measure.name),
        [measure]
      );
    }
  });
  await list.check('lookups: values of columns', async () => {
    includes(await valuesOf('log_entries', 'exe'), [SENT.exe]);
    includes(await valuesOf('log_entries', 'target'), [SENT.target]);
    includes(await valuesOf('log_entries', 'level'), ['1', '2', '3', '4', '5', '6']);
    includes(await valuesOf('measures', 'name', { search: 'QUEUE' }), [SENT.gauge.name]);
    includes(await valuesOf('log_entries', 'msg', { search: 'refused' }), ['payment refused']);
    includes(await valuesOf('blocks', 'streams.format'), ['otlp/v1/logs']);
  });
  await list.check('lookups: values of properties', async () => {
    includes(await valuesOf('log_entries', 'properties', { property: 'order' }), [SENT.attributes.order]);
    includes(await valuesOf('measures', 'properties', { property: 'currency' }), ['EUR']);
    const property = 'otel.resource.host.name';
    includes(await valuesOf('log_entries', 'process_properties', { property }), [SENT.computer]);
  });
  await list.check('lookups: property keys', async () => {
    includes(await keysOf('log_entries', 'properties'), Object.keys(SENT.attributes));
    includes(await keysOf('measures', 'properties'), ['currency']);
    includes(await keysOf('log_entries', 'process_properties'), ['otel.resource.host.name']);
    includes(await keysOf('otel_spans', 'properties', await processId()), Object.keys(SENT.attributes));
  });
  await list.check('lookups: quotes, wildcards and SQL in a search find nothing', async () => {
    for (const search of ["'", '%', '\\', "') OR 1=1 --"]) {
      assert.deepEqual((await ask({ kind: 'processes', search, range })).items, []);
    }
  });
}
