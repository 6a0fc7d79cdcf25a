import { builderQuery } from '../../../contract/builder/builder-sql';
import { newState } from '../../../contract/builder/new-state';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ColumnKind } from './filter-conditions';
import { FilterableSql, type FilteredSql } from './insert-filters';
import { type Catalogue } from './resolve-filters';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

const LOG: Record<string, ColumnKind> = {
  process_id: 'text',
  exe: 'text',
  time: 'time',
  level: 'number',
  msg: 'text',
  target: 'text',
  properties: 'json',
  process_properties: 'json',
};
const TABLES: Record<string, Record<string, ColumnKind>> = {
  log_entries: LOG,
  measures: { ...LOG, level: 'other', name: 'text', value: 'number' },
  processes: { process_id: 'text', exe: 'text', realname: 'text', properties: 'json' },
  streams: { stream_id: 'text', process_id: 'text', tags: 'other' },
  blocks: { 'processes.exe': 'text', 'streams.properties': 'json', nb_objects: 'number' },
  otel_spans: { name: 'text', duration: 'number', trace_id: 'bytes', properties: 'json' },
};

const columns = (table: string) =>
  TABLES[table] && Object.entries(TABLES[table]).map(([name, kind]) => ({ name, kind }));

const catalogue: Catalogue = {
  columnsOf: ({ origin }) =>
    origin.kind === 'table'
      ? columns(origin.table)
      : origin.kind === 'function'
        ? columns(origin.args[0] ?? '')
        : undefined,
};

function insert(sql: string, key: string, value = 'v', more: Partial<QueryFilter> = {}, isLogs = false): FilteredSql {
  const filters: QueryFilter[] = [{ key, operator: '=', value, ...more }];
  return new FilterableSql(sql, parse).insert({ filters, catalogue, isLogs });
}

