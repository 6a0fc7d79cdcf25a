import { ERRORS, type ErrorEntry } from '../../base/errors/catalogue';
import { type QuerySummary } from '../telemetry/query-summary';
import { PLUGIN_VERSION } from '../../base/version';
import { createMetrics, type Metrics } from './metrics';

const QUERY: QuerySummary = {
  refId: 'A',
  format: 'table',
  code: 'ok',
  startedMs: 0,
  durationMs: 40,
  rows: 3,
  bytes: 100,
  stagesMs: {},
  orgId: 1,
};

/** The values of all samples by name and labels, without the label `backend` and the buckets of histograms. */
async function samples(metrics: Metrics): Promise<Record<string, number>> {
  const rendered = (await metrics.render()).replace(/\{backend="\w+"\}|,backend="\w+"|backend="\w+",/g, '');
  const lines = rendered.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const pairs = lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))] as const);
  return Object.fromEntries(pairs.filter(([name]) => !name.includes('_bucket')));
}

it('counts queries, and the time in each stage that a query reached', async () => {
  const metrics = createMetrics();
  metrics.queryStarted();
  metrics.queryStarted();
  metrics.queryEnded({ ...QUERY, stagesMs: { memory: 250, first_batch: 1500 } });
  expect(await samples(metrics)).toMatchObject({ micromegas_queries_running: 1 });
  metrics.queryEnded({ ...QUERY, code: 'query_timeout', rows: 0, bytes: 0, stagesMs: { memory: 250 } });
  const found = await samples(metrics);
  expect(found).toMatchObject({
    micromegas_queries_running: 0,
    'micromegas_queries_total{format="table",code="ok"}': 1,
    'micromegas_queries_total{format="table",code="query_timeout"}': 1,
    'micromegas_query_duration_seconds_sum{format="table"}': 0.08,
    'micromegas_query_stage_duration_seconds_count{stage="first_batch"}': 1,
    'micromegas_query_stage_duration_seconds_sum{stage="first_batch"}': 1.5,
    'micromegas_query_stage_duration_seconds_sum{stage="memory"}': 0.5,
    micromegas_rows_total: 3,
    micromegas_frame_bytes_total: 100,
  });
  expect(found).not.toHaveProperty('micromegas_query_stage_duration_seconds_count{stage="token"}');
});

it('counts outcomes by code from 0, so that the first failure is an increase', async () => {
  const metrics = createMetrics();
  const outcomes = async () =>
    Object.entries(await samples(metrics)).filter(([name]) => name.startsWith('micromegas_query_outcomes_total'));
  const sample = (code: string, mendedBy: string) =>
    `micromegas_query_outcomes_total{code="${code}",mended_by="${mendedBy}"}`;
  const errors = Object.entries<ErrorEntry>(ERRORS).map(([code, { mendedBy }]) => sample(code, mendedBy));
  const labels = [sample('ok', 'none'), ...errors];
  expect(await outcomes()).toEqual(labels.map((name) => [name, 0]));
  metrics.queryStarted();
  metrics.queryEnded(QUERY);
  metrics.queryStarted();
  metrics.queryEnded({ ...QUERY, format: 'traces', code: 'query_timeout' });
  const ended = [sample('ok', 'none'), sample('query_timeout', 'operator')];
  expect(await outcomes()).toEqual(labels.map((name) => [name, ended.includes(name) ? 1 : 0]));
});

