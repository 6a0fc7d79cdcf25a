/** Grafana's own expressions on the plugin's results. These tests open no page. They call Grafana's HTTP API. */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext } from '@playwright/test';
import { newState } from '../../contract/builder/new-state';
import { expect, type Frame, test } from './grafana';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 1);
const RANGE = { from: String(START_MS), to: String(START_MS + 5 * MINUTE_MS) };

/** Rows of (minutes after the start, program, number). */
function rowsOf(...rows: Array<[number, string, number | null]>): string {
  const values = rows.map(([minute, exe, n]) => `(TIMESTAMP '2026-01-01 00:0${minute}:00', '${exe}', ${n ?? 'NULL'})`);
  return `SELECT * FROM (VALUES ${values.join(', ')}) AS rows(time, exe, n)`;
}

/** The program c has a row without a number. */
const SPARSE = rowsOf([0, 'a', 1], [1, 'a', 2], [2, 'a', 6], [4, 'b', 4], [1, 'c', null]);
const PROGRAMS = ['a', 'b', 'c'];

type Results = Record<string, { frames?: Frame[]; error?: string }>;

class Expressions {
  readonly #request: APIRequestContext;
  readonly #source: DataSourceSettings;

  constructor(request: APIRequestContext, source: DataSourceSettings) {
    this.#request = request;
    this.#source = source;
  }

  query(refId: string, query: string, model: object = {}): object {
    const { uid, type } = this.#source;
    const saved = { query, format: 'time_series', version: 2, rawEditor: true, timeFilter: false };
    return { refId, datasource: { uid, type }, intervalMs: MINUTE_MS, maxDataPoints: 100, ...saved, ...model };
  }

  /** Runs queries and expressions as a panel does. */
  async run(...queries: object[]): Promise<Results> {
    const response = await this.#request.post('/api/ds/query', {
      data: { ...RANGE, queries },
      headers: { 'X-Grafana-From-Expr': 'true' },
    });
    const { results }: { results: Results } = await response.json();
    return results;
  }

  /** Evaluates queries and expressions as the preview of an alert rule does. */
  async evaluate(condition: string, ...queries: object[]): Promise<Results> {
    const relativeTimeRange = { from: 300, to: 0 };
    const data = queries.map((model) => {
      const { refId, datasource } = model as { refId: string; datasource: { uid: string } };
      return { refId, relativeTimeRange, datasourceUid: datasource.uid, model };
    });
    const response = await this.#request.post('/api/v1/eval', {
      data: { data, condition, now: new Date(Number(RANGE.to)).toISOString() },
    });
    const { results }: { results: Results } = await response.json();
    return results;
  }
}

function expression(refId: string, model: object): object {
  return { refId, datasource: { type: '__expr__', uid: '__expr__' }, ...model };
}

const reduce = (refId: string, of: string, reducer: string, settings: object = {}) =>
  expression(refId, { type: 'reduce', expression: of, reducer, settings });

/** The numbers of each program. */
function numbersOf({ frames = [] }: Results[string] = {}): Record<string, Array<number | null>> {
  return Object.fromEntries(
    frames.map(({ schema, data }) => [schema.fields.at(-1)?.labels?.exe ?? '', data.values.at(-1) ?? []])
  );
}

const onlyNumbers = (result: Results[string] | undefined) =>
  Object.fromEntries(Object.entries(numbersOf(result)).map(([exe, [number]]) => [exe, number]));

const expressions = test.extend<{ expr: Expressions }>({
  expr: async ({ request, micromegas }, use) => use(new Expressions(request, micromegas)),
});

const STRICT = {
  sum: { a: 9, b: 4, c: null },
  mean: { a: 3, b: 4, c: null },
  min: { a: 1, b: 4, c: null },
  max: { a: 6, b: 4, c: null },
  median: { a: 2, b: 4, c: null },
  count: { a: 3, b: 1, c: 1 },
  last: { a: 6, b: 4, c: null },
};

expressions('reduces each series with its own rows', async ({ expr }) => {
  for (const [reducer, expected] of Object.entries(STRICT)) {
    const { B } = await expr.run(expr.query('A', SPARSE), reduce('B', 'A', reducer));
    expect(onlyNumbers(B), reducer).toEqual(expected);
  }
});

expressions('reduces each series after Grafana has dropped or replaced missing values and NaN', async ({ expr }) => {
  for (const [reducer, { a, b }] of Object.entries(STRICT)) {
    const query = expr.query('A', SPARSE);
    const dropped = await expr.run(query, reduce('B', 'A', reducer, { mode: 'dropNN' }));
    expect(onlyNumbers(dropped.B), reducer).toMatchObject({ a, b });
    const replaced = await expr.run(query, reduce('B', 'A', reducer, { mode: 'replaceNN', replaceWithValue: 7 }));
    expect(onlyNumbers(replaced.B), reducer).toEqual({ a, b, c: reducer === 'count' ? 1 : 7 });
  }
});

