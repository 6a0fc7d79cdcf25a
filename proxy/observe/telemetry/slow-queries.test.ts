import { type LogFields } from '../logging/logger';
import { type QuerySummary } from './query-summary';
import { MAX_LINES_PER_PERIOD, SlowQueries, slowQueryMs } from './slow-queries';

const SUMMARY: QuerySummary = {
  refId: 'A',
  format: 'table',
  code: 'ok',
  startedMs: 1_700_000_000_000,
  durationMs: 12_000.4,
  rows: 3,
  bytes: 400,
  stagesMs: { first_batch: 11_000.2, send: 500 },
  orgId: 1,
  dataSourceUid: 'lake',
  entrypoint: 'dashboard',
  dashboardUid: 'sales',
  panelId: '7',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};

function setUp({ thresholdMs }: { thresholdMs: number | undefined } = { thresholdMs: 10_000 }) {
  const lines: Array<{ message: string; fields?: LogFields }> = [];
  const timers: Array<() => void> = [];
  const nothing = () => undefined;
  const warn = (message: string, fields?: LogFields) => void lines.push({ message, fields });
  const logger = { debug: nothing, info: nothing, error: nothing, warn, with: () => logger };
  const slow = new SlowQueries({ thresholdMs, logger, later: (callback) => timers.push(callback) });
  return { lines, timers, slow };
}

it('logs a slow query with its stages and its origin', () => {
  const { lines, slow } = setUp();
  slow.queryEnded(SUMMARY);
  expect(lines).toEqual([
    {
      message: 'Slow query',
      fields: {
        seconds: 12.5,
        code: 'ok',
        rows: 3,
        bytes: 400,
        stagesMs: { first_batch: 11_000, send: 500 },
        orgId: 1,
        dsUid: 'lake',
        entrypoint: 'dashboard',
        dashboardUid: 'sales',
        panelId: '7',
        refId: 'A',
        queryId: undefined,
        traceId: SUMMARY.traceId,
      },
    },
  ]);
});

it('counts the time for sending, and does not log a query below the threshold', () => {
  const { lines, slow } = setUp();
  slow.queryEnded({ ...SUMMARY, durationMs: 9000, stagesMs: { send: 999 } });
  expect(lines).toEqual([]);
  slow.queryEnded({ ...SUMMARY, durationMs: 9000, stagesMs: { send: 1000 } });
  expect(lines).toHaveLength(1);
});

it('bounds the number of lines, and reports how many were dropped', () => {
  const { lines, timers, slow } = setUp();
  for (let query = 0; query < 1000; query++) {
    slow.queryEnded(SUMMARY);
  }
  expect(lines).toHaveLength(MAX_LINES_PER_PERIOD);
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(lines.slice(MAX_LINES_PER_PERIOD)).toEqual([
    { message: 'More slow queries were not logged', fields: { queries: 990 } },
  ]);
  slow.queryEnded(SUMMARY);
  expect(lines).toHaveLength(MAX_LINES_PER_PERIOD + 2);
  timers.shift()?.();
  expect(lines).toHaveLength(MAX_LINES_PER_PERIOD + 2);
});

it('logs nothing when it is off', () => {
  const { lines, slow } = setUp({ thresholdMs: undefined });
  slow.queryEnded(SUMMARY);
  expect(lines).toEqual([]);
});

it.each([
  [undefined, 10_000, 0],
  ['', 10_000, 0],
  ['30', 30_000, 0],
  ['0.5', 500, 0],
  ['0', undefined, 0],
  ['-1', 10_000, 1],
  ['ten', 10_000, 1],
])('reads slow_query_seconds = %s', (value, expected, errors) => {
  const logged: string[] = [];
  const logger = { error: (message: string) => void logged.push(message) };
  expect(slowQueryMs({ GF_PLUGIN_SLOW_QUERY_SECONDS: value }, logger)).toBe(expected);
  expect(logged).toHaveLength(errors);
});
