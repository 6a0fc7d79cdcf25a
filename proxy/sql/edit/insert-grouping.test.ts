import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { applyEdits } from '../../../contract/sql/sql-edits';
import { type ColumnKind } from './filter-conditions';
import { FilterableSql } from './insert-filters';
import { insertGrouping } from './insert-grouping';
import { type Catalogue } from './resolve-filters';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const TABLES: Record<string, Record<string, ColumnKind>> = {
  log_entries: { process_id: 'text', exe: 'text', time: 'time', level: 'number', line: 'number', properties: 'json' },
  processes: { process_id: 'text', exe: 'text', parent: 'bytes', tags: 'other' },
};

const catalogue: Catalogue = {
  columnsOf: ({ origin }) =>
    origin.kind === 'table' && TABLES[origin.table] !== undefined
      ? Object.entries(TABLES[origin.table]).map(([name, kind]) => ({ name, kind }))
      : undefined,
};

function group(sql: string, ...keys: string[]): { sql: string; notices: readonly string[] } {
  const { parsed, scopes } = new FilterableSql(sql, parse);
  const { edits, notices } = insertGrouping({ sql, parsed, scopes, parse }, { keys, catalogue });
  return { sql: applyEdits(sql, edits).sql, notices };
}

const WORDS =
  "CASE log_entries.level WHEN 1 THEN 'critical' WHEN 2 THEN 'error' WHEN 3 THEN 'warning' WHEN 4 THEN 'info' WHEN 5 THEN 'debug' WHEN 6 THEN 'trace' END";

it.each<[name: string, sql: string, key: string, expected: string]>([
  [
    'after the columns of the author, so that GROUP BY 1 stays valid',
    'SELECT $__dateBin(time) AS time, count(*) AS n FROM log_entries WHERE $__timeFilter(time) GROUP BY 1 ORDER BY 1',
    'exe',
    'SELECT $__dateBin(time) AS time, count(*) AS n, log_entries.exe AS exe FROM log_entries WHERE $__timeFilter(time) GROUP BY 1, log_entries.exe ORDER BY 1',
  ],
  [
    'as the only group',
    'SELECT count(*) FROM log_entries',
    'exe',
    'SELECT count(*), log_entries.exe AS exe FROM log_entries GROUP BY log_entries.exe',
  ],
  [
    'in a new GROUP BY before HAVING, and keeps comments',
    'SELECT max(line) -- longest\nFROM log_entries l -- all\nHAVING max(line) > (1) -- end',
    'exe',
    'SELECT max(line), l.exe AS exe -- longest\nFROM log_entries l GROUP BY l.exe -- all\nHAVING max(line) > (1) -- end',
  ],
  [
    'at the end of a list of groups that HAVING follows',
    'SELECT f(exe), count(*) FROM log_entries GROUP BY f(exe), 1 /* g */ HAVING count(*) > 1;',
    'process_id',
    'SELECT f(exe), count(*), log_entries.process_id AS process_id FROM log_entries GROUP BY f(exe), 1, log_entries.process_id /* g */ HAVING count(*) > 1;',
  ],
  [
    'of a property',
    'SELECT count(*) FROM log_entries GROUP BY ALL',
    "properties.map's",
    `SELECT count(*), property_get(log_entries.properties, 'map''s') AS "properties.map's" FROM log_entries GROUP BY ALL`,
  ],
  [
    'of a level, as words',
    'SELECT count(*) FROM log_entries',
    'level',
    `SELECT count(*), (${WORDS}) AS level FROM log_entries GROUP BY (${WORDS})`,
  ],
  [
    'of a number, as text',
    'SELECT count(*) FROM log_entries',
    'line',
    'SELECT count(*), CAST(log_entries.line AS VARCHAR) AS line FROM log_entries GROUP BY CAST(log_entries.line AS VARCHAR)',
  ],
  [
    'of a binary id, as hexadecimal digits',
    'SELECT count(*) FROM processes p',
    'parent',
    "SELECT count(*), encode(p.parent, 'hex') AS parent FROM processes p GROUP BY encode(p.parent, 'hex')",
  ],
  [
    'of a CTE',
    'WITH l AS (SELECT exe, time FROM log_entries LIMIT 5) SELECT count(*) FROM l',
    'exe',
    'WITH l AS (SELECT exe, time FROM log_entries LIMIT 5) SELECT count(*), l.exe AS exe FROM l GROUP BY l.exe',
  ],
  [
    'that GROUP BY has and the result lacks',
    'SELECT max(n) FROM log_entries l GROUP BY l.exe',
    'exe',
    'SELECT max(n), l.exe AS exe FROM log_entries l GROUP BY l.exe',
  ],
  [
    'of one of several tables',
    'SELECT count(*) FROM log_entries l JOIN processes p ON l.process_id = p.process_id',
    'line',
    'SELECT count(*), CAST(l.line AS VARCHAR) AS line FROM log_entries l JOIN processes p ON l.process_id = p.process_id GROUP BY CAST(l.line AS VARCHAR)',
  ],
])('adds a column %s', (_name, sql, key, expected) => {
  expect(group(sql, key)).toEqual({ sql: expected, notices: [] });
});

