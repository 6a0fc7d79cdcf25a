import { loadParser } from '../../../contract/sql/testing/load-parser';
import { readOrderable } from './orderable-query';

const parse = loadParser();

it.each([
  'SELECT * FROM log_entries WHERE $__timeFilter(time)',
  "SELECT l.* FROM view_instance('log_entries', 'a') AS l",
  'SELECT time, msg FROM log_entries',
  "SELECT date_trunc('second', insert_time) AS time, msg FROM log_entries GROUP BY 1, 2",
  'WITH lines AS (SELECT * FROM log_entries ORDER BY msg LIMIT 5) SELECT time, msg FROM lines',
])('returns the SQL to which an order by time can be added: %s', (sql) => {
  const { start, end } = readOrderable(` ${sql} ; -- lines`, parse);
  expect(` ${sql} ;`.slice(start, end)).toBe(sql);
});

it.each([
  'SELECT * FROM log_entries ORDER BY msg',
  'SELECT * FROM log_entries ORDER BY time DESC',
  'SELECT * FROM log_entries LIMIT 10',
  'SELECT * FROM log_entries OFFSET 10',
  'SELECT * FROM log_entries FETCH FIRST 5 ROWS ONLY',
  'SELECT * FROM processes',
  'SELECT start_time, exe FROM processes',
  'SELECT a.time, b.exe FROM log_entries a JOIN processes b ON a.process_id = b.process_id',
  'SELECT time, msg FROM log_entries UNION ALL SELECT time, name FROM measures',
  'SELECT FROM',
  'SHOW TABLES',
])('rejects %s', (sql) => {
  expect(() => readOrderable(sql, parse)).toThrow(expect.objectContaining({ code: 'log_page_not_ordered' }));
});