it.each<[name: string, sql: string, key: string, expected: string]>([
  ['a table', 'SELECT * FROM log_entries', 'exe', `SELECT * FROM log_entries WHERE (log_entries.exe = 'v')`],
  ['an alias', 'SELECT * FROM log_entries AS L;', 'exe', `SELECT * FROM log_entries AS L WHERE (L.exe = 'v');`],
  [
    'a condition with OR',
    'SELECT exe FROM measures m WHERE a = 1 OR b = 2 -- c\nORDER BY 1',
    'exe',
    `SELECT exe FROM measures m WHERE (a = 1 OR b = 2) AND (m.exe = 'v') -- c\nORDER BY 1`,
  ],
  [
    'comments, macros and layout',
    'SELECT $__timeGroup(time, 5m), -- from\n  count(*)\nFROM log_entries /* x */\nWHERE\n  $__timeFilter(time) /* y */\nGROUP BY 1',
    'exe',
    `SELECT $__timeGroup(time, 5m), -- from\n  count(*)\nFROM log_entries /* x */\nWHERE\n  ($__timeFilter(time)) AND (log_entries.exe = 'v') /* y */\nGROUP BY 1`,
  ],
  [
    'a CTE',
    'WITH a AS (SELECT exe, level FROM log_entries) SELECT exe FROM a WHERE level < 3',
    'exe',
    `WITH a AS (SELECT exe, level FROM log_entries WHERE (log_entries.exe = 'v')) SELECT exe FROM a WHERE level < 3`,
  ],
  [
    'into every SELECT that reads a table with the column',
    'SELECT * FROM log_entries WHERE process_id IN (SELECT process_id FROM processes WHERE x) UNION ALL SELECT * FROM streams',
    'exe',
    `SELECT * FROM log_entries WHERE (process_id IN (SELECT process_id FROM processes WHERE (x) AND (processes.exe = 'v'))) AND (log_entries.exe = 'v') UNION ALL SELECT * FROM streams`,
  ],
  [
    'a join, with a condition on the first source that has the column',
    'SELECT * FROM streams s JOIN log_entries l USING (process_id) JOIN measures m USING (process_id)',
    'exe',
    `SELECT * FROM streams s JOIN log_entries l USING (process_id) JOIN measures m USING (process_id) WHERE (l.exe = 'v')`,
  ],
  [
    'a column of the result, which an earlier source of a join has too',
    'SELECT m.name, l.target FROM measures m JOIN log_entries l ON l.process_id = m.process_id',
    'target',
    `SELECT m.name, l.target FROM measures m JOIN log_entries l ON l.process_id = m.process_id WHERE (l.target = 'v')`,
  ],
  [
    'an alias of the second table of a self-join',
    'SELECT a.exe AS child, b.exe AS parent FROM processes a CROSS JOIN processes b',
    'parent',
    `SELECT a.exe AS child, b.exe AS parent FROM processes a CROSS JOIN processes b WHERE (b.exe = 'v')`,
  ],
  [
    'an alias of one of two subqueries',
    'SELECT b.exe AS parent FROM (SELECT exe FROM processes) a, (SELECT exe FROM processes) b',
    'parent',
    `SELECT b.exe AS parent FROM (SELECT exe FROM processes) a, (SELECT exe FROM processes WHERE (processes.exe = 'v')) b`,
  ],
  [
    'a column of the result from the optional side of a join',
    'SELECT l.exe, p.exe AS other FROM log_entries l LEFT JOIN processes p USING (process_id)',
    'other',
    `SELECT l.exe, p.exe AS other FROM log_entries l LEFT JOIN processes p USING (process_id) WHERE (p.exe = 'v')`,
  ],
  [
    'the column that a right semi join returns',
    'SELECT process_id FROM streams s RIGHT SEMI JOIN processes p ON s.process_id = p.process_id',
    'process_id',
    `SELECT process_id FROM streams s RIGHT SEMI JOIN processes p ON s.process_id = p.process_id WHERE (p.process_id = 'v')`,
  ],
  [
    'a left join',
    'SELECT * FROM log_entries l LEFT JOIN processes p USING (process_id)',
    'realname',
    `SELECT * FROM log_entries l LEFT JOIN processes p USING (process_id) WHERE (p.realname = 'v')`,
  ],
  [
    'a right join, with a condition on the side whose rows are kept',
    'SELECT * FROM log_entries l RIGHT JOIN processes p USING (process_id)',
    'exe',
    `SELECT * FROM log_entries l RIGHT JOIN processes p USING (process_id) WHERE (p.exe = 'v')`,
  ],
  [
    'a view instance without an alias',
    "SELECT * FROM view_instance('otel_spans', 'id') ORDER BY 1",
    'name',
    `SELECT * FROM view_instance('otel_spans', 'id') WHERE (name = 'v') ORDER BY 1`,
  ],
  [
    'an alias of the result',
    'SELECT exe AS program, count(*) FROM log_entries GROUP BY 1',
    'program',
    `SELECT exe AS program, count(*) FROM log_entries WHERE (log_entries.exe = 'v') GROUP BY 1`,
  ],
  [
    'an alias through a subquery',
    'SELECT d."Program" AS p FROM (SELECT exe AS "Program" FROM log_entries) d',
    'p',
    `SELECT d."Program" AS p FROM (SELECT exe AS "Program" FROM log_entries WHERE (log_entries.exe = 'v')) d`,
  ],
  [
    'an alias that hides a column',
    'SELECT target AS exe FROM log_entries',
    'exe',
    `SELECT target AS exe FROM log_entries WHERE (log_entries.target = 'v')`,
  ],
  [
    'a column of UNION that comes from different columns',
    'SELECT exe AS a FROM log_entries UNION SELECT name FROM measures',
    'a',
    `SELECT exe AS a FROM log_entries WHERE (log_entries.exe = 'v') UNION SELECT name FROM measures WHERE (measures.name = 'v')`,
  ],
  [
    'a column of UNION BY NAME that comes from different columns',
    'SELECT target AS exe, exe AS target FROM log_entries UNION BY NAME SELECT target, exe FROM measures',
    'exe',
    `SELECT target AS exe, exe AS target FROM log_entries WHERE (log_entries.target = 'v') UNION BY NAME SELECT target, exe FROM measures WHERE (measures.exe = 'v')`,
  ],
  [
    'an alias of a table that renames its columns',
    'SELECT y FROM processes AS p (x, y)',
    'exe',
    `SELECT y FROM processes AS p (x, y) WHERE (p.y = 'v')`,
  ],
  [
    'a property',
    'SELECT * FROM log_entries',
    'properties.otel.trace_id',
    `SELECT * FROM log_entries WHERE (property_get(log_entries.properties, 'otel.trace_id') = 'v')`,
  ],
  [
    'a property of an alias',
    'SELECT process_properties AS pp FROM log_entries',
    'pp.version',
    `SELECT process_properties AS pp FROM log_entries WHERE (property_get(log_entries.process_properties, 'version') = 'v')`,
  ],
  [
    'an alias of a property',
    "SELECT CAST(property_get(properties, 'otel.region') AS VARCHAR) AS region FROM log_entries",
    'region',
    `SELECT CAST(property_get(properties, 'otel.region') AS VARCHAR) AS region FROM log_entries WHERE (property_get(log_entries.properties, 'otel.region') = 'v')`,
  ],
  [
    'an alias of a property that hides a column',
    "SELECT property_get(l.properties, 'x') AS target FROM measures m JOIN log_entries l ON l.process_id = m.process_id",
    'target',
    `SELECT property_get(l.properties, 'x') AS target FROM measures m JOIN log_entries l ON l.process_id = m.process_id WHERE (property_get(l.properties, 'x') = 'v')`,
  ],
  [
    'a property through a subquery',
    "SELECT r FROM (SELECT property_get(properties, 'region') AS r FROM log_entries) d",
    'r',
    `SELECT r FROM (SELECT property_get(properties, 'region') AS r FROM log_entries WHERE (property_get(log_entries.properties, 'region') = 'v')) d`,
  ],
  [
    'a macro beside a subquery with a property',
    "SELECT r FROM (SELECT property_get(properties, 'region') AS r FROM log_entries) d WHERE $__adHocFilters",
    'r',
    `SELECT r FROM (SELECT property_get(properties, 'region') AS r FROM log_entries) d WHERE (d.r = 'v')`,
  ],
  [
    'a label of log lines from the process',
    'SELECT * FROM log_entries',
    'process.version',
    `SELECT * FROM log_entries WHERE (property_get(log_entries.process_properties, 'version') = 'v')`,
  ],
  [
    'a column whose name has a dot',
    'SELECT * FROM blocks',
    'processes.exe',
    `SELECT * FROM blocks WHERE (blocks."processes.exe" = 'v')`,
  ],
  [
    'a property of a column whose name has a dot',
    'SELECT * FROM blocks',
    'streams.properties.x',
    `SELECT * FROM blocks WHERE (property_get(blocks."streams.properties", 'x') = 'v')`,
  ],
  [
    'the message of a log frame',
    'SELECT time, msg AS message FROM log_entries',
    'body',
    `SELECT time, msg AS message FROM log_entries WHERE (log_entries.msg = 'v')`,
  ],
  [
    'a semi join',
    'SELECT * FROM streams s LEFT SEMI JOIN log_entries l ON s.process_id = l.process_id WHERE true',
    'process_id',
    `SELECT * FROM streams s LEFT SEMI JOIN log_entries l ON s.process_id = l.process_id WHERE (true) AND (s.process_id = 'v')`,
  ],
  [
    'EXPLAIN',
    'EXPLAIN SELECT exe FROM log_entries',
    'exe',
    `EXPLAIN SELECT exe FROM log_entries WHERE (log_entries.exe = 'v')`,
  ],
  [
    'a macro',
    'SELECT * FROM (SELECT * FROM log_entries WHERE a OR $__adHocFilters) x, processes',
    'exe',
    `SELECT * FROM (SELECT * FROM log_entries WHERE a OR (log_entries.exe = 'v')) x, processes`,
  ],
  [
    'two macros, one of them in a SELECT without the column',
    'SELECT 1 FROM log_entries WHERE ${__adHocFilters} UNION SELECT 2 FROM streams s WHERE $__adHocFilters() AND true',
    'exe',
    `SELECT 1 FROM log_entries WHERE (log_entries.exe = 'v') UNION SELECT 2 FROM streams s WHERE true AND true`,
  ],
  [
    'a macro beside a subquery',
    'WITH a AS (SELECT exe AS program, count(*) AS n FROM log_entries GROUP BY 1) SELECT * FROM a WHERE $__adHocFilters',
    'program',
    `WITH a AS (SELECT exe AS program, count(*) AS n FROM log_entries GROUP BY 1) SELECT * FROM a WHERE (a.program = 'v')`,
  ],
  [
    'a macro beside two subqueries, if the result shows the column of the second subquery',
    'WITH c AS (SELECT exe FROM processes) SELECT b.exe AS parent FROM c a, c b WHERE $__adHocFilters',
    'parent',
    `WITH c AS (SELECT exe FROM processes) SELECT b.exe AS parent FROM c a, c b WHERE (b.exe = 'v')`,
  ],
  [
    'a macro beside a table and a subquery with the same column, if the result shows the column of the subquery',
    'SELECT d.exe FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE $__adHocFilters',
    'exe',
    `SELECT d.exe FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE (d.exe = 'v')`,
  ],
  [
    'a macro beside a table and a subquery with the same column, if the result shows all columns of the subquery',
    'SELECT m.value, d.* FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE $__adHocFilters',
    'exe',
    `SELECT m.value, d.* FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE (d.exe = 'v')`,
  ],
  [
    'a macro beside a table and a subquery with the same column, if the result shows the column of the table',
    'SELECT m.exe FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE $__adHocFilters',
    'exe',
    `SELECT m.exe FROM measures m FULL JOIN (SELECT * FROM processes) d USING (process_id) WHERE (m.exe = 'v')`,
  ],
])('inserts a filter: %s', (_name, sql, key, expected) => {
  expect(insert(sql, key)).toMatchObject({ sql: expected, notices: [] });
});

