/** Tests *Filter and group by* of dashboards with the built plugin, which groups only the queries that aggregate. */
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { MAX_GROUP_KEYS } from '../../contract/queries/query-grouping';
import { MAX_PARSED_CHARACTERS } from '../../contract/sql/parser-input';
import { useDemoPlugin } from '../support/demo-plugin';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { runQuery } from '../support/plugin';

const lab = useDemoPlugin();

/** A range in the history of the demo. The lakehouse adds no rows to this range, so all queries read the same rows. */
function rangeOf() {
  const toMs = lab.demo.lakehouseStartMs - 60_000;
  return { fromMs: toMs - 2 * 3_600_000, toMs };
}

const COUNT = 'SELECT count(*) AS n FROM log_entries WHERE $__timeFilter(time)';

/** A model of any shape, as a browser may send it. */
const modelOf = (model: object): MicromegasQueryFields => model;

const ask = (query: string, groupByKeys: unknown, more: object = {}) =>
  runQuery(lab.plugin, lab.source, modelOf({ query, version: 2, autoLimit: false, groupByKeys, ...more }), {
    range: rangeOf(),
  });

const sumOf = (values: readonly unknown[]) => values.reduce<number>((sum, value) => sum + Number(value), 0);

it('groups by columns and properties, and the counts add up to the count without groups', async () => {
  const all = onlyFrame(await ask(COUNT, [])).column('n');
  const grouped = onlyFrame(
    await ask(`${COUNT} ORDER BY n DESC`, ['exe', 'level', 'process_properties.build-version'])
  );
  expect(sumOf(grouped.column('n'))).toBe(sumOf(all));
  expect(new Set(grouped.column('level'))).toEqual(new Set(['critical', 'error', 'warning', 'info', 'debug', 'trace']));
  expect(new Set(grouped.column('exe')).size).toBeGreaterThan(2);
  expect(new Set(grouped.column('process_properties.build-version')).size).toBeGreaterThan(1);
  expect(grouped.meta.executedQueryString).toContain(' GROUP BY log_entries.exe, (CASE log_entries.level');
  expect(grouped.config('exe').filterable).toBe(true);
});

it('labels time series with the groups, together with a filter', async () => {
  const query =
    'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries WHERE $__timeFilter(time) GROUP BY 1 ORDER BY 1';
  const filters = [{ key: 'exe', operator: '=', value: 'ember-server' }];
  const frame = onlyFrame(await ask(query, ['exe'], { format: 'time_series', filters }));
  expect(frame.labels('n')).toEqual({ exe: 'ember-server' });
});

it('ignores a key that is no column of the query, and adds a notice', async () => {
  const frame = onlyFrame(await ask(COUNT, ['no_such_column']));
  expect(frame.column('n')).toHaveLength(1);
  expect(frame.meta.notices).toEqual([
    { severity: 'warning', text: expect.stringContaining('no_such_column" has no effect on this query') },
  ]);
});

it('does not group SQL that is too long for the parser, and adds a notice', async () => {
  const long = `${COUNT} AND exe <> '${'x'.repeat(MAX_PARSED_CHARACTERS)}'`;
  const frame = onlyFrame(await ask(long, ['exe']));
  expect(frame.column('n')).toHaveLength(1);
  expect(frame.meta.notices).toHaveLength(1);
});

it('sends SQL without aggregates unchanged, and adds no notice', async () => {
  const rows = 'SELECT msg FROM log_entries ORDER BY time DESC LIMIT 3';
  const { meta } = onlyFrame(await ask(rows, ['exe']));
  expect(meta.executedQueryString).toBe(rows);
  expect(meta.notices ?? []).toEqual([]);
});

it.each([
  ['a list that is too long', Array.from({ length: MAX_GROUP_KEYS + 1 }, (_none, key) => String(key))],
  ['a key that is too long', ['x'.repeat(1001)]],
  ['another type', { exe: true }],
  ['a key of another type', [1]],
])('rejects %s', async (_name, groupByKeys) => {
  expect(codeOf((await ask(COUNT, groupByKeys)).error)).toBe('query_model_invalid');
});
