import { loadParser } from '../../../contract/sql/testing/load-parser';
import { ProxyError } from '../../base/errors/proxy-error';
import { ADDED_LEVEL, readCountable } from './countable-query';

const parse = loadParser();

/** The parts that `readCountable` finds, as SQL instead of positions. */
function read(sql: string) {
  const { lines, level, statistics } = readCountable(sql, parse);
  return {
    lines: sql.slice(lines.start, lines.end),
    level: level && `${sql.slice(lines.start, level.at)}|${level.column}`,
    statistics: statistics && {
      name: statistics.name,
      processId: statistics.processId,
      where: statistics.where && sql.slice(statistics.where.start, statistics.where.end),
      times: statistics.timeConditions.map(({ start, end }) => sql.slice(start, end)),
    },
  };
}

it.each([
  ['an order and a limit', 'SELECT * FROM log_entries ORDER BY time DESC LIMIT 10', 'SELECT * FROM log_entries'],
  ['an offset and a semicolon', 'SELECT * FROM log_entries LIMIT 10 OFFSET 5;', 'SELECT * FROM log_entries'],
  ['FETCH', 'SELECT * FROM log_entries FETCH FIRST 10 ROWS ONLY', 'SELECT * FROM log_entries'],
  ['comments', '-- a\nSELECT * FROM log_entries -- b\nORDER BY time -- c', 'SELECT * FROM log_entries'],
  [
    'a window and a subquery that keep their order',
    'SELECT *, row_number() OVER (ORDER BY time) FROM (SELECT * FROM a ORDER BY time LIMIT 3) ORDER BY 1',
    'SELECT *, row_number() OVER (ORDER BY time) FROM (SELECT * FROM a ORDER BY time LIMIT 3)',
  ],
  [
    'CTEs',
    'WITH a AS (SELECT * FROM log_entries LIMIT 5) SELECT * FROM a WHERE (level < 3) ORDER BY time LIMIT 1',
    'WITH a AS (SELECT * FROM log_entries LIMIT 5) SELECT * FROM a WHERE (level < 3)',
  ],
  [
    'a union',
    'SELECT time, msg FROM a UNION ALL (SELECT time, msg FROM b) ORDER BY 1 LIMIT 5',
    'SELECT time, msg FROM a UNION ALL (SELECT time, msg FROM b)',
  ],
  ['macros', 'SELECT * FROM a WHERE $__timeFilter(time) LIMIT 5', 'SELECT * FROM a WHERE $__timeFilter(time)'],
  ['a column with the name of a clause', 'SELECT a."limit", a.offset FROM a', 'SELECT a."limit", a.offset FROM a'],
  [
    'wide characters',
    "SELECT '🔥' AS msg, time FROM a WHERE x = '🔥🔥' LIMIT 1",
    "SELECT '🔥' AS msg, time FROM a WHERE x = '🔥🔥'",
  ],
])('returns the query without ORDER BY and LIMIT: %s', (_name, sql, lines) => {
  expect(read(sql).lines).toBe(lines);
});

it.each([
  ['SHOW', 'SHOW TABLES', 'not a SELECT'],
  ['EXPLAIN', 'EXPLAIN SELECT * FROM log_entries', 'not a SELECT'],
  ['INSERT', 'INSERT INTO a SELECT * FROM log_entries', 'not a SELECT'],
  ['SELECT INTO', 'SELECT * INTO a FROM log_entries', 'not a SELECT'],
  ['VALUES', 'VALUES (1)', 'not a SELECT'],
  ['DISTINCT ON', 'SELECT DISTINCT ON (exe) * FROM log_entries ORDER BY exe, time', 'DISTINCT ON'],
  ['a limit in parentheses', '(SELECT * FROM log_entries LIMIT 5)', 'LIMIT is inside the parentheses of a SELECT.'],
  ['a limit of a branch', 'SELECT * FROM a UNION ALL (SELECT * FROM b LIMIT 5)', 'LIMIT is inside'],
  ['an offset of a branch', 'SELECT * FROM a UNION ALL (SELECT * FROM b OFFSET 5)', 'OFFSET is inside'],
  ['FETCH of a branch', 'SELECT * FROM a UNION (SELECT * FROM b FETCH FIRST 5 ROWS ONLY)', 'FETCH is inside'],
  ['a lock', 'SELECT * FROM log_entries FOR UPDATE', 'does not support FOR UPDATE or FOR SHARE'],
  ['SQL that cannot be parsed', 'SELEC 1', 'cannot be parsed'],
  ['two statements', 'SELECT 1; SELECT 2', 'cannot be parsed'],
  ['an empty string', '', 'not a SELECT'],
  ['long SQL', `SELECT ${'1,'.repeat(20_000)} 1 FROM log_entries`, 'too long'],
])('rejects %s', (_name, sql, message) => {
  let error: unknown;
  try {
    readCountable(sql, parse);
  } catch (reason) {
    error = reason;
  }
  expect(error).toBeInstanceOf(ProxyError);
  expect(error).toMatchObject({ code: 'volume_not_countable', message: expect.stringContaining(message) });
});

