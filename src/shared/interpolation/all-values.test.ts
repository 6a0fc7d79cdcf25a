import { builderQuery } from '../../../contract/builder/builder-sql';
import { type ValuesState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { listsAllValues } from './all-values';

it.each([
  'SELECT exe FROM processes',
  'select distinct exe, computer from processes order by 1;',
  'SELECT DISTINCT exe FROM log_entries WHERE $__timeFilter(time)',
  'SELECT DISTINCT exe FROM log_entries l WHERE $__timeRangeFrom(l.time) AND $__timeRangeTo(l."time") AND l.exe IS NOT NULL',
  "SELECT property_get(properties, 'v') AS v FROM processes WHERE property_get(properties, 'v') IS NOT NULL GROUP BY 1",
  'SELECT exe FROM (SELECT exe FROM processes WHERE exe IS NOT NULL) AS p UNION SELECT exe FROM streams',
  'WITH p AS (SELECT exe FROM processes) SELECT DISTINCT exe FROM p -- WHERE x = 1',
  'SELECT DISTINCT upper(concat(exe, computer)) FROM processes LIMIT 100;',
  'SELECT "where" FROM t ORDER BY extract(hour FROM time)',
  'SELECT DISTINCT p."exe" FROM lake.public.processes AS p WHERE exe IS NOT NULL ORDER BY 1 DESC NULLS LAST LIMIT 100',
  'SELECT * FROM (SELECT exe FROM processes GROUP BY exe ORDER BY count(*) DESC)',
  "SELECT DISTINCT process_id AS value, exe || ' on ' || computer AS text FROM processes WHERE process_id IS NOT NULL",
  'SELECT exe FROM processes UNION ALL SELECT exe FROM streams UNION DISTINCT SELECT exe FROM blocks ORDER BY exe',
  "SELECT DISTINCT process_id AS value, concat(exe, ' ', left(process_id, 8)) AS text FROM processes WHERE process_id IS NOT NULL",
  'SELECT exe AS value, count(*) AS text FROM processes GROUP BY exe',
  "SELECT CASE WHEN level = 1 THEN 'fatal' ELSE 'other' END AS text, level AS value FROM log_entries WHERE level IS NOT NULL",
  'SELECT DISTINCT cast(level AS varchar(2)), level::bigint::varchar FROM log_entries',
  "SELECT DISTINCT split_part(exe, '.', 1) FROM processes",
  'SELECT exe AS text FROM processes WHERE exe IS NOT NULL',
])('finds that %s lists all values', (sql) => {
  expect(listsAllValues(sql, 10)).toBe(true);
});

it.each([
  "SELECT exe FROM processes WHERE exe LIKE 'ember%'",
  'SELECT exe FROM processes WHERE exe IS NOT NULL AND level <= 2',
  'SELECT exe FROM processes WHERE exe IS NOT NULL OR x',
  'SELECT exe FROM processes WHERE exe IS NULL',
  'SELECT exe FROM processes WHERE (exe IS NOT NULL) AND x = 1',
  "SELECT exe FROM processes WHERE exe IS NOT NULL = (computer = 'a')",
  'SELECT exe FROM log_entries WHERE time >= $__timeFrom',
  'SELECT exe FROM log_entries WHERE $__timeFilter(time) IN (true, x)',
  'SELECT exe FROM processes WHERE',
  "SELECT exe FROM (SELECT * FROM processes WHERE computer = 'a')",
  'SELECT exe FROM processes GROUP BY exe HAVING count(*) > 3',
  'SELECT p.exe FROM processes p JOIN streams s ON p.process_id = s.process_id',
  'SELECT p.exe FROM processes p, streams s',
  'SELECT p.exe FROM processes AS p, streams s',
  'SELECT exe FROM processes, streams',
  "SELECT DISTINCT exe FROM view_instance('log_entries', 'b4b0c4a2-0000-4000-8000-000000000000')",
  'SELECT exe FROM processes LIMIT 100',
  'SELECT DISTINCT exe, computer FROM processes LIMIT 100',
  'SELECT DISTINCT exe FROM processes LIMIT 11',
  'SELECT DISTINCT exe FROM processes LIMIT 100 OFFSET 5',
  'SELECT DISTINCT exe FROM (SELECT exe FROM log_entries LIMIT 100)',
  'SELECT exe FROM processes EXCEPT SELECT exe FROM streams',
  "SELECT 'a' UNION SELECT 'b'",
  'SELECT max(exe) FROM processes',
  'SELECT max(exe) AS text FROM processes',
  'SELECT max(exe) AS value, exe AS text FROM processes GROUP BY exe',
  'SELECT DISTINCT ON (computer) computer AS text, exe AS value FROM processes',
  'SELECT exe AS value, unnest(tags) AS text FROM processes',
  'WITH p AS (SELECT process_id AS value, exe AS text FROM streams WHERE process_id IS NOT NULL) SELECT DISTINCT text FROM p',
  'SELECT exe AS value, exe AS text FROM a UNION SELECT exe AS text, computer AS value FROM b WHERE computer IS NOT NULL',
  'SELECT upper(max(exe)) FROM processes',
  'SELECT first_value(exe) AS value FROM processes GROUP BY computer',
  'SELECT exe FROM (SELECT max(exe) AS exe FROM processes)',
  'SELECT DISTINCT exe FROM processes WHERE parent_process_id IS NOT NULL',
  'SELECT DISTINCT exe, computer FROM processes WHERE exe IS NOT NULL',
  'SELECT process_id AS value, exe AS text FROM processes WHERE exe IS NOT NULL',
  "SELECT property_get(properties, 'v') FROM processes WHERE property_get(properties, 'w') IS NOT NULL",
  'SELECT DISTINCT ON (exe) computer FROM processes',
  'SELECT CASE WHEN level < 3 THEN exe END FROM log_entries',
  "SELECT nullif(exe, 'ember') FROM processes",
  'SELECT unnest(tags) FROM processes',
  'SELECT row_number() OVER (ORDER BY exe) FROM processes',
  'SELECT (SELECT max(exe) FROM streams) FROM processes',
  "SELECT 'ember' FROM processes",
  'SELECT null FROM processes',
  "SELECT exe FROM (VALUES ('ember'), ('hearth')) AS t(exe)",
  'SELECT exe FROM processes SEMI JOIN streams USING (process_id)',
  'SELECT exe FROM processes TABLESAMPLE (10)',
  'SELECT exe FROM processes ORDER BY exe FETCH FIRST 5 ROWS ONLY',
  'SELECT DISTINCT exe FROM processes UNION ALL SELECT exe FROM streams LIMIT 100',
  'WITH RECURSIVE p AS (SELECT exe FROM processes) SELECT exe FROM p',
  'SELECT exe FROM processes; SELECT exe FROM streams',
  'SELECT exe FROM $table',
  '',
])('treats the values of %j as restricted', (sql) => {
  expect(listsAllValues(sql, 10)).toBe(false);
});

const values: ValuesState = {
  ...(newState('values') as ValuesState),
  table: 'log_entries',
  timeColumn: 'time',
  value: { column: 'exe' },
};

it.each<[string, Partial<ValuesState>, number, boolean]>([
  ['the values of a column', {}, 10, true],
  ['the values of a property', { value: { column: 'properties', property: 'region' } }, 10, true],
  ['as many values as the limit', {}, 1000, false],
  ['the values of rows with a condition', { conditions: [{ column: 'level', type: 'number', operator: '<=', values: ['2'] }] }, 10, false], // prettier-ignore
  ['the property keys of sampled rows', { of: 'property-keys', value: { column: 'properties' } }, 10, false],
  ['the newest processes', { of: 'processes' }, 10, false],
])('finds whether the SQL of the builder lists all values: %s', (_name, change, count, expected) => {
  const builder = { ...values, ...change };
  const { sql } = builderQuery(builder);
  expect(sql).not.toBe('');
  expect(listsAllValues({ refId: 'v', query: sql, builder, rawEditor: false }, count)).toBe(expected);
});

it('treats the values as restricted if the query has filters or reaches its row limit', () => {
  const query = 'SELECT exe FROM processes';
  expect(listsAllValues({ query: { query, rowLimit: 1000 } }, 10)).toBe(true);
  expect(listsAllValues({ query, rowLimit: 10 }, 10)).toBe(false);
  expect(listsAllValues({ query, filters: [{ key: 'exe', operator: '=', value: 'a' }] }, 10)).toBe(false);
});

it('reads deeply nested queries', () => {
  expect(listsAllValues(`SELECT exe FROM ${'(SELECT exe FROM '.repeat(100)}processes${')'.repeat(100)}`, 10)).toBe(
    true
  );
  expect(listsAllValues(`SELECT ${'upper('.repeat(498)}exe`, 10)).toBe(false);
});

it('treats very long queries as restricted', () => {
  expect(listsAllValues(`SELECT exe FROM ${'( FROM '.repeat(10_000)}`, 10)).toBe(false);
  expect(listsAllValues(`SELECT exe FROM processes ${'/* name */'.repeat(9000)}`, 10)).toBe(true);
  expect(listsAllValues(`SELECT exe FROM processes ${'/* name */'.repeat(11_000)}`, 10)).toBe(false);
});