it('inserts filters into the subquery of a rate from the builder', () => {
  const { sql } = builderQuery({ ...newState('metrics'), name: 'requests', aggregation: 'rate' });
  const filtered = insert(sql, 'exe').sql;
  expect(filtered).toContain("AND name = 'requests') AND (measures.exe = 'v')\n    WINDOW");
});

it.each<[name: string, sql: string, key: string, expected: string, notice: RegExp]>([
  [
    'a left join of a table that the result does not show',
    'SELECT l.msg FROM log_entries l LEFT JOIN processes p USING (process_id)',
    'realname',
    `SELECT l.msg FROM log_entries l LEFT JOIN processes p USING (process_id) WHERE (p.realname = 'v')`,
    /realname = v" compares a column of the optional side of an outer join.*\(SELECT \* FROM processes\) AS p\./,
  ],
  [
    'a left join of a view',
    "SELECT p.exe, count(*) FROM processes p LEFT JOIN view_instance('otel_spans', 'x') AS s ON true GROUP BY 1",
    'name',
    `SELECT p.exe, count(*) FROM processes p LEFT JOIN view_instance('otel_spans', 'x') AS s ON true WHERE (s.name = 'v') GROUP BY 1`,
    /optional side of an outer join/,
  ],
  [
    'an alias of an expression, which is also a column',
    'SELECT upper(exe) AS exe FROM log_entries',
    'exe',
    `SELECT upper(exe) AS exe FROM log_entries WHERE (log_entries.exe = 'v')`,
    /^The column "exe" of the result is computed\. The filter "exe = v" compares log_entries\.exe before/,
  ],
  [
    'an aggregate with the name of its column',
    'SELECT max(target) AS target FROM log_entries l',
    'target',
    `SELECT max(target) AS target FROM log_entries l WHERE (l.target = 'v')`,
    /is computed/,
  ],
  [
    'NOT IN',
    'SELECT 1 FROM streams WHERE process_id NOT IN (SELECT process_id FROM processes)',
    'exe',
    `SELECT 1 FROM streams WHERE process_id NOT IN (SELECT process_id FROM processes WHERE (processes.exe = 'v'))`,
    /^The filter "exe = v" also applies to a subquery whose rows are taken away by NOT or EXCEPT.*\$__adHocFilters/,
  ],
  [
    'EXCEPT with a CTE',
    'WITH c AS (SELECT stream_id, process_id FROM streams s) SELECT 1, 2 FROM blocks EXCEPT SELECT * FROM c',
    'stream_id',
    `WITH c AS (SELECT stream_id, process_id FROM streams s WHERE (s.stream_id = 'v')) SELECT 1, 2 FROM blocks EXCEPT SELECT * FROM c`,
    /taken away by NOT or EXCEPT/,
  ],
])('inserts a filter with a notice: %s', (_name, sql, key, expected, message) => {
  expect(insert(sql, key)).toMatchObject({ sql: expected, notices: [expect.stringMatching(message)] });
});

