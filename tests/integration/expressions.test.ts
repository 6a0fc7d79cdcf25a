/**
 * The frames that Grafana's expressions read, in alert rules, in their previews and in panels. `tests/grafana`
 * evaluates expressions in Grafana itself.
 */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { useSharedPlugin } from '../support/shared-plugin';
import { codeOf } from '../support/error-code';
import { readFrames } from '../support/frames';
import { type QueryOptions, runQuery } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

const lab = useSharedPlugin();
expectNoSecretsAtEnd();

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);
const RANGE = { fromMs: START_MS, toMs: START_MS + 3 * MINUTE_MS };
const ALERT = { FromAlert: 'true' };
const EXPRESSION = { 'http_X-Grafana-From-Expr': 'true' };

/** Rows of (minutes after the start, program, errors). */
const rowsOf = (...rows: Array<[number, string, number | null]>) =>
  `SELECT * FROM (VALUES ${rows
    .map(([minute, exe, n]) => `(TIMESTAMP '2026-01-01 00:0${minute}:00', '${exe}', ${n ?? 'NULL'})`)
    .join(', ')}) AS rows(time, exe, n)`;

const SPARSE = rowsOf([0, 'a', 1], [1, 'a', 2], [2, 'b', 3]);

const ask = (query: string, model: object, options: QueryOptions = {}) =>
  runQuery(
    lab.plugin,
    lab.source,
    { query, version: 2, format: 'time_series', timeFilter: false, ...model },
    { range: RANGE, intervalMs: MINUTE_MS, ...options }
  );

/** The type and the values of each frame. */
async function framesOf(query: string, options: QueryOptions, model: object = {}) {
  const response = await ask(query, model, options);
  expect(response.error).toBe('');
  return readFrames(response).map((frame) => ({
    type: frame.meta.type,
    values: Object.keys(frame.types)
      .slice(1)
      .map((name) => frame.column(name).map((value) => (value === null ? null : Number(value)))),
  }));
}

it.each([
  ['an alert rule', { headers: ALERT }],
  ['an expression', { headers: EXPRESSION }],
])('returns a frame for each series to %s', async (_name, options) => {
  expect(await framesOf(SPARSE, options)).toEqual([
    { type: 'timeseries-multi', values: [[1, 2]] },
    { type: 'timeseries-multi', values: [[3]] },
  ]);
});

it('returns one frame to panels', async () => {
  const [frame, ...others] = readFrames(await ask(SPARSE, {}));
  expect(frame).toMatchObject({ rowCount: 3, meta: { type: 'timeseries-wide' } });
  expect(others).toEqual([]);
});

it.each([
  ['a panel', {}, 'timeseries-wide'],
  ['an alert rule', { headers: ALERT }, 'timeseries-multi'],
  ['an expression', { headers: EXPRESSION }, 'timeseries-multi'],
])('returns zeros to %s if no row matches a count that groups only by time', async (_name, options, type) => {
  const count = `SELECT $__timeGroup(time, '1m', 0) AS time, count(*) AS n FROM (${SPARSE}) WHERE n > 100 GROUP BY 1 ORDER BY 1`;
  expect(await framesOf(count, options)).toEqual([{ type, values: [[0, 0, 0, 0]] }]);
  const byProgram = count.replace('count(*)', 'exe, count(*)').replace('GROUP BY 1', 'GROUP BY 1, 2');
  expect((await framesOf(byProgram, options)).flatMap(({ values }) => values)).toEqual([]);
});

it.each([
  ['nothing', {}, [[1], [null]]],
  ['nulls', { fillMode: 'null' }, [[1], [null]]],
  [
    'zeros',
    { fillMode: 'zero' },
    [
      [1, 0, 0, 0],
      [0, null, 0, 0],
    ],
  ],
  ['previous values', { fillMode: 'previous' }, [[1, 1, 1, 1], [null]]],
])('keeps nulls of the result, and fills gaps with %s', async (_name, model, expected) => {
  const frames = await framesOf(rowsOf([0, 'a', 1], [1, 'b', null]), { headers: ALERT }, model);
  expect(frames.flatMap(({ values }) => values)).toEqual(expected);
});

it('returns a frame without fields if the result has no rows', async () => {
  const response = await ask(`${SPARSE} WHERE n > 100`, {}, { headers: ALERT });
  expect(readFrames(response)).toMatchObject([{ types: {}, meta: { type: 'timeseries-multi', typeVersion: [0, 1] } }]);
});

it('runs a hidden query, because an expression may read it', async () => {
  expect(await framesOf(SPARSE, { headers: EXPRESSION }, { hide: true })).toHaveLength(2);
  // Public dashboards evaluate expressions too, but their requests lack the header of `EXPRESSION`.
  expect(await framesOf(SPARSE, {}, { hide: true })).toHaveLength(1);
});

describe('a limit that truncates the result', () => {
  const limited = async (model: object, options: QueryOptions) => {
    const { error } = await ask(SPARSE, model, { maxDataPoints: 2, ...options });
    return codeOf(error);
  };

  it('is an error of an alert rule', async () => {
    expect(await limited({ autoLimit: true }, { headers: ALERT })).toBe('alert_result_truncated');
  });

  it('is no error of an alert rule if it is the row limit of the query', async () => {
    expect(await limited({ rowLimit: 2 }, { headers: ALERT })).toBeUndefined();
  });

  it('is an error of an alert rule if it is the row limit of a query that fills gaps', async () => {
    expect(await limited({ rowLimit: 2, fillMode: 'zero' }, { headers: ALERT })).toBe('alert_result_truncated');
  });

  it('is not an error of a panel with expressions', async () => {
    expect(await limited({ autoLimit: true }, { headers: EXPRESSION })).toBeUndefined();
  });

  it('adds a warning with the missing times to a panel', async () => {
    const [frame] = readFrames(await ask(`${SPARSE} ORDER BY time`, { autoLimit: true }, { maxDataPoints: 2 }));
    expect(frame.meta.notices?.[0]).toMatchObject({
      severity: 'warning',
      text: expect.stringContaining('from 2026-01-01 00:01:00 (UTC) to 2026-01-01 00:03:00 (UTC)'),
    });
  });
});

it.each<[string, MicromegasQueryFields, number]>([
  ['without a version', {}, 2],
  ['with version 1', { version: 1 }, 2],
  ['with version 2', { version: 2 }, 3],
  ['of a variable', { purpose: 'variable' }, 3],
  ['of an annotation', { purpose: 'annotation' }, 3],
])('truncates only panel queries that have version 1 or no version: a query %s', async (_name, model, rows) => {
  const saved: MicromegasQueryFields = { query: SPARSE, format: 'table', timeFilter: false, ...model };
  const response = await runQuery(lab.plugin, lab.source, saved, { range: RANGE, maxDataPoints: 2 });
  expect(readFrames(response).map(({ rowCount }) => rowCount)).toEqual([rows]);
});

it('does not truncate a query of version 1 in an alert rule', async () => {
  const saved = { query: SPARSE, format: 'time_series', timeFilter: false } as const;
  const response = await runQuery(lab.plugin, lab.source, saved, { range: RANGE, maxDataPoints: 2, headers: ALERT });
  expect(response.error).toBe('');
  expect(readFrames(response)).toHaveLength(2);
});
