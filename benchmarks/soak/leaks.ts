/** Runs each kind of call many times, and compares the heap after a garbage collection. */
import { perfettoPath } from '../../contract/resources/perfetto';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { ADA, pluginContext, runQuery, type Source } from '../../tests/support/plugin';
import { metricValue } from '../../tests/support/metrics';
import { type Inspector } from '../inspected-plugin';
import { type ReplayedLakehouse } from './replayed-lakehouse';

/** Calls before the first measurement, in which caches and compiled code reach their size. */
const WARM_UP = 1000;
/** Fewer than the files that one data source may load at the same time. */
const AT_ONCE = 2;
const MINUTE_MS = 60_000;

const LINES = 'SELECT time, level, target, msg, process_id, properties FROM log_entries ORDER BY time DESC';
const SERIES = 'SELECT $__dateBin(time) AS time, exe, count(*) AS n FROM log_entries GROUP BY 1, 2 ORDER BY 1';
const DASHBOARD = { 'x-dashboard-uid': 'd', 'x-panel-id': '1' };

interface Call {
  name: string;
  model: MicromegasQueryFields;
  minutes?: number;
  headers?: Record<string, string>;
  fails?: boolean;
}

function queriesOf({ ids, startMs }: ReplayedLakehouse): Call[] {
  const logs: MicromegasQueryFields = { query: LINES, format: 'logs', rowLimit: 100 };
  const logContext = { processId: ids.process, time: ids.timeNs, marks: { text: ids.msg } };
  return [
    { name: 'table', model: { query: 'SELECT * FROM processes', format: 'table' } },
    { name: 'time series', model: { query: SERIES, format: 'time_series' } },
    { name: 'panel, refreshed in parts', model: { query: SERIES, format: 'time_series' }, headers: DASHBOARD },
    {
      name: 'filters',
      model: { query: SERIES, format: 'time_series', adHocFilters: [{ key: 'level', operator: '=', value: '4' }] },
    },
    { name: 'logs', model: logs },
    { name: 'log volume', model: { ...logs, supplementary: { type: 'logs-volume' } } },
    {
      name: 'page of logs',
      model: {
        ...logs,
        logPage: { direction: 'older', boundaryMs: startMs - 5 * MINUTE_MS, shown: 0, timeColumn: 'time' },
      },
    },
    {
      name: 'log context',
      model: {
        query: '',
        format: 'logs',
        logContext: { ...logContext, direction: 'before', scope: 'process', limit: 20 },
      },
    },
    { name: 'step of a live tail', model: { ...logs, tail: { kind: 'lines', ageSeconds: 60, limit: 100 } } },
    { name: 'trace search', model: { queryType: 'traces', traces: { view: 'search' } }, minutes: 10 },
    { name: 'trace', model: { queryType: 'traces', traces: { view: 'trace', traceId: ids.trace } } },
    { name: 'service map', model: { queryType: 'traces', traces: { view: 'service-map' } }, minutes: 10 },
    {
      name: 'flame graph',
      model: { queryType: 'profile', profile: { view: 'flame-graph', processId: ids.process } },
      minutes: 1,
    },
    {
      name: 'timeline',
      model: { queryType: 'profile', profile: { view: 'timeline', processId: ids.process } },
      minutes: 1,
    },
    { name: 'processes', model: { queryType: 'processes', processes: { view: 'list' } } },
    {
      name: 'tree of a process',
      model: { queryType: 'processes', processes: { view: 'tree', processId: ids.process } },
    },
    { name: 'what changed', model: { queryType: 'what-changed', 'what-changed': { scope: 'lakehouse' } } },
    { name: 'failed query', model: { query: 'SELECT * FROM no_such_table' }, fails: true },
    { name: 'rejected query', model: { query: 'DELETE FROM log_entries' }, fails: true },
  ];
}

type Run = (number: number) => Promise<void>;

/** The calls to measure. A call that has another outcome than expected rejects. */
function callsOf(plugin: PluginProcess, source: Source, lakehouse: ReplayedLakehouse): Map<string, Run> {
  const toMs = lakehouse.startMs;
  const calls = new Map<string, Run>();
  for (const { name, model, minutes = 60, headers, fails = false } of queriesOf(lakehouse)) {
    calls.set(name, async () => {
      const range = { fromMs: toMs - minutes * MINUTE_MS, toMs };
      const { error } = await runQuery(plugin, source, { version: 2, rawEditor: true, ...model }, { range, headers });
      if ((error !== '') !== fails) {
        throw new Error(`${name}: ${error === '' ? 'no error' : error}`);
      }
    });
  }
  const resource = (name: string, path: string) =>
    calls.set(name, async () => {
      const { status, body } = await plugin.callResource({
        context: pluginContext(source),
        path: path.split('?')[0],
        url: path,
      });
      if (status !== 200) {
        throw new Error(`${name}: ${status} ${Buffer.from(body).toString().slice(0, 500)}`);
      }
    });
  resource('tables', 'tables');
  resource('Perfetto trace', perfettoPath({ processId: lakehouse.ids.process, fromMs: toMs - MINUTE_MS, toMs }));
  calls.set('cancelled query', async (number) => {
    const signal = AbortSignal.timeout(number % 4);
    await runQuery(plugin, source, { version: 2, query: LINES, format: 'logs' }, { signal }).catch(() => undefined);
  });
  calls.set('Save & test', async (number) => {
    // Further checks of the same user get the result of the first check for a short time.
    const user = { ...ADA, login: `ada ${number}` };
    await plugin.checkHealth({ pluginContext: pluginContext({ ...source, user }) });
  });
  return calls;
}

async function repeat(run: Run, count: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      await run(next++);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export interface LeakOptions {
  count: number;
  only: readonly string[];
}

/** Prints the heap before and after the calls of each kind. */
export async function measureLeaks(
  { plugin, inspector }: { plugin: PluginProcess; inspector: Inspector },
  lakehouse: ReplayedLakehouse,
  { count, only }: LeakOptions
): Promise<void> {
  // Results are not shared, so that each call sends its statements.
  const jsonData = { host: lakehouse.host, selectedAuthType: 'none' as const, resultAgeSeconds: 0 };
  const source: Source = { jsonData, user: ADA };
  for (const [name, run] of callsOf(plugin, source, lakehouse)) {
    if (only.length > 0 && !only.some((part) => name.includes(part))) {
      continue;
    }
    await repeat(run, Math.min(WARM_UP, count));
    const before = await inspector.usedHeapBytes();
    const startedMs = performance.now();
    await repeat(run, count);
    const tookMs = (performance.now() - startedMs) / count;
    const after = await inspector.usedHeapBytes();
    const exposition = await plugin.collectMetrics();
    const held = metricValue(exposition, 'micromegas_memory_held_bytes');
    const running = metricValue(exposition, 'micromegas_queries_running');
    console.log(
      `${name.padEnd(26)} heap ${mb(before)} to ${mb(after)} MB, ${((after - before) / count).toFixed(0).padStart(6)} bytes per call, ` +
        `${tookMs.toFixed(1)} ms per call, held ${held} bytes, running ${running}`
    );
  }
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(2);