it.each<[QueryFilter['operator'], boolean]>([
  ['=', true],
  ['!=', false],
  ['<', true],
  ['<=', true],
  ['>', true],
  ['>=', true],
  ['=~', true],
  ['!~', false],
  ['=|', true],
  ['!=|', false],
  ['contains', true],
  ['not-contains', false],
])('adds a notice about removed rows of an outer join for the operator %s: %s', (operator, hasNotice) => {
  const join = 'FROM processes p LEFT JOIN log_entries l ON l.process_id = p.process_id';
  const more = { operator, ...(operator.endsWith('|') && { values: ['a'] }) };
  expect(insert(`SELECT p.exe, count(l.msg) ${join} GROUP BY 1`, 'target', 'a', more).notices).toHaveLength(
    hasNotice ? 1 : 0
  );
  // The result shows the value, so the user expects that rows without the value are removed.
  expect(insert(`SELECT l.target ${join}`, 'target', 'a', more).notices).toEqual([]);
  // At the macro, the author has chosen the position of the filter.
  expect(insert(`SELECT p.exe ${join} WHERE $__adHocFilters`, 'target', 'a', more).notices).toEqual([]);
  // In a subquery, the filter applies before the join, so rows without a match remain.
  const subquery = join.replace('log_entries l', '(SELECT * FROM log_entries) l');
  expect(insert(`SELECT p.exe ${subquery}`, 'target', 'a', more).notices).toEqual([]);
});

