import { growth } from '../../tests/support/growth';
import { loadParser } from '../sql/testing/load-parser';
import { QueryMeanings } from './query-meaning';

const parse = loadParser();

it.each([
  [
    'SELECT a, b FROM t WHERE a = 1 AND (b = 2 AND c = 3)',
    'select A, "b" from t where c = 3 and b = 2 and a = 1',
    true,
  ],
  ['SELECT lower(a) FROM t GROUP BY lower(a) ORDER BY 1 ASC', 'SELECT lower(a) FROM t GROUP BY 1 ORDER BY 1', true],
  ['SELECT (SELECT a FROM t WHERE x AND y) FROM t', 'SELECT (SELECT a FROM t WHERE y AND x) FROM t', true],
  ["SELECT a FROM t WHERE b = 'A'", "SELECT a FROM t WHERE b = 'a'", false],
  ['SELECT a FROM t WHERE b OR c', 'SELECT a FROM t WHERE c OR b', false],
  ['SELECT a FROM t LIMIT 1', "SELECT a FROM t LIMIT '1'", false],
  ['SELECT a FROM $x', 'SELECT a FROM $y', false],
  ['SELECT a FROM t WHERE b = [[ab]]', 'SELECT a FROM t WHERE b = [[cd]]', false],
  ['SELECT a FROM t WHERE b = [[x]] AND c = [[y]]', 'SELECT a FROM t WHERE b = [[y]] AND c = [[x]]', false],
  ['SELECT a FROM t WHERE b = [[x]] AND c = [[y]]', 'SELECT a FROM t WHERE c = [[y]] AND b = [[x]]', true],
  ['SELECT a FROM t WHERE b = [[x]]', 'SELECT a FROM t WHERE b = __x__', false],
  ['SELECT $__timeGroup(time, 5m) FROM t', 'SELECT $__timeGroup(time, 9m) FROM t', false],
])('decides whether %s and %s have the same meaning: %s', (left, right, isEqual) => {
  const meanings = new QueryMeanings(parse);
  expect(meanings.of(left)).toBeDefined();
  expect(meanings.of(left) === meanings.of(right)).toBe(isEqual);
});

it.each([
  ['the SELECT list', (inner: string) => `(SELECT ${inner} AS a FROM t GROUP BY 1)`],
  ['conditions', (inner: string) => `(SELECT a FROM t WHERE b = ${inner})`],
])('takes linear time for queries nested in %s', async (_place, query) => {
  const inputOf = (depth: number) => {
    let sql = Array.from({ length: 30 }, () => 'abc').join(' + ');
    for (let level = 0; level < depth; level++) {
      sql = query(sql);
    }
    const tree = parse(`SELECT ${sql}`);
    return () => new QueryMeanings(() => tree).of('SELECT 1');
  };
  expect(await growth((run) => run(), inputOf, 3)).toBeLessThan(8);
});
