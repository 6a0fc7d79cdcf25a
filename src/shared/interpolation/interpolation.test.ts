import { type ScopedVars } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type ConditionOperator, type TypedCondition } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { growth } from '../../../tests/support/growth';
import { fixedTemplates, type FixedVariable } from '../../testing/fixed-templates';
import { gapsOf, interpolatedSql, interpolateSql } from './interpolation';

const VARIABLES: Readonly<Record<string, FixedVariable>> = {
  exe: { value: "o'brien" },
  level: { value: 3 },
  pattern: { value: 'a\\"b%' },
  empty: { value: '' },
  none: { value: undefined },
  one: { value: 'a', multi: true },
  listOfOne: { value: ['a'], multi: true },
  some: { value: ['a', "b'c"], multi: true },
  withAll: { value: 'a', includeAll: true },
  numbers: { value: [1, 2.5], multi: true },
  digits: { value: ['1'], multi: true },
  unselected: { value: [], multi: true },
  column: { value: 'we"ird' },
  columns: { value: ['exe', 'a"b'], multi: true },
  nested: { value: '$exe and $__timeFilter(x)' },
  lines: { value: 'x\nDROP' },
  all: { value: ['a', 'b'], multi: true, includeAll: true, isAll: true, query: 'SELECT exe FROM processes' },
  custom: { value: ['a', 'b'], multi: true, includeAll: true, isAll: true, allValue: "'%' OR 1=1" },
  typed: { value: ['a', 'b'], multi: true, includeAll: true, isAll: true, type: 'custom' },
  matched: { value: ['a', 'b'], multi: true, includeAll: true, isAll: true, regex: '/a|b/' },
  restricted: {
    value: ['a', 'b'],
    multi: true,
    includeAll: true,
    isAll: true,
    query: "SELECT DISTINCT exe FROM processes WHERE exe LIKE 'ember%'",
  },
  names: { value: ['c:\\x', "50%_o'b"], multi: true },
  path: { value: 'c:\\x' },
  name: { value: ['a.b_c'], multi: true },
  choices: { value: ['a.*', 'b+'], multi: true, type: 'custom' },
  choice: { value: ['a.*'], multi: true, type: 'custom' },
  levels: { value: ['error', 'warn'], multi: true },
  severity: { value: 'error' },
  dependent: { value: ['a', 'b'], multi: true, includeAll: true, isAll: true, query: 'SELECT x WHERE exe = $exe' },
};
const templates = fixedTemplates(VARIABLES);
const REQUEST: ScopedVars = { __interval: { value: '10s', text: '10s' }, __interval_ms: { value: 10_000, text: '' } };

const interpolated = (sql: string, scoped: ScopedVars = REQUEST) => interpolateSql(sql, templates, scoped);

type Cases = Array<[sql: string, expected: string]>;

/** Dashboards of the older plugin depend on these rules. */
const saved: Cases = [
  ["exe = '$exe'", "exe = 'o''brien'"],
  ["exe = '${exe}' OR exe = '[[exe]]'", "exe = 'o''brien' OR exe = 'o''brien'"],
  ['level <= $level', 'level <= 3'],
  ["msg LIKE '%$pattern'", "msg LIKE '%a\\\"b%'"],
  ['exe IN ($one)', "exe IN ('a')"],
  ['exe IN ($listOfOne)', "exe IN ('a')"],
  ['exe IN ($withAll)', "exe IN ('a')"],
  ['exe IN ($some)', "exe IN ('a','b''c')"],
  ['exe IN (${some}) AND exe IN ([[some]])', "exe IN ('a','b''c') AND exe IN ('a','b''c')"],
  ['exe = $one', "exe = 'a'"],
  ['level IN ($numbers)', 'level IN (1,2.5)'],
  ['level IN ($digits)', "level IN ('1')"],
  ['f($unselected)', 'f()'],
  ["exe = '$empty' $none", "exe = '' "],
  ['SELECT $level FROM t$level', 'SELECT 3 FROM t3'],
  ["date_bin(interval '$__interval', time), $__interval, $__interval_ms", "date_bin(interval '10s', time), 10s, 10000"],
  ['$__timeFilter(time) AND $__from $1 $unknown ${unknown:csv}', '$__timeFilter(time) AND $__from $1 $unknown ${unknown:csv}'], // prettier-ignore
  ["x IN ($custom) OR x LIKE '$custom'", "x IN ('%' OR 1=1) OR x LIKE ''%' OR 1=1'"],
];

