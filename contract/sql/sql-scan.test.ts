import { growth } from '../../tests/support/growth';
import {
  isSqlWord,
  type NonCodePart,
  sqlPartAt,
  type SqlToken,
  sqlTokenValue,
  statementStart,
  tokenizeSql,
} from './sql-scan';
import { loadParser } from './testing/load-parser';

interface PartCase {
  name: string;
  sql: string;
  part: string;
  kind: NonCodePart['kind'];
  isClosed?: boolean;
  depth?: number;
}

const parts: PartCase[] = [
  { name: 'a string', sql: "'a' b", part: "'a'", kind: 'string' },
  { name: 'an empty string', sql: "''", part: "''", kind: 'string' },
  { name: 'a string with a doubled quote', sql: "'it''s' x", part: "'it''s'", kind: 'string' },
  { name: 'a string with a backslash before its end', sql: "'a\\' b'", part: "'a\\'", kind: 'string' },
  { name: 'a string with comment marks', sql: "'/* -- ' x", part: "'/* -- '", kind: 'string' },
  { name: 'a string over two lines', sql: "'a\nb' c", part: "'a\nb'", kind: 'string' },
  { name: 'an unterminated string', sql: "'open", part: "'open", kind: 'string', isClosed: false },
  {
    name: 'an unterminated string that ends with a doubled quote',
    sql: "'a''",
    part: "'a''",
    kind: 'string',
    isClosed: false,
  },
  { name: 'a string in dollars', sql: "$$it's -- $a$ $$ x", part: "$$it's -- $a$ $$", kind: 'string' },
  { name: 'an empty string in dollars', sql: '$$$$$', part: '$$$$', kind: 'string' },
  { name: 'a quoted name', sql: '"x""y" z', part: '"x""y"', kind: 'quoted-name' },
  { name: 'a quoted name with a single quote', sql: '"it\'s" z', part: '"it\'s"', kind: 'quoted-name' },
  { name: 'an unterminated quoted name', sql: '"open', part: '"open', kind: 'quoted-name', isClosed: false },
  { name: 'a name in backticks', sql: "`it's``y` z", part: "`it's``y`", kind: 'quoted-name' },
  { name: 'a line comment', sql: "-- it's\nx", part: "-- it's", kind: 'line-comment' },
  { name: 'a line comment at the end', sql: '-- end', part: '-- end', kind: 'line-comment', isClosed: false },
  { name: 'a block comment', sql: "/* it's */ x", part: "/* it's */", kind: 'block-comment', depth: 1 },
  { name: 'a nested comment', sql: '/* a /* b */ c */ x', part: '/* a /* b */ c */', kind: 'block-comment', depth: 2 },
  {
    name: 'two comments inside a comment',
    sql: '/*/*a*//*b*/*/x',
    part: '/*/*a*//*b*/*/',
    kind: 'block-comment',
    depth: 2,
  },
  { name: 'an unterminated comment', sql: '/* a', part: '/* a', kind: 'block-comment', isClosed: false, depth: 1 },
  {
    name: 'an unterminated nested comment',
    sql: '/* /* */',
    part: '/* /* */',
    kind: 'block-comment',
    isClosed: false,
    depth: 2,
  },
  {
    name: 'a comment that begins with /*/',
    sql: '/*/ a',
    part: '/*/ a',
    kind: 'block-comment',
    isClosed: false,
    depth: 1,
  },
];

it.each(parts)('finds the end of $name', ({ sql, part, kind, isClosed = true, depth = 0 }) => {
  expect(sqlPartAt(sql, 0)).toEqual({ kind, end: part.length, isClosed, depth });
});

it.each(['a', '- 1', '/ 2', '*/', '$', '', '$$', "$$ it's", '$$$', "$a$ ' $a$"])(
  'finds no string or comment in %j',
  (sql) => {
    expect(sqlPartAt(sql, 0)).toBeUndefined();
  }
);

it.each([
  ['white space', ' \t\n|SELECT 1'],
  ['a line comment', '-- note\n|SELECT 1'],
  ['a nested comment', '/* a /* b */ c */|SELECT 1'],
  ['empty statements', ';; ;|SELECT 1'],
  ['nothing before a string', "|'a'"],
  ['nothing before a quoted name', '|"a"'],
  ['SQL that consists of comments', '-- a\n/* b */|'],
  ['an unterminated comment', '/* a|'],
  ['nothing', '|'],
])('skips %s', (_name, marked) => {
  expect(statementStart(marked.replace('|', ''))).toBe(marked.indexOf('|'));
});

