/** @jest-environment jsdom */
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type ExpressionLanguage, importExpression } from './expression-query';

function imported(language: ExpressionLanguage, expression: string, fields: object = {}) {
  return importExpression({ refId: 'A', ...fields }, expression, language, 'Other');
}

const loki = (expression: string, fields?: object) => imported('LogQL', expression, fields);
const prometheus = (expression: string, fields?: object) => imported('PromQL', expression, fields);
const condition = (column: string, operator: string, ...values: string[]) => ({
  column,
  type: 'text',
  operator,
  values,
});
const APP = condition('exe', '=', 'a');

it.each([
  ['{app="a"} |= "x"', [APP, condition('msg', 'contains', 'x')]],
  ['{app="a"} |= `a "b"` != "y"', [APP, condition('msg', 'contains', 'a "b"'), condition('msg', 'not-contains', 'y')]],
  [
    String.raw`{app="a"} |~ "x\\d+\u00e4" !~ "y"`,
    [APP, condition('msg', 'matches', String.raw`x\d+ä`), condition('msg', 'not-matches', 'y')],
  ],
  ['{app="a"} |= "x.y" or "z"', [APP, condition('msg', 'matches', String.raw`(?:x\.y)|(?:z)`)]],
  ['{app="a"} |= ""', [APP]],
  ['{app="a"} |= "$search"', [APP, condition('msg', 'contains', '$search')]],
  [
    '{app=~"$app", level="error"}',
    [condition('exe', '=', '$app'), { column: 'level', type: 'number', operator: '=', values: ['error'] }],
  ],
])('reads the conditions of %s', (expression, conditions) => {
  const query = loki(expression);
  expect(query).toMatchObject({ format: 'logs', builder: { kind: 'logs', conditions } });
  expect(query.importNotice).not.toHaveProperty('lost');
});

it.each([
  ['rate({app="a"}[5m])', '5m', 'count(*) / 300.000 AS rate'],
  ['rate({app="a"} [$__auto])', 'auto', 'count(*) / ($__interval_ms / 1000.0) AS rate'],
  ['count_over_time({app="a"}[1m])', '1m', 'count(*) AS count'],
])('counts the lines of %s', (expression, interval, column) => {
  const query = loki(expression);
  expect(query).toMatchObject({
    format: 'time_series',
    builder: {
      kind: 'table',
      table: 'log_entries',
      time: { column: 'time', interval, fill: 'zero' },
      conditions: [APP],
    },
  });
  expect(query.importNotice).toMatchObject({ changes: ['one-series'] });
  expect(query.importNotice).not.toHaveProperty('lost');
  expect(query.query).toContain(column);
  expect(query.builder && builderQuery(query.builder).sql).toBe(query.query);
});

it.each([
  ['{app="a"} | json | line_format "{{.x}}"', ['| json', '| line_format "{{.x}}"']],
  ['{app="a"} |= ip("10.0.0.1") |> "<_>x"', ['|= ip("10.0.0.1")', '|> "<_>x"']],
  ['{app="a"} | level="error" or status="1"', ['| level="error" or status="1"']],
  ['{app="a"} | status >= 400', ['| status >= 400']],
  ['sum_over_time({app="a"} | unwrap bytes [5m])', ['| unwrap bytes', 'sum_over_time(…)']],
  ['topk(5, sum by (app) (rate({app="a"}[5m] offset 1h)))', ['offset 1h', 'sum by (app) (…)', 'topk(5, …)']],
  ['topk($n, sum(rate({app="a"}[1h30m])))', ['[1h30m]', 'sum(…)', 'topk($n, …)']],
  ['sum(rate({app="a"}[5m])) / sum(rate({app="b"}[5m]))', ['sum(…)', '… / sum(rate({app="b"}[5m]))']],
  ['vector(1)', ['vector(1)']],
])('lists the lost parts of %s', (expression, lost) => {
  expect(loki(expression).importNotice).toMatchObject({ kind: 'expression', from: 'Other', expression, lost });
});

