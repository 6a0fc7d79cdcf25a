import { ProxyError } from '../base/errors/proxy-error';
import { Status } from '../base/grpc';
import { flightError } from '../lakehouse/flight-sql/flight-errors';
import { MAX_ANALYSED_CHARACTERS } from '../sql/edit/filterable-columns';
import { variableNotice, withSqlAdvice } from './sql-advice';

const invalid = (detail: string) => new ProxyError('query_invalid', { detail, queryId: 'a-b' });
const syntax = invalid('Expected: end of statement, found: {');

it.each([
  ['SELECT 1 WHERE exe IN ($progam)', '$progam'],
  ['SELECT 1 WHERE exe = ${progam:sqlstring}', '${progam:sqlstring}'],
  ["SELECT '$a', $b -- $c\n, /* $d */ $e, $f", '$a, $b, $e'],
])('names the variables that were not replaced in %s', (sql, names) => {
  const { code, advice, detail, queryId } = withSqlAdvice(syntax, sql);
  expect(advice).toContain(`Correct ${names} in the SQL`);
  expect(advice).toContain('Explore, alert rules and public dashboards have no variables.');
  expect({ code, detail, queryId }).toEqual({ code: 'query_invalid', detail: syntax.detail, queryId: 'a-b' });
});

it.each([
  ['SQL without variables', 'SELECT $1 -- $b'],
  ['long SQL', `SELECT $a${' '.repeat(MAX_ANALYSED_CHARACTERS)}`],
])('adds no advice about variables for %s', (_name, sql) => {
  expect(withSqlAdvice(syntax, sql)).toBe(syntax);
});

it('advises single quotes if a name is unknown', () => {
  const unknown = flightError(
    { kind: 'status', code: Status.INVALID_ARGUMENT, details: 'Schema error: No field named error.' },
    {
      rpc: 'info',
      purpose: 'statement',
      signIn: 'none',
      aborted: false,
      afterData: false,
      timeoutMs: 60_000,
      timeLeftMs: 60_000,
      sizes: { headerBytes: 0, tokenBytes: 0 },
      lastResponse: {},
    }
  );
  expect(withSqlAdvice(unknown, 'SELECT 1 WHERE level = "error"').advice).toContain('single quotes');
});

it.each([
  ['server_resources', 'SELECT percentile_cont(value, 0.95) FROM measures', 'call approx_percentile_cont'],
  ['query_timeout', 'SELECT PERCENTILE_CONT (0.5) WITHIN GROUP (ORDER BY v) FROM t', 'call approx_percentile_cont'],
  ['gateway_timeout', 'SELECT median(value) FROM measures', 'call approx_median'],
] as const)('offers estimates if an exact percentile fails with %s', (code, sql, expected) => {
  const { advice } = withSqlAdvice(new ProxyError(code), sql);
  expect(advice).toContain(expected);
  expect(advice).toContain('logarithmic buckets');
});

it.each(['SELECT approx_percentile_cont(v, 0.9) FROM t', "SELECT percentile_cont, 'median(x)' FROM t -- median(v)"])(
  'offers no estimates for %s',
  (sql) => {
    const timeout = new ProxyError('query_timeout');
    expect(withSqlAdvice(timeout, sql)).toBe(timeout);
  }
);

it('returns other errors unchanged', () => {
  const busy = new ProxyError('server_resources');
  expect(withSqlAdvice(busy, 'SELECT $a')).toBe(busy);
});

describe('the notice on variables that were not replaced', () => {
  const sql = "SELECT exe FROM log_entries WHERE exe = '$progam' AND $__timeFilter(time)";

  it('is a warning in a panel', () => {
    expect(variableNotice(sql, 'dashboard')).toEqual({
      severity: 'warning',
      text: 'The SQL contains $progam. The dashboard has no such variable.',
    });
  });

  it.each([
    ['a query without such variables', sql.replace('$progam', 'a'), 'dashboard'],
    ['a query of a variable', sql, 'variable'],
  ])('is missing for %s', (_name, query, entrypoint) => {
    expect(variableNotice(query, entrypoint)).toBeUndefined();
  });
});