expressions('resamples each series', async ({ expr }) => {
  const resample = { type: 'resample', expression: 'A', window: '1m', downsampler: 'mean', upsampler: 'fillna' };
  const { B } = await expr.run(expr.query('A', SPARSE), expression('B', resample));
  const numbers = numbersOf(B);
  expect(Object.keys(numbers).sort()).toEqual(PROGRAMS);
  expect(numbers.a).toEqual([1, 2, 6, null, null, null]);
  expect(numbers.b).toEqual([null, null, null, null, 4, null]);
});

expressions('joins only equal times of two queries, so a ratio needs gaps filled with zeros', async ({ expr }) => {
  const errors = rowsOf([1, 'a', 1], [4, 'a', 2]);
  const calls = rowsOf([0, 'a', 2], [1, 'a', 2], [4, 'a', 4]);
  const ratio = expression('C', { type: 'math', expression: '$A / $B' });
  const unfilled = await expr.run(expr.query('A', errors), expr.query('B', calls), ratio);
  expect(numbersOf(unfilled.C)).toEqual({ a: [0.5, 0.5] });
  const zero = { fillMode: 'zero' };
  const filled = await expr.run(expr.query('A', errors, zero), expr.query('B', calls, zero), ratio);
  expect(numbersOf(filled.C).a?.slice(0, 2)).toEqual([0, 0.5]);
  expect(numbersOf(filled.C).a).toHaveLength(6);
});

expressions('combines measures of the builder that have different units', async ({ expr }) => {
  const measure = (refId: string, unit: string) =>
    expr.query(refId, `SELECT *, '${unit}' AS unit FROM (${rowsOf([0, 'a', 6], [0, 'b', 8])})`, {
      builder: newState('metrics'),
    });
  const ratio = expression('C', { type: 'math', expression: '$A / $B' });
  const { C } = await expr.run(measure('A', 'ms'), measure('B', 'bytes'), ratio);
  expect(numbersOf(C)).toEqual({ a: [1], b: [1] });
});

expressions('compares each series with a threshold, in a panel and in a rule', async ({ expr }) => {
  const threshold = (refId: string, limit: number) =>
    expression(refId, {
      type: 'threshold',
      expression: 'B',
      conditions: [{ evaluator: { type: 'gt', params: [limit] } }],
    });
  const queries = [expr.query('A', SPARSE), reduce('B', 'A', 'max'), threshold('C', 5)];
  for (const { C } of [await expr.run(...queries), await expr.evaluate('C', ...queries)]) {
    expect(onlyNumbers(C)).toMatchObject({ a: 1, b: 0 });
  }
});

expressions('evaluates classic conditions', async ({ expr }) => {
  const condition = (limit: number) => ({
    evaluator: { type: 'gt', params: [limit] },
    operator: { type: 'and' },
    query: { params: ['A'] },
    reducer: { type: 'last', params: [] },
  });
  for (const [limit, expected] of [
    [5, 1],
    [6, 0],
  ] as const) {
    const classic = expression('B', { type: 'classic_conditions', conditions: [condition(limit)] });
    const { B } = await expr.evaluate('B', expr.query('A', SPARSE), classic);
    expect(B?.frames?.[0]?.data.values.at(-1)).toEqual([expected]);
  }
});

expressions('reads a hidden query, and does not return it', async ({ expr }) => {
  const results = await expr.run(expr.query('A', SPARSE, { hide: true }), reduce('B', 'A', 'last'));
  expect(onlyNumbers(results.B)).toEqual(STRICT.last);
  expect(Object.keys(results)).toEqual(['B']);
});

expressions('returns no data if the query returns no rows', async ({ expr }) => {
  const { B } = await expr.run(expr.query('A', `${SPARSE} WHERE n > 100`), reduce('B', 'A', 'last'));
  expect(B?.error).toBeUndefined();
  expect(numbersOf(B)).toEqual({ '': [] });
});

expressions('counts zero if no row matches a query that fills gaps and groups only by time', async ({ expr }) => {
  const count = `SELECT $__timeGroup(time, '1m', 0) AS time, count(*) AS n FROM (${SPARSE}) WHERE n > 100 GROUP BY 1`;
  const queries = [expr.query('A', count), reduce('B', 'A', 'sum')];
  for (const { B } of [await expr.run(...queries), await expr.evaluate('B', ...queries)]) {
    expect(numbersOf(B)).toEqual({ '': [0] });
  }
});

expressions('reads a frame for each value column of each program', async ({ expr }) => {
  const { B } = await expr.run(expr.query('A', `SELECT *, n * 2 AS twice FROM (${SPARSE})`), reduce('B', 'A', 'sum'));
  expect(B?.frames).toHaveLength(6);
});

expressions('if a limit truncates the result, fails in a rule, but not in a panel', async ({ expr }) => {
  const queries = [
    expr.query('A', `${SPARSE} ORDER BY time`, { autoLimit: true, maxDataPoints: 2 }),
    reduce('B', 'A', 'sum'),
  ];
  const rule = await expr.evaluate('B', ...queries);
  expect(JSON.stringify(rule)).toContain('a limit truncates it');
  const panel = await expr.run(...queries);
  expect(panel.B?.error).toBeUndefined();
});