const tokenCases: Array<[sql: string, tokens: Array<[SqlToken['kind'], string]>]> = [
  ['', []],
  [
    'SELECT a.b',
    [
      ['word', 'SELECT'],
      ['word', 'a'],
      ['symbol', '.'],
      ['word', 'b'],
    ],
  ],
  [
    '\'a\' "b" -- c\n/* /* d */ */e',
    [
      ['string', "'a'"],
      ['quoted-name', '"b"'],
      ['comment', '-- c'],
      ['comment', '/* /* d */ */'],
      ['word', 'e'],
    ],
  ],
  [
    '1.5e-3 1.x',
    [
      ['number', '1.5e-3'],
      ['number', '1'],
      ['symbol', '.'],
      ['word', 'x'],
    ],
  ],
  [
    '$a ${b:csv} $__from ${open',
    [
      ['placeholder', '$a'],
      ['placeholder', '${b:csv}'],
      ['placeholder', '$__from'],
      ['placeholder', '${open'],
    ],
  ],
  [
    'größe<=\u{1F600}',
    [
      ['word', 'größe'],
      ['symbol', '<'],
      ['symbol', '='],
      ['symbol', '\u{1F600}'],
    ],
  ],
];

const escapes: Array<[sql: string, strings: string[]]> = [
  ["E'\\'' || 'a'", ["'\\''", "'a'"]],
  ["f(e'it''s \\\\') 'b'", ["'it''s \\\\'", "'b'"]],
  ["SELECT E'a\\", ["'a\\"]],
  ["E'\\'", ["'\\'"]],
  ["type'\\' 'x'", ["'\\'", "'x'"]],
  ["$e'\\' \u{10400}e'\\' _E'\\'", ["'\\'", "'\\'", "'\\'"]],
  ["$a$$b 'c' $$d'$$", ["'c'", "$$d'$$"]],
  ["a$$ 'b' x$$", ["'b'"]],
];

it.each(escapes)('finds the strings in %s', (sql, strings) => {
  const found = tokenizeSql(sql).filter(({ kind }) => kind === 'string');
  expect(found.map(({ raw }) => raw)).toEqual(strings);
});

it.each(tokenCases)('splits %j into tokens', (sql, expected) => {
  const tokens = tokenizeSql(sql);
  expect(tokens.map(({ kind, raw }) => [kind, raw])).toEqual(expected);
  expect(tokens.map(({ start, end }) => sql.slice(start, end))).toEqual(expected.map(([, written]) => written));
});

it.each([
  ["'it''s'", "it's"],
  ["'open", 'open'],
  ["$$it''s$$", "it''s"],
  ["'a''", "a'"],
  ["''", ''],
  ['"A""b"', 'A"b'],
  ['Log_Entries', 'log_entries'],
  ['1E5', '1E5'],
])('reads the value of %s', (sql, expected) => {
  const [token] = tokenizeSql(sql);
  expect(sqlTokenValue(token)).toBe(expected);
});

it('matches words in upper or lower case, and never quoted names', () => {
  const [select, quoted] = tokenizeSql('Select "select"');
  expect(isSqlWord(select, 'from', 'select')).toBe(true);
  expect(isSqlWord(quoted, 'select')).toBe(false);
  expect(isSqlWord(undefined, 'select')).toBe(false);
});

it.each([
  ['quotes', '', "''"],
  ['open comments', '', '/*'],
  ['closed comments', '', '/**/'],
  ['comment ends', '', '*/'],
  ['open placeholders', '', '${'],
  ['open strings in dollars', '', '$a$$'],
  ['strings in dollars', '', '$$'],
  ['escapes', "E'", '\\'],
  ['strings with escapes', '', "E'' "],
  ['dots after numbers', '', '1.'],
])('reads SQL of %s in linear time', async (_name, start, part) => {
  const sqlOf = (length: number) => start + part.repeat(length / part.length);
  const sql = sqlOf(200_000);
  expect(tokenizeSql(sql).at(-1)?.end).toBe(sql.trimEnd().length);
  expect(await growth(tokenizeSql, sqlOf, 10_000)).toBeLessThan(8);
});

it.each([
  ["$$it's$$", 'DollarQuotedString'],
  ['$$$$', 'DollarQuotedString'],
  ["E'\\''", 'EscapedStringLiteral'],
  ["e'it''s \\\\'", 'EscapedStringLiteral'],
  ["'\\'", 'SingleQuotedString'],
])('ends the string %s at the same position as the parser of the server', (written, kind) => {
  const sql = `SELECT ${written} AS a, 'b' AS c`;
  expect(JSON.stringify(loadParser()(sql))).toContain(kind);
  expect(
    tokenizeSql(sql)
      .filter((token) => token.kind === 'string')
      .map(({ end }) => end)
  ).toEqual([sql.indexOf(' AS a'), sql.indexOf(' AS c')]);
});

it.each(['IN', 'NOT IN'])('the parser applies `IS NULL` to the whole condition `a %s (NULL)`', (operator) => {
  const tree = JSON.stringify(loadParser()(`SELECT a ${operator} (NULL) IS NULL AND b`));
  expect(tree).toMatch(/"IsNull":\{"InList":/);
});
