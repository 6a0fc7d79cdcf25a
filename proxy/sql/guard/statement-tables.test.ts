import { growth } from '../../../tests/support/growth';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkedSql } from './checked-sql';
import { MAX_JOINS, MAX_READ_TABLES } from './statement-tables';

/** The error, or `sent`. */
function outcome(sql: string): string {
  try {
    checkedSql(sql);
    return 'sent';
  } catch (reason) {
    const { code, sentPosition, detail } = ProxyError.from(reason);
    return `${code} ${sentPosition?.line}:${sentPosition?.column} ${detail}`;
  }
}

const list = (count: number, each: (index: number) => string, separator = ' ') =>
  Array.from({ length: count }, (_, index) => each(index)).join(separator);

/** Each CTE uses the previous one twice, in the given clause. The last one reads 2 to the power of `levels` tables. */
const doubling = (levels: number, from: (name: string) => string, name = (index: number) => `c${index}`) =>
  `WITH ${name(0)} AS (SELECT 1 AS v)${list(levels, (index) => `, ${name(index + 1)} AS (SELECT 1 AS v FROM ${from(name(index))})`, '')} ` +
  `SELECT count(*) FROM ${name(levels)}`;

it.each([
  ['a comma', (name: string) => `${name} AS a, ${name} AS b`],
  ['JOIN', (name: string) => `${name} AS a JOIN ${name} AS b ON a.v = b.v`],
  ['UNION', (name: string) => `${name} UNION ALL SELECT v FROM ${name}`],
  ['parentheses', (name: string) => `(${name} AS a CROSS JOIN ${name} AS b)`],
  ['queries', (name: string) => `(SELECT v FROM ${name}) AS a, LATERAL (SELECT v FROM ${name}) AS b`],
  ['conditions', (name: string) => `t WHERE v IN (SELECT v FROM ${name}) OR EXISTS (SELECT v FROM ${name} LIMIT 1)`],
  ['FROM first', (name: string) => `(FROM ${name}, ${name} SELECT 1) AS a`],
])('rejects CTEs that use the previous one twice with %s', (_, from) => {
  expect(outcome(doubling(5, from))).toBe('sent');
  expect(outcome(doubling(20, from))).toMatch(/^statement_too_large 1:\d+ /);
});

it.each([
  ['quoted names', (index: number) => `"C ${index}"`],
  ['upper case', (index: number) => (index % 2 === 0 ? `A${index}` : `a${index}`)],
  ['strings', (index: number) => `'c${index}'`],
  ['columns', (index: number) => `c${index}`],
])('knows CTEs with %s', (_, name) => {
  const from = (each: string) => `${each} UNION ALL SELECT v FROM ${each}`;
  expect(outcome(doubling(20, from, name))).toContain('statement_too_large');
});

it('finds CTEs in every place of WITH', () => {
  const union = (name: string) => `${name} UNION ALL SELECT v FROM ${name}`;
  const large = doubling(20, union);
  expect(outcome(large.replaceAll(' AS (SELECT', '(v) AS MATERIALIZED (SELECT'))).toContain('statement_too_large');
  expect(outcome(large.replaceAll(' AS (SELECT', ' (SELECT'))).toContain('statement_too_large');
  expect(outcome(large.replace('WITH', 'WITH RECURSIVE'))).toContain('statement_too_large');
  expect(outcome(`EXPLAIN ANALYZE ${large}`)).toContain('statement_too_large');
  expect(outcome(`SELECT * FROM (${large})`)).toContain('statement_too_large');
  expect(outcome(large.replace('SELECT count(*) FROM c20', 'FROM c20 SELECT count(*)'))).toContain(
    'statement_too_large'
  );
});

it('says what is too large, and where', () => {
  expect(
    outcome(
      `WITH a AS (${list(100, () => 'SELECT 1 FROM t', ' UNION ALL ')}) SELECT 1 FROM ${list(6, () => 'a', ', ')}`
    )
  ).toBe('statement_too_large 1:2632 The statement reads more than 500 tables. A CTE counts as often as it is used.');
  expect(outcome(`SELECT *\nFROM t ${list(MAX_JOINS + 1, () => 'NATURAL JOIN t')}`)).toBe(
    'statement_too_large 2:1516 A query has more than 100 joins, with those of its CTEs and subqueries.'
  );
});