it('inserts several values into conditions of the builder', () => {
  const exe = (operator: ConditionOperator, value: string): TypedCondition => ({
    column: 'exe',
    type: 'text',
    operator,
    values: [value],
  });
  const chosen = [exe('=', '$some'), exe('!=', '${some}'), exe('=', '$all'), exe('matches', '$some')];
  const { sql } = builderQuery({ ...newState('logs'), conditions: chosen });
  expect(interpolated(sql)).toContain(
    "\n  AND exe IN ('a','b''c')\n  AND exe NOT IN ('a','b''c')\n  AND exe IN (NULL) IS NULL\n  AND exe ~ '(a|b''c)'\n"
  );
});

it.each(saved)('follows the rules that saved dashboards depend on: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const places: Cases = [
  ["exe IN ('$some')", "exe IN ('a','b''c')"],
  ["exe = '$one' OR msg LIKE '%$listOfOne%'", "exe = 'a' OR msg LIKE '%a%'"],
  ["level IN ('$numbers')", "level IN ('1','2.5')"],
  ['SELECT "$column", t."$one"', 'SELECT "we""ird", t."a"'],
  ['SELECT "$columns"', 'SELECT "exe","a""b"'],
  ['SELECT `$column`, `$columns`', 'SELECT `we"ird`, `exe`,`a"b`'],
  ['SELECT $column FROM t', 'SELECT we"ird FROM t'],
  ['SELECT 1 -- $lines\n/* $some ${exe} [[exe]] */ + $level', 'SELECT 1 -- $lines\n/* $some ${exe} [[exe]] */ + 3'],
  ["'--$exe' || $level", "'--o''brien' || 3"],
  ["x = $$a'$exe$$ OR y = '$exe'", "x = $$a'o'brien$$ OR y = 'o''brien'"],
  ['x IN ($$[[some]]$$) OR y = $$[[nested]]$$', "x IN ($$a$$,$$b'c$$) OR y = $$$$ || '$' || $$exe and $$ || '$' || $$__timeFilter(x)$$"], // prettier-ignore
  ["x = E'\\'$pattern' OR y IN (E'$some')", "x = E'\\'a\\\\\"b%' OR y IN (E'a',E'b''c')"],
];

it.each(places)('formats a value for its position in the SQL: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const formats: Cases = [
  ['x IN (${some:csv}) OR x ~ ${some:regex}', "x IN (a,b'c) OR x ~ (a|b'c)"],
  ["x ~ '${exe:regex}' OR x = '${some:json}'", "x ~ 'o''brien' OR x = '[\"a\",\"b''c\"]'"],
  ["x = '${exe:raw}' OR x IN ('${some:join:','}')", "x = 'o'brien' OR x IN ('a','b'c')"],
  ['x IN (${some:sqlstring}) OR x = ${exe:sqlstring}', "x IN ('a','b''c') OR x = 'o''brien'"],
  ['x IN (${pattern:sqlstring}, ${some:singlequote})', "x IN ('a\\\"b%', 'a','b''c')"],
  ["x IN ('${some:sqlstring}')", "x IN ('a','b''c')"],
  ['SELECT ${columns:doublequote}, [[column:doublequote]]', 'SELECT "exe","a""b", "we""ird"'],
  ['x IN (${level:sqlstring})', "x IN ('3')"],
];

it.each(formats)('uses the format that the author chose: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const all: Cases = [
  ['exe IN ($all) AND b', 'exe IN (NULL) IS NULL AND b'],
  ["exe IN ('$all')", 'exe IN (NULL) IS NULL'],
  ['exe in ( ${all} )', 'exe in ( NULL ) IS NULL'],
  ['exe IN ([[all]]) OR exe IN (${all:sqlstring})', 'exe IN (NULL) IS NULL OR exe IN (NULL) IS NULL'],
  ['exe NOT IN ($all)', "exe NOT IN ('a','b')"],
  ["exe IN ($all, 'x') OR f($all)", "exe IN ('a','b', 'x') OR f('a','b')"],
  ['exe IN (${all:csv})', 'exe IN (a,b)'],
  ['exe IN ($typed) OR exe IN ($matched)', "exe IN ('a','b') OR exe IN ('a','b')"],
  ['exe IN ($dependent)', "exe IN ('a','b')"],
  ['exe IN ($restricted)', "exe IN ('a','b')"],
  ['$__conditionalAll(exe IN ($restricted), $restricted)', 'true'],
  ['exe IN ($some)', "exe IN ('a','b''c')"],
];

