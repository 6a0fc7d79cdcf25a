/**
 * How many statements of a data source are open at the same time, with a server that responds when a test tells it to.
 */
import { Int32, Table, vectorFromArray } from 'apache-arrow';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { messagesOf } from '../../proxy/frames/data-frames/testing/arrow-messages';
import { type DataResponse } from '../../proxy/generated/pluginv2/backend_pb';
import {
  type DataCall,
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { ADA, dataQuery, launcherPath, NODE_ENVIRONMENT, pluginContext, startBuiltPlugin } from '../support/plugin';

const GRACE = { ...ADA, login: 'grace', name: 'Grace', email: 'grace@example.com' };
const ROWS = messagesOf(new Table({ n: vectorFromArray([1, 2], new Int32()) }));
const HOUR_MS = 3_600_000;

let server: TestServer;
let plugin: PluginProcess;
/** The SQL of the statements that arrived, in their order. */
let arrived: string[];
/** The statements that are open, by their SQL. */
let open: Map<string, DataCall>;
/** Called after each arrival. */
let onArrival: () => void;

beforeAll(async () => {
  server = await startFlightServer({
    doGet: (ticket, call) => {
      const sql = /SELECT '[^']*'/.exec(ticket)?.[0] ?? '';
      arrived.push(sql);
      open.set(sql, call);
      onArrival();
    },
  });
  plugin = await startBuiltPlugin();
});

beforeEach(() => {
  arrived = [];
  open = new Map();
  onArrival = () => undefined;
});

afterAll(async () => {
  await plugin?.shutdown();
  server?.kill();
});

interface Panel {
  settings?: object;
  user?: typeof ADA;
  dashboard?: string;
  hours?: number;
  model?: object;
}

/** Runs a query with the SQL `SELECT '<name>'` in a data source of its own for each set of settings. */
async function run(
  name: string,
  { settings = {}, user = ADA, dashboard = 'sales', hours = 1, model }: Panel,
  process = plugin
): Promise<DataResponse> {
  const range = { fromMs: 0, toMs: hours * HOUR_MS };
  const query = { version: 2, query: `SELECT '${name}'`, ...model };
  const { responses } = await process.queryData({
    pluginContext: pluginContext({
      uid: JSON.stringify(settings),
      jsonData: { host: `127.0.0.1:${server.port}`, selectedAuthType: 'none', ...settings },
      user,
    }),
    headers: { 'http_X-Dashboard-Uid': dashboard },
    queries: [dataQuery('A', query, { range })],
  });
  return responses.A;
}

const sqlOf = (name: string) => `SELECT '${name}'`;

/** Waits until this number of statements has arrived. */
function arrivals(count: number): Promise<void> {
  return new Promise((resolve) => {
    onArrival = () => {
      if (arrived.length >= count) {
        resolve();
      }
    };
    onArrival();
  });
}

function end(name: string): void {
  finish(open.get(sqlOf(name))!, ...ROWS.map(({ header, body }) => flightData(header, body)));
}

function statNames(response: DataResponse): string[] {
  const { stats } = onlyFrame(response).meta as { stats?: Array<{ displayName: string }> };
  return (stats ?? []).map(({ displayName }) => displayName);
}

it('opens as many statements as the setting allows, and shows how long the others waited', async () => {
  const settings = { maxStatements: 2 };
  const running = ['a', 'b', 'c'].map((name) => run(name, { settings }));
  await arrivals(2);
  // The third query has come as far as it can: another call completed meanwhile.
  await plugin.collectMetrics();
  expect(arrived).toHaveLength(2);
  arrived.forEach((sql) => end(sql.slice(8, -1)));
  await arrivals(3);
  const [last] = arrived.slice(2);
  end(last.slice(8, -1));
  const responses = await Promise.all(running);
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
  const waited = responses.filter((response) => statNames(response).includes('Time waiting for other queries'));
  expect(waited).toHaveLength(1);
  expect(await plugin.collectMetrics()).toMatch(/micromegas_query_stage_duration_seconds_count\{stage="queue"\} 1\n/);
});

it('shows how long a query without SQL waited', async () => {
  const settings = { maxStatements: 1 };
  const first = run('a', { settings });
  await arrivals(1);
  const processes = run('', { settings, model: { query: '', queryType: 'processes', processes: { view: 'list' } } });
  // The second query has come as far as it can: another call completed meanwhile.
  await plugin.collectMetrics();
  end('a');
  await arrivals(2);
  finish(open.get('')!, flightData(ROWS[0].header, ROWS[0].body));
  expect(statNames(await processes)).toContain('Time waiting for other queries');
  expect(statNames(await first)).not.toContain('Time waiting for other queries');
});

it('runs the query of another user before the other panels of the first one', async () => {
  const settings = { maxStatements: 2, serverName: 'turns' };
  const running = ['a', 'b', 'c', 'd'].map((name) => run(name, { settings }));
  await arrivals(2);
  running.push(run('grace', { settings, user: GRACE }));
  await plugin.collectMetrics();
  end('a');
  await arrivals(3);
  expect(arrived[2]).toBe(sqlOf('grace'));
  for (const name of ['b', 'grace', 'c', 'd']) {
    if (!open.has(sqlOf(name))) {
      await arrivals(arrived.length + 1);
    }
    end(name);
  }
  await Promise.all(running);
});

it('sends the query of another user first although the first user has many more, with little memory', async () => {
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
    end(arrived[0].slice(8, -1));
    await arrivals(3);
    expect(arrived[2]).toBe(sqlOf('grace'));
    for (let ended = 1; ended <= names.length; ended++) {
      await arrivals(ended + 1);
      end(arrived[ended].slice(8, -1));
    }
    expect((await Promise.all(running)).every(({ status }) => status === 200)).toBe(true);
  } finally {
    await small.shutdown();
  }
});

it('counts the wait towards the timeout', async () => {
  const settings = { maxStatements: 1, queryTimeoutSeconds: 0.3 };
  const [first, second] = await Promise.all([run('a', { settings }), run('b', { settings })]);
  expect([first, second].map(({ error }) => codeOf(error))).toEqual(['query_timeout', 'query_timeout']);
  expect(arrived).toHaveLength(1);
});

it.each([
  { name: 'a longer range', hours: 25, model: {} },
  { name: 'no time filter', hours: 1, model: { timeFilter: false } },
  {
    name: 'a longer range of a trace search',
    hours: 25,
    model: { queryType: 'traces', traces: { view: 'search', limit: 20 } },
  },
  {
    name: 'a page of log lines whose end is outside of the range',
    hours: 1,
    model: {
      query: 'SELECT time, msg FROM log_entries',
      format: 'logs' as const,
      logPage: { direction: 'newer' as const, boundaryMs: -400 * 86_400_000, shown: 0, timeColumn: 'time' },
    },
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
  expect(arrived).toEqual([]);
});

it('runs a query whose range is as long as allowed', async () => {
  const running = run('short', { settings: { maxRangeHours: 24 }, hours: 24 });
  await arrivals(1);
  end('short');
  expect((await running).status).toBe(200);
});