it.each([
  ['joins', (count: number) => `t ${list(count, (index) => `LEFT JOIN t AS t${index} ON t${index}.id = t.id`)}`],
  ['commas', (count: number) => `t, ${list(count, () => 'generate_series(1, 2)', ', ')}`],
  ['strings', (count: number) => `t, ${list(count, () => "'t'", ', ')}`],
  ['subqueries', (count: number) => `t, ${list(count, () => '(SELECT 1)', ',')}`],
  ['joins in subqueries', (count: number) => `t ${list(count / 2, () => 'JOIN (SELECT 1 FROM a JOIN b) ON 1 = 1')}`],
  ['joins of a CTE', (count: number) => `t ${list(count / 5, () => 'JOIN four ON true')}`],
])('limits the number of %s', (_, from) => {
  const sqlOf = (count: number) =>
    `WITH four AS (SELECT 1 FROM t JOIN t ON 1 = 1 JOIN t ON 1 = 1 JOIN t ON 1 = 1 JOIN t ON 1 = 1) SELECT 1 FROM ${from(count)}`;
  expect(outcome(sqlOf(MAX_JOINS))).toBe('sent');
  expect(outcome(sqlOf(MAX_JOINS + 10))).toMatch(/^statement_too_large .* more than 100 joins/);
});

it.each([
  ['a union of many tables', list(MAX_READ_TABLES - 1, () => 'SELECT 1 FROM a', ' UNION ALL ')],
  ['a union of joins', list(MAX_READ_TABLES / 4, () => 'SELECT 1 FROM a JOIN b USING (id, name)', ' UNION ALL ')],
  ['many columns after a table', `SELECT 1 FROM a GROUP BY ${list(2000, (index) => `c${index}`, ', ')}`],
  ['many columns after FROM', `FROM a SELECT ${list(2000, (index) => `c${index}`, ', ')}`],
  [
    'many columns beside IS DISTINCT FROM',
    `SELECT a IS DISTINCT FROM b, ${list(2000, (index) => `c${index}`, ', ')} FROM a`,
  ],
  ['many columns beside a query', `SELECT (SELECT 1 FROM a), ${list(2000, (index) => `c${index}`, ', ')} FROM a`],
  ['a long list', `WITH a AS (SELECT 1) SELECT 1 FROM a WHERE b IN (${list(20_000, (index) => `'${index}'`, ', ')})`],
  ['many rows of values', `SELECT * FROM (VALUES ${list(5000, (index) => `('a', ${index})`, ', ')}) AS v`],
  ['many parts of times', `SELECT ${list(400, (index) => `extract(hour FROM time) AS c${index}`, ', ')} FROM a`],
  [
    'columns of a CTE',
    `WITH a AS (${list(500, () => 'SELECT b FROM t', ' UNION ALL ')}) SELECT ${list(2000, () => 'a.b', ', ')} FROM a`,
  ],
  [
    'the same name in separate queries',
    list(100, () => 'SELECT 1 FROM (WITH a AS (SELECT 1 FROM t, t) SELECT 1 FROM a, a)', ' UNION ALL '),
  ],
  ['a recursive CTE', 'WITH RECURSIVE a AS (SELECT 1 AS v UNION ALL SELECT v + 1 FROM a WHERE v < 9) SELECT v FROM a'],
  ['a CTE with the name of a table', 'WITH processes AS (SELECT * FROM processes) SELECT 1 FROM processes, processes'],
])('accepts %s', (_, sql) => {
  expect(outcome(sql)).toBe('sent');
});

it.each(['FROM a,', 'JOIN a ', 'WITH a AS (', ', a AS (SELECT 1)', ', (', 'a.', 'UNION SELECT a FROM b '])(
  'checks %j in linear time',
  async (part) => {
    const sqlOf = (length: number) => `WITH a AS (SELECT 1), b AS (SELECT ${part.repeat(length / part.length)}`;
    expect(await growth(outcome, sqlOf, 2 ** 13)).toBeLessThan(8);
  }
);
