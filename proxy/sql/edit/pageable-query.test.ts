import { loadParser } from '../../../contract/sql/testing/load-parser';
import { ProxyError } from '../../base/errors/proxy-error';
import { readPageable } from './pageable-query';

const parse = loadParser();

it.each([
  ['a limit', 'SELECT * FROM a ORDER BY time DESC LIMIT 10', 10],
  ['no limit', 'SELECT * FROM a', undefined],
  ['LIMIT ALL', 'SELECT * FROM a LIMIT ALL', undefined],
  ['FETCH', 'SELECT * FROM a FETCH FIRST 7 ROWS ONLY', 7],
  ['an offset', 'SELECT * FROM a LIMIT 10 OFFSET 5', 10],
  ['a calculated limit', 'SELECT * FROM a LIMIT 2 * 5', undefined],
  ['a limit of a subquery', 'SELECT * FROM (SELECT * FROM a LIMIT 5)', undefined],
  ['a union', 'SELECT time FROM a UNION ALL SELECT time FROM b LIMIT 3', 3],
])('reads the limit of the author: %s', (_name, sql, limit) => {
  expect(readPageable(sql, 'time', parse)).toMatchObject({ limit });
});

it('finds the part of the SQL before the order and the limit', () => {
  const sql = ' SELECT * FROM a WHERE $__timeFilter(time) ORDER BY time LIMIT 5; ';
  const { lines } = readPageable(sql, 'time', parse);
  expect(sql.slice(lines.start, lines.end)).toBe('SELECT * FROM a WHERE $__timeFilter(time)');
});

it.each(['SHOW TABLES', 'SELECT FROM', 'SELECT DISTINCT ON (exe) * FROM a', '(SELECT * FROM a LIMIT 5)'])(
  'rejects %s',
  (sql) => {
    expect(() => readPageable(sql, 'time', parse)).toThrow(ProxyError);
    expect(() => readPageable(sql, 'time', parse)).toThrow(expect.objectContaining({ code: 'log_page_not_ordered' }));
  }
);

it.each([
  ['SELECT DISTINCT ON (exe) * FROM a', 'SELECT * FROM (SELECT DISTINCT ON (…) … ORDER BY …)'],
  ['SELECT * FROM a UNION (SELECT * FROM b LIMIT 5)', 'Write LIMIT after the last parenthesis, or in a subquery'],
  ['(SELECT * FROM a OFFSET 5)', 'Write OFFSET after the last parenthesis'],
  ['SELECT * FROM a FOR UPDATE', 'Remove this clause.'],
])('gives advice about the clause that prevents a page: %s', (sql, advice) => {
  const error = expect.objectContaining({ advice: expect.stringContaining(advice) });
  expect(() => readPageable(sql, 'time', parse)).toThrow(error);
});

it.each([
  ['SELECT * FROM log_entries', true],
  ['SELECT l.time, msg FROM log_entries AS l WHERE $__timeFilter(l.time) AND level < 4 LIMIT 5', true],
  ["SELECT time FROM view_instance('log_entries', 'a') WHERE $__timeFilter( time )", true],
  ['SELECT * FROM log_entries WHERE $__timeRange(time)', true],
  ['SELECT * FROM log_entries WHERE $__timeRangeFrom(log_entries.time) AND $__timeRangeTo(time)', true],
  ['SELECT DISTINCT time, msg FROM log_entries', true],
  ["SELECT date_trunc('minute', time) AS time, msg FROM log_entries", false],
  ['SELECT insert_time AS time, msg FROM log_entries', false],
  ['SELECT * EXCEPT (time), insert_time AS time FROM log_entries', false],
  ['SELECT * FROM log_entries WHERE $__timeFilter(insert_time)', false],
  ['SELECT * FROM log_entries WHERE $__timeRange(insert_time)', false],
  ['SELECT * FROM log_entries WHERE insert_time > $__timeFrom()', false],
  ["SELECT * FROM log_entries WHERE msg = '$__from'", false],
  ['SELECT time FROM log_entries WHERE process_id IN (SELECT process_id FROM processes)', false],
  ['SELECT time FROM log_entries WHERE process_id IN (FROM processes)', false],
  ['SELECT time, msg, lead(time) OVER (ORDER BY time) AS next FROM log_entries WHERE $__timeFilter(time)', false],
  ['SELECT time, row_number() OVER w AS n FROM log_entries WINDOW w AS (ORDER BY time)', false],
  ['SELECT time, "over" FROM log_entries', true],
  ['SELECT l.time FROM log_entries l JOIN processes p ON l.process_id = p.process_id', false],
  ['SELECT time FROM a UNION ALL SELECT time FROM b', false],
  ['WITH a AS (SELECT * FROM log_entries) SELECT * FROM a', false],
])('reports whether the SQL with a shorter range returns the same lines within that range: %s', (sql, isNarrowable) => {
  expect(readPageable(sql, 'time', parse)).toMatchObject({ isNarrowable });
});