it('adds several columns', () => {
  expect(group('SELECT count(*) FROM processes p', 'exe', 'process_id')).toEqual({
    sql: 'SELECT count(*), p.exe AS exe, p.process_id AS process_id FROM processes p GROUP BY p.exe, p.process_id',
    notices: [],
  });
});

it.each([
  ['does not aggregate', 'SELECT exe, count(*) OVER () FROM log_entries', 'exe'],
  ['has the column', 'SELECT exe, count(*) FROM log_entries GROUP BY exe', 'exe'],
  ['has the column under an alias', 'SELECT l.exe AS program, count(*) FROM log_entries l GROUP BY 1', 'exe'],
  ['has a column whose alias is the key', 'SELECT exe AS program, count(*) FROM log_entries GROUP BY 1', 'program'],
  [
    'has the property',
    "SELECT property_get(properties, 'map') AS map, count(*) FROM log_entries GROUP BY 1",
    'properties.map',
  ],
  ['is not a SELECT', 'SHOW TABLES', 'exe'],
])('does not change a query that %s, and adds no notice', (_name, sql, key) => {
  expect(group(sql, key)).toEqual({ sql: sql, notices: [] });
});

it.each([
  ['reads no such column', 'SELECT count(*) FROM log_entries', 'map'],
  ['reads a column that cannot be compared', 'SELECT count(*) FROM processes', 'tags'],
  ['combines SELECTs with UNION', 'SELECT count(*) FROM log_entries UNION ALL SELECT count(*) FROM processes', 'exe'],
  ['aggregates in a subquery only', 'SELECT n FROM (SELECT count(*) AS n FROM log_entries) AS t', 'exe'],
  ['has DISTINCT', 'SELECT DISTINCT count(*) FROM log_entries GROUP BY line', 'exe'],
  ['has a window function', 'SELECT count(*), lag(count(*)) OVER (ORDER BY 1) FROM log_entries GROUP BY line', 'exe'],
  ['has ROLLUP', 'SELECT count(*) FROM log_entries GROUP BY ROLLUP (line)', 'exe'],
  ['has another column of this name', 'SELECT max(line) AS exe FROM log_entries', 'exe'],
  ['has no table', 'SELECT count(*)', 'exe'],
  ['would be grouped by a name with a macro', 'SELECT count(*) FROM log_entries', 'properties.$__timeFrom()'],
])('does not change a query that %s, and adds a notice', (_name, sql, key) => {
  const { sql: edited, notices } = group(sql, key);
  expect(edited).toBe(sql);
  expect(notices).toEqual([expect.stringContaining('has no effect on this query')]);
});

it.each(['LIMIT 500', 'OFFSET 5', 'FETCH FIRST 5 ROWS ONLY'])('does not change a query with %s', (clause) => {
  const sql = `SELECT level, count(*) FROM log_entries GROUP BY 1 ORDER BY 1 ${clause}`;
  const { sql: edited, notices } = group(sql, 'exe');
  expect(edited).toBe(sql);
  expect(notices).toEqual([expect.stringContaining('it has LIMIT, OFFSET or FETCH')]);
});

it('adds the keys that are columns of the tables, with a notice about the other keys', () => {
  const { sql, notices } = group('SELECT count(*) FROM log_entries', 'map', 'exe');
  expect(sql).toBe('SELECT count(*), log_entries.exe AS exe FROM log_entries GROUP BY log_entries.exe');
  expect(notices).toHaveLength(1);
});
