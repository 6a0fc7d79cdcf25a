/**
 * Tests the limits on the open statements of a data source and on the length of the time range. The server responds
 * when a test tells it to.
 */
import { startPlugin } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import { finish, flightData } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { emptyTable } from '../../proxy/views/lake-reader/testing/table-of';
import { PROCESS_COLUMNS } from '../../proxy/views/processes/process-row';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { GRACE, type HeldStatement, respond, useHeldStatements } from '../support/held-statements';
import { metricValue } from '../support/metrics';
import { ADA, dataQuery, launcherPath, NODE_ENVIRONMENT, pluginContext } from '../support/plugin';

const HOUR_MS = 3_600_000;

const held = useHeldStatements();
const { arrivals } = held;

interface Panel {
  settings?: object;
  user?: typeof ADA;
  dashboard?: string;
  hours?: number;
  model?: object;
}

/** Runs a query with the SQL `SELECT '<name>'`. Each set of settings has its own data source. */
async function run(
  name: string,
  { settings = {}, user = ADA, dashboard = 'sales', hours = 1, model }: Panel,
  process = held.plugin
): Promise<DataResponse> {
  const range = { fromMs: 0, toMs: hours * HOUR_MS };
  const query = { version: 2, query: `SELECT '${name}'`, ...model };
  const { responses } = await process.queryData({
    pluginContext: pluginContext({
      uid: JSON.stringify(settings),
      jsonData: { ...held.settings, ...settings },
      user,
    }),
    headers: { 'http_X-Dashboard-Uid': dashboard },
    queries: [dataQuery('A', query, { range })],
  });
  return responses.A;
}

/** The name of the query of a statement. Undefined for statements of a query without SQL. */
function nameOf({ ticket }: HeldStatement): string | undefined {
  return /SELECT '([^']*)'/.exec(ticket)?.[1];
}

function hasArrived(name: string): boolean {
  return held.arrived.some((statement) => nameOf(statement) === name);
}

/** Responds to the statement of the query with this name. */
function end(name: string): void {
  respond(held.arrived.find((statement) => nameOf(statement) === name)!);
}

function statNames(response: DataResponse): string[] {
  const { stats } = onlyFrame(response).meta as { stats?: Array<{ displayName: string }> };
  return (stats ?? []).map(({ displayName }) => displayName);
}

it('opens as many statements as the setting allows, and shows how long the other queries waited', async () => {
  const settings = { maxStatements: 2 };
  const running = ['a', 'b', 'c'].map((name) => run(name, { settings }));
  await arrivals(2);
  // When this call has completed, the third query waits for a slot.
  await held.plugin.collectMetrics();
  expect(held.arrived).toHaveLength(2);
  held.arrived.forEach((statement) => respond(statement));
  await arrivals(3);
  respond(held.arrived[2]);
  const responses = await Promise.all(running);
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  const waited = responses.filter((response) => statNames(response).includes('Time waiting for other queries'));
  expect(waited).toHaveLength(1);
  const metrics = await held.plugin.collectMetrics();
  expect(metricValue(metrics, 'micromegas_query_stage_duration_seconds_count', 'stage="queue"')).toBe(1);
});

it('shows how long a query without SQL waited', async () => {
  const settings = { maxStatements: 1 };
  const first = run('a', { settings });
  await arrivals(1);
  const processes = run('', { settings, model: { query: '', queryType: 'processes', processes: { view: 'list' } } });
  // When this call has completed, the second query waits for a slot.
  await held.plugin.collectMetrics();
  end('a');
  await arrivals(2);
  const [schema] = messagesOf(emptyTable(PROCESS_COLUMNS));
  finish(held.arrived[1].call, flightData(schema.header, schema.body));
  expect(statNames(await processes)).toContain('Time waiting for other queries');
  expect(statNames(await first)).not.toContain('Time waiting for other queries');
});

it('runs the query of another user before the other panels of the first user', async () => {
  const settings = { maxStatements: 2, serverName: 'turns' };
  const running = ['a', 'b', 'c', 'd'].map((name) => run(name, { settings }));
  await arrivals(2);
  running.push(run('grace', { settings, user: GRACE }));
  await held.plugin.collectMetrics();
  end('a');
  await arrivals(3);
  expect(nameOf(held.arrived[2])).toBe('grace');
  for (const name of ['b', 'grace', 'c', 'd']) {
    if (!hasArrived(name)) {
      await arrivals(held.arrived.length + 1);
    }
    end(name);
  }
  await Promise.all(running);
});