const partsOfExpressions = [
  'exe IN ($all) = false',
  'exe IN ($all) IS NOT NULL',
  'a + exe IN ($all)',
  'a = exe IN ($all) AND b',
  'a || exe IN ($all)',
  "position('a' IN ($all))",
  "a BETWEEN exe IN ($all) AND 'z'",
  'exe IN ($all)::int',
  '- a IN ($all)',
  'interval a IN ($all)',
];

it.each(partsOfExpressions)(
  'inserts the list of all values if the condition is a part of a longer expression: %s',
  (sql) => {
    expect(interpolated(sql)).toBe(sql.replace('$all', "'a','b'"));
  }
);

const operands = [
  'WHERE lower(p.exe) IN ($all) GROUP BY exe',
  "WHERE (CAST(properties['a'] AS text)) IN ($all) ORDER BY 1",
  'SELECT count(*) FILTER (WHERE t."Exe"::varchar(20) IN ($all)), CASE WHEN NOT exe IN ($all) THEN 1 END',
  'x OR $column IN ($all) LIMIT 1',
  'JOIN b ON a[1] IN ($all) LEFT JOIN c ON TRUE',
  'f(x, exe IN ($all), y); SELECT 1',
];

it.each(operands)('replaces a list of all values after any operand: %s', (sql) => {
  const column = sql.replace('$column', 'we"ird');
  expect(interpolated(sql)).toBe(column.replaceAll('IN ($all)', 'IN (NULL) IS NULL'));
});

const nothing: Cases = [
  ['exe IN ($unselected) AND b', 'exe IN (NULL) AND b'],
  ['exe IN (${unselected:csv}) OR x IN ([[unselected:sqlstring]])', 'exe IN (NULL) OR x IN (NULL)'],
  ["exe IN ('x', $unselected)", "exe IN ('x', NULL)"],
  ['exe NOT IN ($unselected) AND b', 'exe NOT IN (NULL) IS NULL AND b'],
  ["exe NOT IN ('x', $unselected)", "exe NOT IN ('x', )"],
  ['exe NOT IN ($unselected) = b', 'exe NOT IN () = b'],
  ["exe IN ('$unselected') OR exe NOT IN ('$unselected')", 'exe IN (NULL) OR exe NOT IN (NULL) IS NULL'],
  ["exe IN ('a$unselected')", "exe IN ('a')"],
  [
    'exe IN ($empty) OR x IN (${empty}) OR x NOT IN ($empty)',
    'exe IN (NULL) OR x IN (NULL) OR x NOT IN (NULL) IS NULL',
  ],
  ["exe IN ('$empty') OR exe NOT IN ('$empty')", "exe IN ('') OR exe NOT IN ('')"],
];

