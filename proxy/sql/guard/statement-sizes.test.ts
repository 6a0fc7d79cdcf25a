import { growth } from '../../../tests/support/growth';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkedSql } from './checked-sql';
import { MAX_PARENTHESES } from './statement-code';

/** The code, position and detail of the error, or the SQL that is sent. */
function outcome(sql: string): string {
  try {
    return checkedSql(sql);
  } catch (reason) {
    const { code, sentPosition, detail } = ProxyError.from(reason);
    return `${code} ${sentPosition?.line}:${sentPosition?.column} ${detail}`;
  }
}

const nested = (levels: number) => `SELECT ${'('.repeat(levels)}1${')'.repeat(levels)}`;

it.each([
  ["SELECT length(repeat('a', 2000000000))", '1:15'],
  ["SELECT REPEAT ('a' || 'b', 10000001)", '1:8'],
  ["SELECT\n repeat/* a */('a',\n 1e9)", '2:2'],
  ['SELECT "repeat"(name, +20000000) FROM t', '1:8'],
  ['SELECT max(length(repeat(CAST(value AS varchar), 100000))) FROM t', '1:19'],
  ['SELECT lpad("name", 100 * 101) FROM t', '1:8'],
  ["SELECT rpad('a', 10001, name) FROM t", '1:8'],
  ['SELECT array_repeat(a.b, 10001) FROM a', '1:8'],
  ["SELECT lpad('a', 2000000000, 'b'), rpad('a', 1)", '1:8'],
  ["SELECT rpad(concat('a', 'b'), 2000000000L)", '1:8'],
  ["SELECT repeat('a', 1000 * 1000000), lpad('a', -1000 * -1e6)", '1:8'],
  ["SELECT lpad('a', 1000 * 1000000, 'b')", '1:8'],
  ['SELECT * FROM generate_series(1, 1000 * 1000 * 1000)', '1:15'],
  ['SELECT array_repeat(1, 2000000000)', '1:8'],
  ['SELECT list_repeat([1, 2], 2000000000)', '1:8'],
  ['SELECT * FROM generate_series(1, 1000000000)', '1:15'],
  ['SELECT * FROM range(0, 1000000000, 10)', '1:15'],
  ['SELECT range(20000000)', '1:8'],
  ['SELECT generate_series(-20000000, 0)', '1:8'],
  ['SELECT generate_series(20000000, 0, -1)', '1:8'],
  ["EXPLAIN ANALYZE SELECT repeat('a', 2000000000)", '1:24'],
  [nested(MAX_PARENTHESES + 1), '1:308'],
])('rejects %j', (sql, place) => {
  expect(outcome(sql)).toContain(`statement_too_large ${place} `);
});

it('names the function, the size and the limit', () => {
  expect(outcome("SELECT lpad('a', 2000000000)")).toContain(
    '"lpad" requests the size 2,000,000,000; at most 10,000,000 is allowed.'
  );
  expect(outcome('SELECT lpad(name, 20000) FROM t')).toContain(
    '"lpad" requests the size 20,000 for each row; at most 10,000 is allowed.'
  );
});

it.each([
  ["SELECT repeat('a', 10000000), lpad('a', 10, '20000000'), array_repeat(20000000, 3)"],
  ["SELECT repeat(name, 10000), lpad(name, 20, '0'), repeat('█', value), rpad('a', 10000000) FROM t"],
  ["SELECT repeat('a', 1000 * 1000), repeat('a', CAST(2000000000 AS int)), repeat('a', 2000000000 * n) FROM t"],
  ["SELECT repeat('a', 2000000000 / 1000), repeat('a', 1000 * -1000000), repeat('a', 2000000000 * )"],
  ["SELECT repeat('a', abs(2000000000)), repeat('a', (SELECT 2000000000))"],
  ['SELECT * FROM generate_series(1, 10000000)'],
  ['SELECT * FROM range(0, 1000000000000, 1000000)'],
  ['SELECT * FROM range(1000000000, 1000000100)'],
  ['SELECT * FROM range(0, 1000000000, n), generate_series(0, a)'],
  ["SELECT * FROM generate_series(TIMESTAMP '2026-01-01', TIMESTAMP '2026-12-01', INTERVAL '1 second')"],
  ["SELECT * FROM generate_series('0', '2000000000')"],
  ['SELECT generate_series(20000000, 0)'],
  ['SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN 2000000000 PRECEDING AND 1 FOLLOWING) FROM t'],
  ["SELECT 'repeat(1, 2000000000)' AS range, repeat, lpad FROM t -- repeat('a', 2000000000)"],
  ['SELECT repeat, (2000000000), round(1, 2000000000) FROM t WHERE a IN (1, 2000000000)'],
  [nested(MAX_PARENTHESES)],
  [`SELECT ${'(1) + '.repeat(1000)}1`],
])('accepts %j', (sql) => {
  expect(outcome(sql)).toBe(sql);
});

it.each(["repeat('a',", 'range(1,2,', 'repeat(1,1),', '1,', '(', ')', '['])(
  'checks %j in linear time',
  async (part) => {
    const sqlOf = (length: number) => `SELECT repeat(1, 2), ${part.repeat(length / part.length)}`;
    expect(await growth(outcome, sqlOf, 2 ** 13)).toBeLessThan(8);
  }
);