it('sends the query of another user first, even if the first user has many more queries and memory is scarce', async () => {
  const settings = { maxStatements: 2, serverName: 'memory' };
  const small = await startPlugin({
    executable: launcherPath(),
    env: { ...NODE_ENVIRONMENT, GF_PLUGIN_MEMORY_BUDGET_MB: '64' },
  });
  try {
    const names = Array.from({ length: 40 }, (_, index) => `ada ${index}`);
    const running = names.map((name) => run(name, { settings }, small));
    await arrivals(2);
    running.push(run('grace', { settings, user: GRACE }, small));
    await small.collectMetrics();
    respond(held.arrived[0]);
    await arrivals(3);
    expect(nameOf(held.arrived[2])).toBe('grace');
    for (let ended = 1; ended <= names.length; ended++) {
      await arrivals(ended + 1);
      respond(held.arrived[ended]);
    }
    expect((await Promise.all(running)).every(({ status }) => status === 200)).toBe(true);
  } finally {
    await small.shutdown();
  }
});

it('releases the slot when a refresh is rejected because its SQL calls a function that changes data', async () => {
  const settings = { maxStatements: 1, queryTimeoutSeconds: 5 };
  const sql =
    'SELECT $__dateBin(time) AS t, max(deny_queries) AS n FROM log_entries WHERE $__timeFilter(time) GROUP BY 1';
  const rejected = await run('', { settings, model: { query: sql } });
  expect(codeOf(rejected.error)).toBe('statement_not_allowed');
  const next = run('next', { settings });
  await arrivals(1);
  end('next');
  expect((await next).status).toBe(200);
});

it('includes the wait in the timeout', async () => {
  const settings = { maxStatements: 1, queryTimeoutSeconds: 1 };
  const [first, second] = await Promise.all([run('a', { settings }), run('b', { settings })]);
  expect([first, second].map(({ error }) => codeOf(error))).toEqual(['query_timeout', 'query_timeout']);
  // Usually only the first query sends a statement. The second query also sends one if the slot becomes free just
  // before its deadline.
  const deadlines = held.arrived.map(({ call }) => Number(call.getDeadline()));
  expect(Math.max(...deadlines) - Math.min(...deadlines)).toBeLessThan(settings.queryTimeoutSeconds * 1000);
});

it.each([
  { name: 'a range that is too long', hours: 25, model: {} },
  { name: 'a query without a time filter', hours: 1, model: { timeFilter: false } },
  {
    name: 'a trace search whose range is too long',
    hours: 25,
    model: { queryType: 'traces', traces: { view: 'search', limit: 20 } },
  },
  {
    name: 'a page of log lines that ends outside of the range',
    hours: 1,
    model: {
      query: 'SELECT time, msg FROM log_entries',
      format: 'logs' as const,
      logPage: { direction: 'newer' as const, boundaryMs: -400 * 86_400_000, shown: 0, timeColumn: 'time' },
    },
  },
  {
    name: 'a query that also reads an earlier range',
    hours: 1,
    model: { query: "SELECT 1 WHERE $__timeFilter(time) OR $__timeShift(time, '1d')" },
  },
  {
    name: 'a live tail without a time filter',
    hours: 1,
    model: {
      query: 'SELECT time, msg FROM log_entries',
      format: 'logs' as const,
      timeFilter: false,
      tail: { kind: 'counts' as const, ageSeconds: 60 },
    },
  },
])('rejects $name', async ({ hours, model }) => {
  const response = await run('long', { settings: { maxRangeHours: 24 }, hours, model });
  expect(codeOf(response.error)).toBe('time_range_too_long');
  expect(response.error).toContain('Longest range');
  expect(held.arrived).toEqual([]);
});

it('runs a query whose range has the maximum length', async () => {
  const running = run('short', { settings: { maxRangeHours: 24 }, hours: 24 });
  await arrivals(1);
  end('short');
  expect((await running).status).toBe(200);
});