it.each(nothing)('inserts a variable without selected values into a list: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

it.each(all)('makes a condition true for every row only if its list has all values: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const comparisons: Cases = [
  ["exe = '$some' OR exe <> $some", "exe IN ('a','b''c') OR exe NOT IN ('a','b''c')"],
  ['lower($column)=$numbers', 'lower(we"ird) IN (1,2.5)'],
  ["exe = 'x-$some'", "exe IN ('x-a','x-b''c')"],
  ["exe ~ '$some' OR exe !~* '^$some$'", "exe ~ '(a|b''c)' OR exe !~* '^(a|b''c)$'"],
  ["exe ~ '$names' OR exe ~ $name", "exe ~ '(c:\\\\x|50%_o''b)' OR exe ~ 'a\\.b_c'"],
  ["exe ~ '${name:regex}' OR exe ~ '$pattern'", "exe ~ 'a\\.b_c' OR exe ~ 'a\\\"b%'"],
  ["exe ~ '${path:regex}'", "exe ~ '(c:\\\\x)'"],
  ["exe ~ '$choice' OR exe ~ '$choices'", "exe ~ 'a.*' OR exe ~ '(a.*|b+)'"],
  ["exe LIKE '$some%'", "(exe LIKE 'a%' OR exe LIKE 'b''c%')"],
  ["NOT f($column) NOT ILIKE '%$some%'", "NOT (f(we\"ird) NOT ILIKE '%a%' AND f(we\"ird) NOT ILIKE '%b''c%')"],
  ["exe LIKE '%$name'", "exe LIKE '%a.b\\_c' ESCAPE '\\'"],
  [
    "exe LIKE 'x\\_$names' ESCAPE '\\'",
    "(exe LIKE 'x\\_c:\\\\x' ESCAPE '\\' OR exe LIKE 'x\\_50\\%\\_o''b' ESCAPE '\\')",
  ],
  ["exe LIKE '$name' ESCAPE '!'", "exe LIKE 'a.b_c' ESCAPE '!'"],
  ["msg LIKE '%$choice%'", "msg LIKE '%a.*%'"],
  ['value < $numbers', "value < $__severalValues('numbers')"],
  ["value >= '$digits' AND b", "value >= '1' AND b"],
  ['a + $numbers > 1 OR a = $numbers + 1', 'a + 1,2.5 > 1 OR a = 1,2.5 + 1'],
];

it.each(comparisons)('inserts values into comparisons: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

it.each(['=', '<', '>=', '~', '~*', 'LIKE', 'ILIKE'])(
  'after %s, makes the condition true for All, and true for no row if no value is selected',
  (operator) => {
    expect(interpolated(`a AND exe ${operator} '$all' AND b`)).toBe('a AND exe IN (NULL) IS NULL AND b');
    expect(interpolated(`a AND exe ${operator} '$unselected' AND b`)).toBe('a AND exe IN (NULL) AND b');
  }
);

const empty: Cases = [
  ['exe = $empty AND level <= ${empty}', 'exe IN (NULL) AND level IN (NULL)'],
  ['exe != $empty OR exe !~ $empty', 'exe IN (NULL) IS NULL OR exe IN (NULL) IS NULL'],
  ["exe = '$empty' OR exe LIKE '$empty%'", "exe = '' OR exe LIKE '%'"],
  ['exe = ${empty:sqlstring}', "exe = ''"],
  ["exe = $empty'a' OR f($empty) ORDER BY a $empty", "exe = 'a' OR f() ORDER BY a "],
];

it.each(empty)('treats an empty value as an empty string only with quotes or a format: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

it.each(['!=', '!~', 'NOT LIKE'])(
  'after %s, makes the condition true if no value is selected, and inserts the list of values for All',
  (operator) => {
    expect(interpolated(`exe ${operator} '$unselected'`)).toBe('exe IN (NULL) IS NULL');
    expect(interpolated(`exe ${operator} '$all'`)).toMatch(/'b'|\(a\|b\)/);
  }
);

const wholePatterns: Cases = [
  ["exe ~ '^$all$' OR exe ~ '${all:regex}'", 'exe IN (NULL) IS NULL OR exe IN (NULL) IS NULL'],
  ["exe ~ 'x$all'", "exe ~ 'x(a|b)'"],
  ["exe ILIKE '%$all%'", 'exe IN (NULL) IS NULL'],
  ["exe LIKE 'x$all'", "(exe LIKE 'xa' OR exe LIKE 'xb')"],
  ["exe ~ '$restricted'", "exe ~ '(a|b)'"],
  ['level <= $typed', 'level IN (NULL) IS NULL'],
];

it.each(wholePatterns)('for All, makes a comparison true for every row, or inserts the values: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const levels: Cases = [
  ['FROM log_entries WHERE level = $severity', 'FROM log_entries WHERE level = 2'],
  ["FROM log_stats l WHERE l.level <= '$severity'", "FROM log_stats l WHERE l.level <= '2'"],
  ['FROM log_entries WHERE level = $levels', 'FROM log_entries WHERE level IN (2,3)'],
  ["FROM view_instance('log_entries', 'x') WHERE level IN ($levels)", "FROM view_instance('log_entries', 'x') WHERE level IN (2,3)"], // prettier-ignore
  ["FROM log_entries WHERE msg = '$severity'", "FROM log_entries WHERE msg = 'error'"],
  ["SELECT word AS level FROM log_entries WHERE level = '$severity'", "SELECT word AS level FROM log_entries WHERE level = 'error'"], // prettier-ignore
  ["FROM elsewhere WHERE level = '$severity'", "FROM elsewhere WHERE level = 'error'"],
];

it.each(levels)('replaces level names with numbers, only in comparisons with log levels: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

const conditions: Cases = [
  ['$__conditionalAll(exe IN ($all), $all) AND b', 'true AND b'],
  ['$__conditionalAll(exe IN ($typed), ${typed:csv})', 'true'],
  ["$__conditionalAll(exe IN ($some) OR f(a, b), '$some') AND b", "(exe IN ('a','b''c') OR f(a, b)) AND b"],
  ['$__conditionalAll(exe LIKE ($custom), $custom)', "(exe LIKE ('%' OR 1=1))"],
  ['$__conditionalAll($__conditionalAll(a, $all) AND exe = $one, $one)', "(true AND exe = 'a')"],
  ['$__conditionalAll(a IN ($all) AND $__conditionalAll(b, $one), $all)', 'true'],
  ['$__conditionalAll(a, $unknown) $__conditionalAll(a, 1)', '$__conditionalAll(a, $unknown) $__conditionalAll(a, 1)'],
  ['$__conditionalAll(exe NOT IN ($unselected), $unselected)', '(exe NOT IN (NULL) IS NULL)'],
  ["$__conditionalAll(a = '$one' OR b IN ($all), $one)", "(a = 'a' OR b IN (NULL) IS NULL)"],
  ["$__conditionalAll(f($some) LIKE '$some%' AND b NOT IN ($empty), $one) AND c = $level", "((f('a','b''c') LIKE 'a%' OR f('a','b''c') LIKE 'b''c%') AND b NOT IN (NULL) IS NULL) AND c = 3"], // prettier-ignore
  ["$__conditionalAll(a, $one) LIKE '$some' AND x", "((a) LIKE 'a' OR (a) LIKE 'b''c') AND x"],
  ['$__conditionalAll(a, $one, b) $__conditionalAll(a', "$__conditionalAll(a, 'a', b) $__conditionalAll(a"],
  ["'$__conditionalAll(a, $exe)' -- $__conditionalAll(a, $exe)", "'$__conditionalAll(a, o''brien)' -- $__conditionalAll(a, $exe)"], // prettier-ignore
];

it.each(conditions)('resolves $__conditionalAll: %s', (sql, expected) => {
  expect(interpolated(sql)).toBe(expected);
});

it.each([
  ['SELECT f($empty) FROM t LIMIT ${none:csv} -- $unselected', ['empty', 'none']],
  ["SELECT \"$empty\" WHERE exe NOT IN ('x', '$unselected') AND f($unselected)", ['empty', 'unselected']],
  ["exe = '$empty' AND exe = $empty AND exe IN ($empty) AND exe NOT IN ($unselected) AND exe LIKE '$empty%'", []],
  ['$__conditionalAll(exe IN ($unselected), $unselected) AND level = $level AND $unknown', []],
])('finds the variables that leave a gap: %s', (sql, expected) => {
  expect(gapsOf(sql, templates)).toEqual(expected);
});

it('uses the value for which a panel is repeated, not All', () => {
  const scoped = { all: { value: 'b', text: 'b' } };
  expect(interpolated('exe IN ($all) AND $__conditionalAll(x, $all)', scoped)).toBe("exe IN ('b') AND (x)");
});

it('does not replace references in values', () => {
  expect(interpolated("a = '$nested' AND b IN ($nested)")).toBe(
    "a = '$exe and $__timeFilter(x)' AND b IN ($exe and $__timeFilter(x))"
  );
});

it('maps offsets back to the SQL of the author', () => {
  const sql = 'SELECT a FROM t WHERE exe IN ($some) AND $__conditionalAll(b, $all) AND nope';
  const { sql: edited, sourceOffset } = interpolatedSql(sql, templates);
  expect(sourceOffset(edited.indexOf('nope'))).toBe(sql.indexOf('nope'));
  expect(sourceOffset(edited.indexOf("b''c"))).toBe(sql.indexOf('$some'));
});

it('leaves SQL without references unchanged', () => {
  expect(interpolated("SELECT 'it''s' FROM \"t\" -- x")).toBe("SELECT 'it''s' FROM \"t\" -- x");
});

it('writes a comparison with several values before a $__conditionalAll', () => {
  const sql = "exe LIKE '$some%' AND $__conditionalAll(computer IN ($listOfOne), $listOfOne)";
  expect(interpolateSql(sql, fixedTemplates(VARIABLES))).toBe(
    "(exe LIKE 'a%' OR exe LIKE 'b''c%') AND (computer IN ('a'))"
  );
});

it('limits the length of nested LIKE comparisons', () => {
  const nested = (depth: number) => interpolated(`${'('.repeat(depth)}exe${" LIKE '$some%')".repeat(depth)}`);
  expect(nested(2)).toBe(
    "((((exe LIKE 'a%' OR exe LIKE 'b''c%')) LIKE 'a%' OR ((exe LIKE 'a%' OR exe LIKE 'b''c%')) LIKE 'b''c%'))"
  );
  for (const depth of [18, 22, 2000]) {
    const sql = nested(depth);
    expect(sql.includes("LIKE $__severalValues('some')")).toBe(true);
    expect(sql.length).toBeLessThan(4_000_000);
  }
});

it.each([
  { name: 'references in one string', sqlOf: (count: number) => `SELECT '${'$exe '.repeat(count)}'`, length: 500 },
  {
    name: 'levels',
    sqlOf: (count: number) => `SELECT 1 FROM log_entries WHERE ${"level = '$severity' OR ".repeat(count)} false`,
    length: 500,
  },
  {
    name: 'calls of $__conditionalAll',
    sqlOf: (count: number) => `SELECT 1 WHERE ${"$__conditionalAll(exe IN ('$all'), $all) AND ".repeat(count)} true`,
    length: 500,
  },
  {
    name: 'calls of $__conditionalAll that are not closed',
    sqlOf: (count: number) => `SELECT 1 WHERE ${'$__conditionalAll('.repeat(count)}`,
    length: 2000,
  },
  {
    name: 'nested calls of $__conditionalAll',
    sqlOf: (count: number) => `SELECT ${'$__conditionalAll($one, '.repeat(count)}$one${')'.repeat(count)}`,
    length: 200,
  },
  {
    name: 'empty variables in a list',
    sqlOf: (count: number) => `SELECT 1 WHERE exe IN (${'$empty, '.repeat(count)} 'a')`,
    length: 500,
  },
  {
    name: 'levels in a list',
    sqlOf: (count: number) => `SELECT 1 FROM log_entries WHERE level IN (${'$severity, '.repeat(count)} 1)`,
    length: 500,
  },
  {
    name: 'several values in LIKE patterns',
    sqlOf: (count: number) => `SELECT 1 WHERE ${"exe LIKE '$some%' OR ".repeat(count)} false`,
    length: 500,
  },
  {
    name: 'parentheses before comparisons',
    sqlOf: (count: number) => `SELECT ${'('.repeat(count)}a${" = '$some')".repeat(count)}`,
    length: 500,
  },
  {
    name: 'parentheses before comparisons with levels',
    sqlOf: (count: number) => `SELECT 1 FROM log_entries WHERE ${'('.repeat(count)}a${" = '$severity')".repeat(count)}`,
    length: 500,
  },
])('inserts values in linear time: $name', async ({ sqlOf, length }) => {
  expect(await growth((sql) => interpolateSql(sql, templates), sqlOf, length)).toBeLessThan(8);
});

it('reads the query of a variable once', async () => {
  const run = ({ sql, query }: { sql: string; query: string }) =>
    interpolateSql(sql, fixedTemplates({ all: { ...VARIABLES.all, query } }));
  const query = (count: number) => `SELECT exe FROM processes ${'/* name */'.repeat(20 * count)}`;
  expect(run({ sql: 'exe IN ($all)', query: query(1) })).toBe('exe IN (NULL) IS NULL');
  const inputOf = (count: number) => ({
    sql: `SELECT 1 WHERE ${"exe = '$all' AND exe IN (${all:sqlstring}) AND ".repeat(count)} true`,
    query: query(count),
  });
  expect(await growth(run, inputOf, 40)).toBeLessThan(8);
});