it('maps levels of log frames to numbers', () => {
  for (const key of ['level', 'severity', 'detected_level']) {
    expect(insert('SELECT * FROM log_entries', key, 'error').sql).toContain('WHERE (log_entries.level = 2)');
  }
  expect(insert('SELECT level AS l FROM log_entries', 'l', 'warning').sql).toContain('level = 3');
});

it('treats unknown keys as properties only in log lines, and only if no table of the query has such a column', () => {
  const sql = 'SELECT * FROM log_entries';
  expect(insert(sql, 'asset', 'v', {}, true).sql).toContain(`property_get(log_entries.properties, 'asset') = 'v'`);
  expect(insert(sql, 'asset').sql).toBe(sql);
  // `log_entries` has no column `name`. `measures` in the second query has one.
  expect(insert(sql, 'name', 'v', {}, true).sql).toContain(`property_get(log_entries.properties, 'name') = 'v'`);
  expect(insert(`${sql} UNION ALL SELECT * FROM measures`, 'name', 'v', {}, true).sql).toBe(
    `${sql} UNION ALL SELECT * FROM measures WHERE (measures.name = 'v')`
  );
  expect(insert('SELECT target AS label FROM log_entries', 'label', 'v', {}, true).sql).toBe(
    `SELECT target AS label FROM log_entries WHERE (log_entries.target = 'v')`
  );
  expect(insert('SELECT * FROM streams', 'name', 'v', {}, true)).toMatchObject({
    sql: 'SELECT * FROM streams',
    notices: [expect.stringContaining('"name"')],
  });
});

it('finds a column of a UNION by its position if one part selects `*`', () => {
  const sql = 'SELECT * FROM streams UNION ALL SELECT exe AS k, msg AS process_id, properties FROM log_entries';
  expect(insert(sql, 'process_id').sql).toBe(
    `SELECT * FROM streams WHERE (streams.process_id = 'v') UNION ALL SELECT exe AS k, msg AS process_id, properties FROM log_entries WHERE (log_entries.msg = 'v')`
  );
});

