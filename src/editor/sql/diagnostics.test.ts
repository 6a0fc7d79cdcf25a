import { type ParseStatements, ParserCrashError } from '../../../contract/sql/sql-parser';
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { diagnose } from './diagnostics';
import { type QuerySettings } from './hints';

const TABLE: QuerySettings = { format: 'table', timeFilter: true };
const SERIES: QuerySettings = { format: 'time_series', timeFilter: true };
const NO_FILTER: QuerySettings = { format: 'table', timeFilter: false };

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

/** Code and marked SQL of each diagnostic. */
function found(sql: string, settings: QuerySettings): string[] {
  return diagnose(sql, parse, settings).map(({ code, start, end }) => `${code}: ${sql.slice(start, end)}`);
}

it.each([
  ['SELEC 1', 'SELEC', 'Expected: an SQL statement, found: SELEC'],
  ['SELECT 1,\n  FRM x y z', 'y', 'Expected: end of statement, found: y'],
  ['SELECT * FROM log_entries WHERE', 'WHERE', 'Expected: an expression, found: EOF'],
  ["SELECT '😀' AS a b", 'b', 'Expected: end of statement, found: b'],
  ['SELECT $__timeFilter(time) a b', 'b', 'Expected: end of statement, found: b'],
  ["SELECT 1 FROM t WHERE exe = 'x", "'x", 'Unterminated string literal'],
])('marks the syntax error of %j', (sql, marked, message) => {
  const [diagnostic] = diagnose(sql, parse, TABLE);
  expect(diagnostic).toMatchObject({ code: 'syntax', message: message });
  expect(sql.slice(diagnostic.start, diagnostic.end)).toBe(marked);
});

it.each([
  ['empty SQL', '  \n'],
  ['a comment', '-- later'],
  [
    'macros and variables',
    "SELECT $__dateBin(time) AS time FROM ${table} WHERE $__timeFilter(time) AND exe IN ($exe) AND x = '[[y]]'",
  ],
  ['a variable that may contain a condition', 'SELECT 1 FROM t WHERE a = 1 $more_conditions'],
  ['SQL after such a variable', 'SELECT 1 FROM t WHERE $conditions a = 1'],
  ['SQL that is too long', `SELECT 1${',1'.repeat(20_000)}`],
  ['a statement other than SELECT', 'SHOW TABLES'],
])('marks nothing in %s', (_name, sql) => {
  expect(diagnose(sql, parse, NO_FILTER)).toEqual([]);
});

it('throws a ParserCrashError after a crash of the parser', () => {
  const crash = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(() => diagnose('SELECT 1', crash, TABLE)).toThrow(ParserCrashError);
});

describe('no time filter', () => {
  it.each([
    ['SELECT msg FROM log_entries', 'log_entries'],
    ['SELECT msg FROM log_entries l WHERE level = 1', 'log_entries'],
    ['SELECT * FROM (SELECT value FROM measures) q', 'measures'],
    ['WITH c AS (SELECT 1 FROM blocks) SELECT * FROM c', 'blocks'],
    ["SELECT 1 FROM log_stats WHERE target = 'time'", 'log_stats'],
  ])('marks the table in %s', (sql, table) => {
    expect(found(sql, NO_FILTER)).toEqual([`no-time-filter: ${table}`]);
  });

  it.each([
    "SELECT msg FROM log_entries WHERE time > now() - interval '1 hour'",
    'SELECT msg FROM log_entries l WHERE l."time" > now()',
    'SELECT msg FROM log_entries WHERE $__timeFilter(time)',
    'SELECT * FROM (SELECT time, value FROM measures) q WHERE q.time > now()',
    'WITH c AS (SELECT * FROM measures) SELECT * FROM c WHERE $__timeFilter(time)',
    'SELECT exe FROM processes',
    "SELECT msg FROM view_instance('log_entries', 'id')",
    'SELECT 1',
  ])('marks nothing in %s', (sql) => {
    expect(found(sql, NO_FILTER)).toEqual([]);
  });

  it('marks nothing while the time filter is on', () => {
    expect(found('SELECT msg FROM log_entries', TABLE)).toEqual([]);
  });
});

it.each([
  ['SELECT * FROM measures ORDER BY time', ['star-as-time-series: *']],
  ['SELECT time, m.* FROM measures m', ['star-as-time-series: *']],
  ['SELECT count(*) FROM measures', []],
  ['SELECT time, value FROM (SELECT * FROM measures) q', []],
  ['SELECT time, process_id, value FROM measures', ['label-column: process_id']],
  ['SELECT time, m.msg AS text FROM log_entries m', ['label-column: m.msg']],
  ['WITH c AS (SELECT time, stream_id AS s FROM measures) SELECT time, s FROM c', ['label-column: s']],
  ['SELECT time, exe, value FROM measures', []],
])('gives hints about columns of the time series %s: %j', (sql, expected) => {
  expect(found(sql, SERIES)).toEqual(expected);
});

it('gives no hints about columns if the format is Table', () => {
  expect(found('SELECT *, process_id FROM measures', TABLE)).toEqual([]);
});

it.each([
  ['SELECT exe FROM processes LIMIT 5', ['limit-without-order: LIMIT']],
  ['SELECT exe FROM processes ORDER BY 1 LIMIT 5', []],
  ['SELECT exe FROM processes', []],
  ['SELECT exe, count(*) FROM processes GROUP BY 1 limit 5', ['limit-without-order: limit']],
  ['SELECT count(*) FROM processes LIMIT 1', []],
  ['SELECT 1 LIMIT 1', []],
  ['SELECT * FROM (SELECT exe FROM processes LIMIT 5) q ORDER BY 1', []],
  ['SELECT row_number() OVER (ORDER BY exe) FROM processes LIMIT 5', ['limit-without-order: LIMIT']],
])('hints at LIMIT without ORDER BY in %s: %j', (sql, expected) => {
  expect(found(sql, TABLE)).toEqual(expected);
});
