import { loadParser } from '../../contract/sql-syntax/testing/load-parser';
import { ProxyError } from '../errors/proxy-error';
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
  expect(readPageable(sql, parse)).toMatchObject({ limit });
});

it('reads the lines without order and limit', () => {
  const sql = ' SELECT * FROM a WHERE $__timeFilter(time) ORDER BY time LIMIT 5; ';
  const { lines } = readPageable(sql, parse);
  expect(sql.slice(lines.start, lines.end)).toBe('SELECT * FROM a WHERE $__timeFilter(time)');
});

it.each(['SHOW TABLES', 'SELECT FROM', 'SELECT DISTINCT ON (exe) * FROM a', '(SELECT * FROM a LIMIT 5)'])(
  'cannot continue %s',
  (sql) => {
    expect(() => readPageable(sql, parse)).toThrow(ProxyError);
    expect(() => readPageable(sql, parse)).toThrow(expect.objectContaining({ code: 'log_page_not_ordered' }));
  }
);