it.each([
  'SELECT * FROM streams s JOIN processes p ON true UNION ALL SELECT exe AS k, msg AS process_id FROM log_entries',
  'SELECT * FROM (SELECT * EXCEPT (tags) FROM streams UNION SELECT process_id AS k, msg AS process_id FROM log_entries)',
])('rejects a filter if its column is not known in one part of a UNION: %s', (sql) => {
  expect(() => insert(sql, 'process_id')).toThrow(/One part of a UNION returns the column/);
  // The column `target` is not renamed, so the filter is accepted.
  expect(() => insert(sql, 'target')).not.toThrow();
});

it.each([
  ['FULL JOIN', 'coalesce(m.process_id, d.process_id)'],
  ['LEFT JOIN', 'm.process_id'],
  ['RIGHT JOIN', 'd.process_id'],
])('qualifies the USING column of a %s, because the server does not know the bare column in WHERE', (join, column) => {
  const sql = `SELECT process_id FROM measures m ${join} processes d USING (process_id) WHERE $__adHocFilters`;
  expect(insert(sql, 'process_id').sql).toBe(sql.replace('$__adHocFilters', `(${column} = 'v')`));
});

it('combines filters, and names the filters without effect', () => {
  const filters: QueryFilter[] = [
    { key: 'exe', operator: '!=', value: 'a' },
    { key: 'nothing', operator: '=', value: 'b' },
    { key: 'level', operator: '=|', value: '', values: ['error', 'fatal'] },
  ];
  const sql = 'SELECT * FROM log_entries l';
  expect(new FilterableSql(sql, parse).insert({ filters, catalogue, isLogs: false })).toMatchObject({
    sql: `${sql} WHERE ((l.exe <> 'a' OR l.exe IS NULL) AND l.level IN (2, 1))`,
    notices: [
      'The filter "nothing = b" has no effect on this query: no table of the query has the column "nothing". Choose another key, or remove the filter.',
    ],
  });
});

it.each([
  ['SHOW TABLES', 'exe'],
  ['SELECT 1', 'exe'],
  ['SELECT * FROM streams', 'tags'],
  ['INSERT INTO log_entries SELECT * FROM log_entries', 'exe'],
  ['SELECT * FROM jsonb_each(x)', 'exe'],
])('leaves %s unchanged, with a notice', (sql, key) => {
  expect(insert(sql, key)).toMatchObject({ sql: sql, notices: [expect.stringContaining(`"${key}"`)] });
});

function errorOf(run: () => unknown): ProxyError {
  try {
    run();
  } catch (reason) {
    if (reason instanceof ProxyError) {
      return reason;
    }
    throw reason;
  }
  throw new Error('There was no error.');
}

it.each([
  ['SQL that cannot be parsed', 'SELEC 1', /cannot be parsed: Expected: an SQL statement/],
  ['long SQL', `SELECT ${'1,'.repeat(20_000)} 1 FROM log_entries`, /too long/],
  ['deep SQL', `SELECT 1${'+1'.repeat(5000)} FROM log_entries`, /too long or too deeply nested/],
  ['FROM before SELECT', 'FROM log_entries SELECT exe', /clauses that cannot be changed/],
  [
    'a column of the result that comes from two columns of a CTE',
    'WITH c AS (SELECT * FROM log_entries) SELECT exe FROM c UNION SELECT target FROM c',
    /"exe" of the result comes from several columns/,
  ],
  [
    'a function without an alias in a join',
    "SELECT * FROM view_instance('log_entries', 'x') JOIN processes USING (process_id)",
    /reads the function view_instance without an alias. Give it an alias: view_instance\(\.\.\.\) AS v\./,
  ],
  [
    'a merged column of a full join with a subquery without an alias',
    'SELECT exe FROM processes p FULL JOIN (SELECT * FROM log_entries) USING (process_id, exe)',
    /reads a subquery without an alias. Give it an alias: \(SELECT …\) AS v\./,
  ],
  [
    'a merged column of a full join with a function without an alias',
    "SELECT exe FROM processes p FULL JOIN view_instance('log_entries', 'x') USING (process_id, exe)",
    /reads the function view_instance without an alias. Give it an alias: view_instance\(\.\.\.\) AS v\./,
  ],
])('rejects %s', (_name, sql, message) => {
  const error = errorOf(() => insert(sql, 'exe'));
  expect(error.code).toBe('filter_not_applicable');
  expect(error.message).toMatch(message);
  expect(error.advice).toContain('$__adHocFilters');
});

