import { growth } from '../../tests/support/growth';
import { ProxyError } from '../base/errors/proxy-error';
import { withSqlAdvice } from './sql-advice';

const invalid = (detail: string) => new ProxyError('query_invalid', { detail, queryId: 'a-b' });
const syntax = invalid('Expected: end of statement, found: {');

it.each([
  ['SELECT 1 WHERE exe IN ($progam)', '"$progam"'],
  ['SELECT 1 WHERE exe = ${progam:sqlstring}', '"${progam:sqlstring}"'],
  ['SELECT \'$a\', $b -- $c\n, /* $d */ "$e", $f, $b', '"$b", "$f"'],
  ['SELECT $a - $b / $c, $d', '"$a", "$b", "$c"'],
])('names the variables that were not replaced in %s', (sql, names) => {
  const { code, advice, detail, queryId } = withSqlAdvice(syntax, sql);
  expect(advice).toContain(`Correct ${names} in the SQL`);
  expect({ code, detail, queryId }).toEqual({ code: 'query_invalid', detail: syntax.detail, queryId: 'a-b' });
});

it.each(["SELECT '$a'", 'SELECT $1, $$ $a $$', 'SELECT "$a" -- $b', "SELECT E'\\'$a'"])(
  'keeps the advice for SQL without such variables: %s',
  (sql) => {
    expect(withSqlAdvice(syntax, sql)).toBe(syntax);
  }
);

it('advises single quotes if a name is unknown', () => {
  const unknown = invalid('Schema error: No field named error.');
  expect(withSqlAdvice(unknown, 'SELECT 1 WHERE level = "error"').advice).toContain('single quotes');
});

it('keeps the advice of other errors', () => {
  const busy = new ProxyError('server_resources');
  expect(withSqlAdvice(busy, 'SELECT $a')).toBe(busy);
});

it.each(['${a', '$$', "'$a'", '-/$'])('takes linear time for many %s', (part) => {
  const factor = growth(
    (sql: string) => withSqlAdvice(syntax, sql),
    (length) => part.repeat(length),
    100_000
  );
  expect(factor).toBeLessThan(10);
});