it('has the same label `backend` in all samples of a process, and another one for another process', async () => {
  const [first, second] = [createMetrics(), createMetrics()];
  const backendsOf = async (metrics: Metrics) => {
    const lines = (await metrics.render()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Set(lines.map((line) => /[{,]backend="(\w{8})"[},]/.exec(line)?.[1]));
  };
  const [[one, ...others], [two]] = [[...(await backendsOf(first))], [...(await backendsOf(second))]];
  expect(one).toMatch(/^\w{8}$/);
  expect(others).toEqual([]);
  expect(await backendsOf(first)).toEqual(new Set([one]));
  expect(two).not.toBe(one);
});

it('counts rejections by the provider, rejections by Micromegas and outages separately', async () => {
  const metrics = createMetrics();
  metrics.tokenRequested({ reason: 'first', code: 'provider_refused', durationMs: 10 });
  metrics.tokenRequested({ reason: 'retry', code: 'provider_down', durationMs: 10 });
  metrics.tokenRequested({ reason: 'retry', code: 'ok', durationMs: 20 });
  metrics.tokenRejected('service_account');
  metrics.callRepeated();
  metrics.tokenRejected('api_key');
  expect(await samples(metrics)).toMatchObject({
    'micromegas_token_requests_total{reason="first",code="provider_refused"}': 1,
    'micromegas_token_requests_total{reason="retry",code="provider_down"}': 1,
    'micromegas_token_requests_total{reason="retry",code="ok"}': 1,
    micromegas_token_request_duration_seconds_sum: 0.04,
    'micromegas_token_refusals_total{by="provider",credential="service_account"}': 1,
    'micromegas_token_refusals_total{by="micromegas",credential="service_account"}': 1,
    'micromegas_token_refusals_total{by="micromegas",credential="api_key"}': 1,
    micromegas_token_retries_total: 1,
  });
});

it('shows the memory budget at the time of rendering, and counts waits', async () => {
  const metrics = createMetrics();
  const budget = { totalBytes: 1000, heldBytes: 0, waiting: 0 };
  metrics.watchMemory(budget);
  budget.heldBytes = 700;
  budget.waiting = 2;
  metrics.memoryWaited(500);
  metrics.memoryWaited(1000);
  // The system's clock was set back.
  metrics.memoryWaited(-1000);
  metrics.memoryRejected();
  expect(await samples(metrics)).toMatchObject({
    micromegas_memory_budget_bytes: 1000,
    micromegas_memory_held_bytes: 700,
    micromegas_memory_waiting_queries: 2,
    micromegas_memory_waits_total: 3,
    micromegas_memory_wait_seconds_total: 1.5,
    micromegas_memory_refusals_total: 1,
  });
});

it('counts connections', async () => {
  const { connections, ...metrics } = createMetrics();
  connections.opened();
  connections.opened();
  connections.opened();
  connections.ended('closed');
  connections.ended('lost');
  connections.failed();
  expect(await samples({ connections, ...metrics })).toMatchObject({
    micromegas_connections_open: 1,
    micromegas_connections_opened_total: 3,
    micromegas_connections_lost_total: 1,
    micromegas_connections_failed_total: 1,
  });
});

it('measures the event loop only while queries run', () => {
  jest.useFakeTimers();
  try {
    const metrics = createMetrics();
    const idleTimers = jest.getTimerCount();
    metrics.queryStarted();
    metrics.queryStarted();
    metrics.queryEnded(QUERY);
    expect(jest.getTimerCount()).toBe(idleTimers + 1);
    metrics.queryEnded(QUERY);
    expect(jest.getTimerCount()).toBe(idleTimers);
  } finally {
    jest.useRealTimers();
  }
});

it('names the versions of the plugin and of Node.js', async () => {
  const info = Object.entries(await samples(createMetrics())).filter(([name]) =>
    name.startsWith('micromegas_plugin_info')
  );
  expect(info).toEqual([[`micromegas_plugin_info{version="${PLUGIN_VERSION}",node="${process.versions.node}"}`, 1]]);
});

it('counts each garbage collection', async () => {
  const metrics = createMetrics();
  const kept: unknown[] = [];
  // Collections of one turn of the event loop are reported together.
  for (let round = 0; round < 3_000_000; round++) {
    kept[round % 100] = { round };
  }
  let collections = 0;
  for (let turn = 0; turn < 100 && collections < 2; turn++) {
    await new Promise(setImmediate);
    collections = (await samples(metrics))['nodejs_gc_duration_seconds_count{kind="minor"}'] ?? 0;
  }
  expect(collections).toBeGreaterThanOrEqual(2);
});
