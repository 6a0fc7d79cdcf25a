import { MAX_OPERATOR_DEPTH, MAX_PARSED_TOKENS, parserInput } from './parser-input';
import { LinePositions, parseSql, type ParseStatements } from './sql-parser';
import { loadParser } from './testing/load-parser';

let parse: ParseStatements;

beforeAll(() => {
  parse = loadParser();
});

it.each([
  ['a time filter', 'SELECT time FROM log_entries WHERE $__timeFilter(time) AND level < 3'],
  ['nested macros', "SELECT $__timeGroup($__dateBin(time), '5m', NULL) AS time FROM measures"],
  ['an interval without quotes', 'SELECT $__timeGroup(time, 5m, 0) FROM measures'],
  [
    'macros without arguments',
    "SELECT * FROM t WHERE time > $__timeFrom() AND x < $__interval_ms AND i = interval '$__interval'",
  ],
  ['a variable in a list', 'SELECT * FROM processes WHERE exe IN ($exe)'],
  ['a variable as table and column', 'SELECT $column, ${other} FROM ${table} WHERE a.$b = 1'],
  ['a variable with a format', "SELECT * FROM t WHERE a IN (${exe:csv}) OR b = '${c:raw}'"],
  ['a variable in brackets', 'SELECT [[column:raw]] FROM t'],
  ['a view instance', "SELECT * FROM view_instance('log_entries', '$process_id') AS l"],
  ['names with quotes', 'SELECT "streams.tags", "a""b" FROM blocks'],
  ['intervals and casts', "SELECT now() - interval '2 hours', time::bigint, arrow_cast(a, 'Utf8') FROM t"],
  ['comments', '-- $x\nSELECT 1 /* [[y]] */ FROM t'],
  ['a filter placeholder', 'SELECT 1 FROM t WHERE $__adHocFilters AND true'],
])('parses %s', (_name, sql) => {
  const result = parseSql(sql, parse);
  expect(result).toMatchObject({ kind: 'parsed', statement: { Query: {} } });
  expect(parserInput(sql)).toMatchObject({ sql: expect.objectContaining({ length: sql.length }) });
});

it.each([
  ['SELEC 1', 0, 'Expected: an SQL statement, found: SELEC'],
  ['SELECT 1,\n  FRM x y z', 18, 'Expected: end of statement, found: y'],
  ["SELECT '😀', b c d", 17, 'Expected: end of statement, found: d'],
  ['SELECT $__timeFilter(a) b c', 26, 'Expected: end of statement, found: c'],
])('reports the error of %j with its offset', (sql, offset, message) => {
  expect(parseSql(sql, parse)).toEqual({ kind: 'invalid', message, offset });
});

it('rejects several statements', () => {
  expect(parseSql('SELECT 1; SELECT 2', parse)).toMatchObject({ kind: 'invalid' });
});

it.each([
  ['OR', (n: number) => `SELECT a FROM t WHERE a=1${' OR a=1'.repeat(n)}`],
  ['+', (n: number) => `SELECT a${'+a'.repeat(n)}`],
  ['UNION', (n: number) => `SELECT a FROM t${' UNION SELECT a FROM t'.repeat(n)}`],
  ['::', (n: number) => `SELECT a${'::int'.repeat(n)}`],
  ['[1]', (n: number) => `SELECT a${'[1]'.repeat(n)}`],
  ['IS NULL', (n: number) => `SELECT a${' IS NULL'.repeat(n)}`],
  ['nested sums', (n: number) => `SELECT ${'('.repeat(40)}1${`${'+a'.repeat(n / 40)})`.repeat(40)}`],
])('does not crash for 150 %s, and rejects 20,000 as too large', (_name, sql) => {
  expect(parseSql(sql(100), parse).kind).toBe('parsed');
  expect(parseSql(sql(MAX_OPERATOR_DEPTH / 2), parse).kind).toMatch(/^(parsed|too-large)$/);
  expect(parseSql(sql(20_000), parse)).toEqual({ kind: 'too-large', problem: expect.any(String) });
  // The parser is still usable.
  expect(parseSql('SELECT 1', parse).kind).toBe('parsed');
});

/** Constructs whose content the parser reads more than once: the SQL before and after the content. */
const REPEATED: ReadonlyArray<[open: string, close: string]> = [
  ...'CAST TRY_CAST SAFE_CAST CONVERT TRY_CONVERT CEIL FLOOR POSITION SUBSTR SUBSTRING OVERLAY NOT CASE CURRENT_DATE LOCALTIME'
    .split(' ')
    .map((word): [string, string] => [`${word}(`, ')']),
  ['CAST(', ' AS INT)'],
  ['EXTRACT(a, ', ')'],
  ['POSITION(', ' IN a)'],
  ['f(x -> CAST(', '))'],
  ['f() OVER (ORDER BY CEIL(', '))'],
  ['ARRAY[', ']'],
  ['CASE[', ']'],
  ['CASE WHEN 1 THEN ', ' END'],
  ['CASE + ', ''],
  ['NOT + ', ''],
  ['NOT -(', ')'],
  ['NOT IN (', ')'],
  ['NOT IN (SELECT ', ')'],
  ['NOT BETWEEN(', ')'],
  ['INTERVAL (', ')'],
  ['INTERVAL a (', ')'],
  ['INTERVAL - ', ''],
  ['INTERVAL/* */CASE(', ')'],
  ['NOT LIMIT (', ')'],
  ['NOT VALUE (', ')'],
  ['1 FROM ((SELECT ', ') a)'],
  ['1 FROM t JOIN ((SELECT ', ') a)'],
  ['1 FROM t, ((SELECT ', ') a)'],
  ['1 FROM (a, ((SELECT ', ') a))'],
  ['1 FROM (SELECT (SELECT ', ')) a'],
  ['1 FROM (FROM (SELECT ', ')) a'],
  ['a IN (SELECT -', ')'],
  ['a IN ((SELECT ', ') - 1)'],
  ['SET . ', ''],
  ['a.b[', ' END]'],
];

