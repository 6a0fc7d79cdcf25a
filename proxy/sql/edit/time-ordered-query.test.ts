import { loadParser } from '../../../contract/sql/testing/load-parser';
import { readTimeOrdered } from './time-ordered-query';

const parse = loadParser();

it.each([
  ['a time filter', 'SELECT time, msg FROM log_entries WHERE $__timeFilter(time) ORDER BY time DESC', true],
  ['ascending order', 'SELECT * FROM log_entries ORDER BY time ASC', false],
  ['no direction', 'SELECT * FROM log_entries ORDER BY time', false],
  ['NULLS LAST', 'SELECT * FROM log_entries ORDER BY "time" DESC NULLS LAST', true],
  ['further keys', 'SELECT * FROM log_entries ORDER BY time DESC, insert_time DESC', true],
  ['an alias of the table', 'SELECT l.time, l.msg FROM log_entries AS l ORDER BY l.time DESC', true],
  ['a view instance', "SELECT time, msg FROM view_instance('log_entries', 'a') ORDER BY time DESC", true],
  ['macros in conditions', 'SELECT * FROM log_entries WHERE time > $__timeFrom() OR level = 1 ORDER BY time', false],
  ['other columns', 'SELECT time, upper(msg) AS msg, properties FROM log_entries ORDER BY time DESC', true],
])('reads the order of a query with %s', (_name, sql, isDescending) => {
  for (const limit of [undefined, 50]) {
    const limited = limit === undefined ? sql : `${sql} LIMIT ${limit}`;
    const ordered = readTimeOrdered(` ${limited} ; -- lines`, parse);
    expect(ordered).toMatchObject({ isDescending, limit });
    const { start, end } = ordered!.lines;
    expect(` ${limited}`.slice(start, end)).toBe(sql.slice(0, sql.indexOf(' ORDER BY')));
  }
});

it.each([
  ['no order', 'SELECT * FROM log_entries LIMIT 10'],
  ['another order', 'SELECT * FROM log_entries ORDER BY level, time'],
  ['an expression', "SELECT * FROM log_entries ORDER BY date_trunc('second', time)"],
  ['the arrival time under the name time', 'SELECT insert_time AS time, msg FROM log_entries ORDER BY time DESC'],
  ['a rounded time', "SELECT date_trunc('minute', time) AS time, msg FROM log_entries ORDER BY time DESC"],
  ['a replaced column', 'SELECT * REPLACE (insert_time AS time) FROM log_entries ORDER BY time DESC'],
  ['an offset', 'SELECT * FROM log_entries ORDER BY time LIMIT 10 OFFSET 5'],
  ['FETCH', 'SELECT * FROM log_entries ORDER BY time FETCH FIRST 5 ROWS ONLY'],
  ['a computed limit', 'SELECT * FROM log_entries ORDER BY time LIMIT 2 * 5'],
  ['a limit per group', 'SELECT * FROM log_entries ORDER BY time LIMIT 5 BY exe'],
  ['another table', 'SELECT * FROM measures ORDER BY time DESC'],
  ['an instance whose id is not a literal', "SELECT * FROM view_instance('log_entries', exe) ORDER BY time DESC"],
  ['a join', 'SELECT l.time FROM log_entries l JOIN processes p ON l.process_id = p.process_id ORDER BY l.time'],
  ['a subquery', 'SELECT * FROM (SELECT * FROM log_entries) ORDER BY time DESC'],
  [
    'a condition with a subquery',
    'SELECT * FROM log_entries WHERE exe IN (SELECT exe FROM processes) ORDER BY time DESC',
  ],
  ['a subquery without SELECT', 'SELECT * FROM log_entries WHERE EXISTS (FROM processes) ORDER BY time DESC'],
  ['a CTE', 'WITH log_entries AS (SELECT * FROM measures) SELECT * FROM log_entries ORDER BY time'],
  ['a union', 'SELECT time FROM log_entries UNION ALL SELECT time FROM log_entries ORDER BY time'],
  ['a window function', 'SELECT time, lag(msg) OVER (ORDER BY time) AS msg FROM log_entries ORDER BY time DESC'],
  ['a sample', 'SELECT * FROM log_entries TABLESAMPLE (10 PERCENT) ORDER BY time DESC'],
  ['groups', 'SELECT time, count(*) FROM log_entries GROUP BY time ORDER BY time DESC'],
  ['DISTINCT', 'SELECT DISTINCT time, msg FROM log_entries ORDER BY time DESC'],
  ['a macro in the list', 'SELECT time, msg, $__interval_ms AS step FROM log_entries ORDER BY time DESC'],
  ['a macro in the order', 'SELECT * FROM log_entries ORDER BY $__timeGroup(time)'],
  ['parentheses', '(SELECT * FROM log_entries ORDER BY time DESC)'],
  ['EXPLAIN', 'EXPLAIN SELECT * FROM log_entries ORDER BY time DESC'],
  ['a syntax error', 'SELECT FROM'],
])('returns undefined for a query with %s', (_name, sql) => {
  expect(readTimeOrdered(sql, parse)).toBeUndefined();
});