it('inserts filters at the macro into SQL that is too long to be parsed', () => {
  const list = Array.from({ length: 6000 }, (_, index) => `'value ${index}'`).join(',');
  const sql = (where: string) => `SELECT * FROM log_entries l WHERE msg IN (${list}) AND ${where}`;
  expect(insert(sql('$__adHocFilters'), 'exe').sql).toBe(sql("(exe = 'v')"));
  expect(insert(sql('$__adHocFilters'), 'nothing')).toMatchObject({ sql: sql('true'), notices: [expect.any(String)] });
  const joined = `${sql('$__adHocFilters')} AND level IN (SELECT level FROM log_entries)`;
  expect(errorOf(() => insert(joined, 'exe')).message).toMatch(/too long to find out which one is meant/);
  const view = sql('$__adHocFilters').replace('log_entries l', "view_instance('otel_spans', 'id')");
  expect(insert(view, 'name').sql).toContain("AND (name = 'v')");
});

it('rejects filters that are too long for the parser', () => {
  const more = { operator: '=|', values: Array.from({ length: 1000 }, () => 'x'.repeat(1000)) } as const;
  expect(errorOf(() => insert('SELECT * FROM log_entries', 'exe', '', more)).message).toMatch(
    /too long with its filters/
  );
});

it.each([
  "'",
  "''; DROP TABLE x --",
  '\\',
  "\\'",
  '/*',
  '--',
  '\0',
  '\n',
  '"',
  ') OR (1=1',
  '$__adHocFilters',
  '${__from}',
  '[[x]]',
  '😀',
])('keeps the value %j in its literal', (value) => {
  const sql = 'SELECT * FROM log_entries WHERE a OR b';
  for (const operator of ['=', '!=', '=~', 'contains', '=|'] as const) {
    const { sql: edited, notices } = insert(sql, 'exe', value, { operator });
    expect(edited.startsWith('SELECT * FROM log_entries WHERE (a OR b) AND (')).toBe(true);
    expect(notices).toEqual([]);
  }
  expect(insert(sql, `properties.${value}`).sql.startsWith('SELECT * FROM log_entries WHERE (a OR b) AND (')).toBe(
    true
  );
});

it('maps a position in the edited SQL to the author’s SQL', () => {
  const sql = 'SELECT exe FROM log_entries WHERE a OR b ORDER BY nope';
  const { sql: edited, sourceOffset } = insert(sql, 'exe');
  expect(sourceOffset(edited.indexOf('a OR'))).toBe(sql.indexOf('a OR'));
  expect(sourceOffset(edited.indexOf('nope'))).toBe(sql.indexOf('nope'));
  expect(sourceOffset(edited.indexOf(`'v'`))).toBe(sql.indexOf(' ORDER'));
  expect(sourceOffset(edited.length)).toBe(sql.length);
});

it('rejects an edit that changes other parts of the SQL', () => {
  // The parser of this test returns another tree for the edited SQL.
  const sql = 'SELECT exe FROM log_entries';
  const forged: ParseStatements = (written) =>
    parse(written.includes('SELECT exe') && written !== sql ? written.replace('exe', 'msg') : written);
  const run = () =>
    new FilterableSql(sql, forged).insert({
      filters: [{ key: 'exe', operator: '=', value: 'v' }],
      catalogue,
      isLogs: false,
    });
  expect(errorOf(run).code).toBe('filter_not_applicable');
});

it('fails with filter_not_applicable if the parser crashes', () => {
  const crash = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(errorOf(() => new FilterableSql('SELECT 1', crash)).code).toBe('filter_not_applicable');
});
