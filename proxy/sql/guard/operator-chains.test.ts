import { growth } from '../../../tests/support/growth';
import { ProxyError } from '../../base/errors/proxy-error';
import { checkedSql } from './checked-sql';
import { MAX_CHAINED_OPERATORS } from './operator-chains';

/** The code of the error, or `sent`. */
function outcome(sql: string): string {
  try {
    checkedSql(sql);
    return 'sent';
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

const joined = (operators: number, operand: string, operator: string) =>
  Array<string>(operators + 1)
    .fill(operand)
    .join(operator);

const CHAINS: ReadonlyArray<readonly [operand: string, operator: string]> = [
  ["target = 'a'", ' OR '],
  ['a', ' AND '],
  ['a', ' + '],
  ['a', '||'],
  ['1', '-'],
  ['1', 'OR '],
  ['1', ' % '],
  ['SELECT 1', ' UNION ALL '],
  ['(SELECT 1)', ' except '],
  ['a', '->'],
  ['CASE WHEN a OR b THEN 1 END', ' * '],
  ['f(1, 2)', '::int + '],
];

it.each(CHAINS)('rejects a chain of %j with %j that is too long', (operand, operator) => {
  expect(outcome(`SELECT ${joined(MAX_CHAINED_OPERATORS / 2 - 10, operand, operator)}`)).toBe('sent');
  expect(outcome(`SELECT ${joined(MAX_CHAINED_OPERATORS + 1, operand, operator)}`)).toBe('statement_too_large');
});

it.each(['IS NULL ', '::int ', "AT TIME ZONE 'UTC' ", '[1]', 'BETWEEN 1 AND 2 '])(
  'rejects an operand with too many %j',
  (postfix) => {
    expect(outcome(`SELECT a ${postfix.repeat(MAX_CHAINED_OPERATORS / 2 - 10)}`)).toBe('sent');
    expect(outcome(`SELECT a ${postfix.repeat(MAX_CHAINED_OPERATORS + 1)}`)).toBe('statement_too_large');
  }
);

it.each([
  ['values of LIKE', joined(MAX_CHAINED_OPERATORS - 1, "msg LIKE '%a%'", ' OR ')],
  ['arithmetic in separate columns', joined(5000, '1 + 2 * 3', ', ')],
  ['a long list', `a IN (${joined(50_000, "'2026-12-01T00:00:00+01:00'", ', ')})`],
  ['operators in separate parentheses', joined(400, '(a + b + c + d)', ' AND ')],
  ['sums in many selects', joined(900, '1 + 2 + 3 AS n', ' UNION ALL SELECT ')],
])('accepts %s', (_, expression) => {
  expect(outcome(`SELECT ${expression}`)).toBe('sent');
});

it.each(['a OR ', 'a + ', '1::int ', '(a=', '), ', "'a-b', "])('checks %j in linear time', async (part) => {
  const sqlOf = (length: number) => `SELECT a, ${part.repeat(length / part.length)}`;
  expect(await growth(outcome, sqlOf, 2 ** 13)).toBeLessThan(8);
});