it.each([
  ['SELECT time, msg FROM log_entries', 'SELECT time, msg|log_entries.level'],
  ['SELECT time, (SELECT 1 FROM b) AS x FROM log_entries l', 'SELECT time, (SELECT 1 FROM b) AS x|l.level'],
  ["SELECT time, msg FROM view_instance('log_entries', 'p') LIMIT 3", 'SELECT time, msg|level'],
  ['SELECT time, level FROM log_entries', undefined],
  ['SELECT time, Severity FROM log_entries', undefined],
  ['SELECT * FROM log_entries', undefined],
  ['SELECT DISTINCT time, msg FROM log_entries', undefined],
  ['SELECT time, count(*) FROM log_entries GROUP BY time', undefined],
  ['SELECT time, msg FROM log_entries, processes', undefined],
  ['SELECT time, msg FROM measures', undefined],
  ['WITH log_entries AS (SELECT 1 AS time) SELECT time FROM log_entries', undefined],
  ['SELECT time, msg FROM log_entries UNION ALL SELECT time, msg FROM log_entries', undefined],
])('adds a level column only to a single SELECT of log_entries without a level: %s', (sql, level) => {
  expect(read(sql).level).toBe(level);
});

it('adds the level column with a name that needs no quotes', () => {
  expect(ADDED_LEVEL).toMatch(/^[a-z_]+$/);
});

const PLAIN = { name: 'log_entries', processId: undefined, where: undefined, times: [] };

it.each([
  ['SELECT * FROM log_entries ORDER BY time DESC LIMIT 100', PLAIN],
  ['SELECT time, level AS severity, lower(msg) AS body FROM log_entries', PLAIN],
  ['SELECT l.time, l.msg FROM log_entries AS l', { ...PLAIN, name: 'l' }],
  ["SELECT * FROM view_instance('log_entries', 'global')", PLAIN],
  ["SELECT * FROM view_instance('log_entries', 'p') v", { ...PLAIN, name: 'v', processId: 'p' }],
  [
    "SELECT * FROM log_entries WHERE level <= 3 AND (target LIKE 'a%' OR NOT process_id IN ('x', 'y'))",
    { ...PLAIN, where: "level <= 3 AND (target LIKE 'a%' OR NOT process_id IN ('x', 'y'))" },
  ],
  [
    'SELECT * FROM log_entries l WHERE ($__timeFilter(l.time) AND $__adHocFilters) AND $__timeRangeFrom( time )',
    {
      ...PLAIN,
      name: 'l',
      where: '($__timeFilter(l.time) AND $__adHocFilters) AND $__timeRangeFrom( time )',
      times: ['$__timeFilter(l.time)', '$__timeRangeFrom( time )'],
    },
  ],
  [
    "SELECT * FROM log_entries WHERE $__conditionalAll(lower(target) = 'a', 'b')",
    { ...PLAIN, where: "$__conditionalAll(lower(target) = 'a', 'b')" },
  ],
])('can be counted in log_stats: %s', (sql, statistics) => {
  expect(read(sql).statistics).toEqual(statistics);
});

it.each([
  ['another column', "SELECT * FROM log_entries WHERE msg LIKE '%x%'"],
  ['another column in a macro', "SELECT * FROM log_entries WHERE $__conditionalAll(exe = 'a', 'b')"],
  ['a time that is not a macro', "SELECT * FROM log_entries WHERE time > now() - interval '1 hour'"],
  ['a macro under OR', 'SELECT * FROM log_entries WHERE $__timeFilter(time) OR level = 1'],
  ['a macro under NOT', 'SELECT * FROM log_entries WHERE NOT $__timeFilter(time)'],
  ['a macro of another column', 'SELECT * FROM log_entries WHERE $__timeFilter(insert_time)'],
  ['a subquery', 'SELECT * FROM log_entries WHERE process_id IN (SELECT process_id FROM processes)'],
  ['a random condition', 'SELECT * FROM log_entries WHERE random() < 0.5'],
  ['a column of another table', 'SELECT * FROM log_entries l WHERE x.level = 1'],
  ['a macro as a value', 'SELECT * FROM log_entries WHERE level = $__interval_ms'],
  ['a join', 'SELECT * FROM log_entries JOIN processes USING (process_id)'],
  ['a CTE', 'WITH a AS (SELECT 1) SELECT * FROM log_entries'],
  ['a sample', 'SELECT * FROM log_entries TABLESAMPLE (10 PERCENT)'],
  ['an alias that renames columns', 'SELECT a AS time FROM log_entries AS l (a, b)'],
  ['an id that is not a string literal', "SELECT * FROM view_instance('log_entries', concat('a', 'b'))"],
  ['a variable in the id', "SELECT * FROM view_instance('log_entries', '$process')"],
  ['another view', "SELECT * FROM view_instance('measures', 'a')"],
  ['another column named time', 'SELECT insert_time AS time, msg FROM log_entries'],
  ['no column time', 'SELECT insert_time, msg FROM log_entries'],
  ['two columns named time', 'SELECT insert_time AS "Time", time, msg FROM log_entries'],
  ['a computed level', 'SELECT time, 7 - level AS level, msg FROM log_entries'],
  ['a column severity instead of level', 'SELECT time, severity, msg FROM log_entries'],
  ['a wildcard and another column named time', 'SELECT insert_time AS time, * FROM log_entries'],
  ['a changed wildcard', 'SELECT * EXCEPT (level) FROM log_entries'],
  ['unnest, which returns several rows for one', 'SELECT time, unnest(make_array(1, 2)) AS x FROM log_entries'],
  ['unnest in an expression', 'SELECT time, lower(unnest(make_array(msg, exe))) AS x FROM log_entries'],
  ['QUALIFY', 'SELECT time, msg FROM log_entries QUALIFY row_number() OVER (ORDER BY time) = 1'],
  ['DISTINCT', 'SELECT DISTINCT time, level FROM log_entries'],
  ['groups', 'SELECT time, level FROM log_entries GROUP BY time, level'],
])('cannot be counted in log_stats: %s', (_name, sql) => {
  expect(read(sql).statistics).toBeUndefined();
});