it.each(REPEATED)('rejects SQL with %s nested 48 times, and accepts 5 levels of it', (open, close) => {
  for (const end of ['', '1', `1${close.repeat(48)}`]) {
    expect(parseSql(`SELECT ${open.repeat(48)}${end}`, parse)).toEqual({ kind: 'too-large', problem: 'too-deep' });
  }
  // A usual depth of nesting.
  expect(parseSql(`SELECT a, ${open.repeat(5)}1${close.repeat(5)}, b FROM t`, parse).kind).not.toBe('too-large');
});

it.each([
  ['after a backtick', "SELECT 1 AS `'`, {code}"],
  ['in a comment with a hint', 'SELECT 1, /*! {code} */ 1'],
  ['in a string with other quotes', "SELECT Q'[']', {code} '"],
  ['in three quotes', "SELECT R'''a' , {code} '"],
  ['after an escaped quote', "SELECT X'\\' , {code} '"],
  ['after a number', "SELECT 1E'\\'' , {code} '"],
  ['after a quote in a name', `SELECT #', {code} '`],
  ['after a bracket in a name', `SELECT CAST( #) + {code}`],
  ['between dollars of a name', 'SELECT @$$, {code} $$'],
  ['after an operator with a minus', 'SELECT a @-- {code}'],
  ['after an operator with a slash', 'SELECT a |/* {code} */'],
])('rejects nested casts in places that look like strings, names or comments: %s', (_name, sql) => {
  const code = 'CAST('.repeat(40);
  expect(parseSql(sql.replace('{code}', code), parse)).toEqual({ kind: 'too-large', problem: 'too-deep' });
});

it('counts white space each time the parser reads it', () => {
  const sql = (spaces: number) => `SELECT ${'CAST('.repeat(8)}a${' '.repeat(spaces)}+${' AS INT)'.repeat(8)}`;
  expect(parseSql(sql(10), parse).kind).toBe('invalid');
  expect(parseSql(sql(100_000), parse)).toEqual({ kind: 'too-large', problem: 'too-deep' });
  expect(parseSql(`SELECT a${' '.repeat(100_000)}FROM t${'\n'.repeat(90_000)}`, parse).kind).toBe('parsed');
});

it.each([
  ['subqueries in FROM', `SELECT a FROM ${'(SELECT a, b FROM '.repeat(9)} t ${') q'.repeat(9)}`],
  ['subqueries in double parentheses', `SELECT a FROM ${'((SELECT a, b FROM '.repeat(4)} t ${') q)'.repeat(4)}`],
  ['names in backticks', 'SELECT `l`.`time`, f(`a`) FROM `log_entries` AS `l`'],
  ['strings with a prefix', "SELECT X'00ff', N'a', R'\\d+', E'\\n' FROM t"],
])('parses %s', (_name, sql) => {
  expect(parseSql(sql, parse).kind).toBe('parsed');
});

it.each([
  ['branches of CASE', `SELECT ${"CASE WHEN a = 1 THEN 'x' ELSE ".repeat(9)}0${' END'.repeat(9)} FROM t`],
  [
    'casts beside each other',
    `SELECT ${Array.from({ length: 300 }, () => 'CAST(CAST(a AS INT) AS TEXT)').join()} FROM t`,
  ],
  ['negated conditions', `SELECT 1 FROM t WHERE ${Array.from({ length: 99 }, () => 'NOT (a = 1)').join(' AND ')}`],
  ['values of a variable', `SELECT 1 FROM t WHERE a NOT IN (${Array.from({ length: 2400 }, () => "'a'").join()})`],
  ['intervals', `SELECT ${Array.from({ length: 99 }, () => "now() - INTERVAL '1 day' + INTERVAL '2 hours'").join()}`],
  ['SELECTs with UNION', Array.from({ length: 200 }, () => 'SELECT a FROM t').join(' UNION ALL ')],
  ['subqueries', `SELECT 1 FROM ${Array.from({ length: 99 }, (_, n) => `(SELECT exe FROM log_entries) a${n}`).join()}`],
])('parses many %s', (_name, sql) => {
  expect(parseSql(sql, parse).kind).toBe('parsed');
});

it('rejects too many SELECTs', () => {
  const sql = `SELECT ${Array.from({ length: 700 }, () => '(SELECT 1)').join()}`;
  expect(parseSql(sql, parse)).toMatchObject({ kind: 'too-large' });
});

it('reports parentheses that are nested too deep as an error of the SQL', () => {
  expect(parseSql(`SELECT ${'('.repeat(4000)}`, parse)).toMatchObject({
    kind: 'invalid',
    message: 'recursion limit exceeded',
  });
});

it('rejects SQL with too many tokens or characters', () => {
  expect(parseSql(`SELECT 1${',1'.repeat(MAX_PARSED_TOKENS)}`, parse)).toEqual({
    kind: 'too-large',
    problem: 'too-long',
  });
  expect(parseSql(`SELECT '${'x'.repeat(300_000)}'`, parse)).toEqual({ kind: 'too-large', problem: 'too-long' });
});

it('converts positions to offsets and back', () => {
  const positions = new LinePositions("a\n'😀' b\n");
  expect(positions.offsetOf({ line: 2, column: 5 })).toBe(7);
  expect(positions.positionOf(7)).toEqual({ line: 2, column: 5 });
  expect(positions.offsetOf({ line: 9, column: 9 })).toBe(9);
  expect(positions.positionOf(0)).toEqual({ line: 1, column: 1 });
});