it.each([
  ['m', { aggregation: 'avg', interval: 'auto' }],
  ['{"m"}', { aggregation: 'avg' }],
  ['rate(m[$__rate_interval])', { aggregation: 'rate', interval: 'auto' }],
  ['max_over_time(m[1m])', { aggregation: 'max', interval: '1m' }],
  ['quantile_over_time(0.95, m[1m])', { aggregation: 'exact-p95' }],
])('reads the measure of %s', (expression, state) => {
  const query = prometheus(expression);
  expect(query).toMatchObject({ format: 'time_series', builder: { kind: 'metrics', name: 'm', ...state } });
  expect(query.importNotice?.changes).toEqual(['one-series']);
  expect(query.importNotice).not.toHaveProperty('lost');
});

it.each([
  [
    'histogram_quantile(0.95, sum by (le) (rate(m_bucket[5m])))',
    'm_bucket',
    ['sum by (le) (…)', 'histogram_quantile(0.95, …)'],
  ],
  ['avg(rate(m[5m]))', 'm', ['avg(…)']],
  ['increase(m[5m])', 'm', ['increase(…)']],
  ['max_over_time(sum(m)[5m:1m])', 'm', ['sum(…)', '…[5m:1m]', 'max_over_time(…)']],
  ['topk($n, m)', 'm', ['topk($n, …)']],
  ['topk($n , m)', 'm', ['topk($n , …)']],
  ['m offset 1h > 3', 'm', ['… offset 1h', '… > 3']],
  ['rate(m[5m:1m])', 'm', ['…[5m:1m]', 'rate(…)']],
  ['$metric', '$metric', undefined],
  ['{__name__=~"a.*", job="x"}', '', ['__name__=~"a.*"']],
  ['vector(1)', '', ['vector(1)']],
])('reads the name of the measure in %s, and lists the lost parts', (expression, name, lost) => {
  const query = prometheus(expression);
  expect(query.builder).toMatchObject({ kind: 'metrics', name });
  expect(query.importNotice?.lost).toEqual(lost);
});

it.each([
  ['{__name__="m"}', []],
  ['{__name__="m", service_name="a"}', [APP]],
  ['{app="a"} ', undefined],
  ['{__name__="m"} |= "x"', undefined],
  ['count_over_time({__name__="m"}[5m])', undefined],
])(
  'reads an expression of Loki as a measure only if it consists of one selector with a metric name: %s',
  (expression, conditions) => {
    const { builder } = loki(expression);
    expect(builder).toMatchObject(
      conditions === undefined
        ? { kind: expect.not.stringMatching('metrics') }
        : { kind: 'metrics', name: 'm', conditions }
    );
  }
);

it('keeps the options that have a counterpart, and lists the others as lost', () => {
  expect(loki('{app="a"}', { maxLines: 50, step: '1m' }).importNotice?.lost).toEqual(['step=1m']);
  expect(loki('{app="a"}', { maxLines: 50, direction: 'forward' })).toMatchObject({
    rowLimit: 50,
    builder: { order: 'oldest', limit: 50 },
  });
  expect(prometheus('m', { legendFormat: '{{job}}' }).importNotice?.lost).toEqual(['legendFormat={{job}}']);
  expect(prometheus('m', { legendFormat: '__auto' }).importNotice).not.toHaveProperty('lost');
  expect(prometheus('m', { instant: true }).importNotice?.changes).toEqual(['one-series', 'over-time']);
});

it.each<[ExpressionLanguage, string]>([
  ['LogQL', `{app="a"}${' |= "x"'.repeat(3000)}`],
  ['LogQL', `{app="a"} |= "${String.raw`\"`.repeat(20_000)}`],
  ['PromQL', `${'('.repeat(8000)}m${')'.repeat(8000)}`],
  ['PromQL', 'm'.repeat(100_000)],
])('limits the size of the query for a hostile %s expression', (language, expression) => {
  const query = imported(language, expression);
  expect(JSON.stringify(query).length).toBeLessThan(1_000_000);
  expect(query.importNotice?.expression?.length).toBeLessThanOrEqual(201);
});
