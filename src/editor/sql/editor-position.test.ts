import { positionAt, type PositionKind } from './editor-position';

/** The SQL without the `|` that marks the cursor, and the offset of the cursor. */
function cursor(marked: string): [string, number] {
  const offset = marked.indexOf('|');
  return [marked.replace('|', ''), offset];
}

interface Case {
  at: string;
  kind: PositionKind;
  start?: number;
  qualifier?: string;
}

const cases: Case[] = [
  { at: '|', kind: 'statement', start: 0 },
  { at: 'SEL|', kind: 'statement', start: 0 },
  { at: 'EXPLAIN |', kind: 'statement' },
  { at: 'SELECT |', kind: 'expression', start: 7 },
  { at: 'SELECT ti| FROM log_entries', kind: 'expression', start: 7 },
  { at: 'SELECT time, | FROM log_entries', kind: 'expression' },
  { at: 'SELECT count(| FROM log_entries', kind: 'expression' },
  { at: 'SELECT * FROM |', kind: 'table', start: 14 },
  { at: 'SELECT * FROM log|', kind: 'table', start: 14 },
  { at: 'SELECT * from a, |', kind: 'table' },
  { at: 'SELECT * FROM a JOIN |', kind: 'table' },
  { at: 'SELECT * FROM log_entries |', kind: 'clause' },
  { at: 'SELECT * FROM log_entries WH|', kind: 'clause', start: 26 },
  { at: 'SELECT * FROM a WHERE |', kind: 'expression' },
  { at: 'SELECT * FROM a WHERE x = 1 AND |', kind: 'expression' },
  { at: 'SELECT * FROM a GROUP BY |', kind: 'expression' },
  { at: 'SELECT * FROM a JOIN b ON |', kind: 'expression' },
  { at: 'SELECT * FROM (SELECT * FROM |', kind: 'table' },
  { at: 'SELECT * FROM (SELECT 1 FROM x) |', kind: 'clause' },
  { at: 'SELECT a.| FROM log_entries a', kind: 'qualified', qualifier: 'a', start: 9 },
  { at: 'SELECT a.ti| FROM log_entries a', kind: 'qualified', qualifier: 'a', start: 9 },
  { at: 'SELECT "A".| FROM x "A"', kind: 'qualified', qualifier: 'A' },
  { at: 'SELECT * FROM a WHERE $|', kind: 'placeholder', start: 22 },
  { at: 'SELECT * FROM a WHERE $__ti|', kind: 'placeholder', start: 22 },
  { at: 'SELECT * FROM a WHERE x = ${v|', kind: 'placeholder', start: 26 },
  { at: "SELECT * FROM a WHERE x = '$v|", kind: 'placeholder', start: 27 },
  { at: "SELECT 'from |", kind: 'string', start: 8 },
  { at: "SELECT 'it''s |' FROM a", kind: 'string', start: 8 },
  { at: 'SELECT 1 -- from |', kind: 'none' },
  { at: 'SELECT 1 /* from |', kind: 'none' },
  { at: 'SELECT 1 -- done\n, |', kind: 'expression' },
  { at: 'SELECT 1 /* a /* from */ |', kind: 'none' },
  { at: 'SELECT * /* a /* b */ c */ FROM |', kind: 'table' },
];

it.each(cases)('expects $kind at the cursor: $at', ({ at, kind, start, qualifier }) => {
  const position = positionAt(...cursor(at));
  expect(position.kind).toBe(kind);
  if (start !== undefined) {
    expect(position.start).toBe(start);
  }
  expect(position.qualifier).toBe(qualifier);
});

describe('inside quotes', () => {
  it.each([
    ['a closed literal', "SELECT 1 FROM t WHERE exe = 'ga|me'", 'ga', 'me', true],
    ['an empty literal', "SELECT 1 FROM t WHERE exe = '|'", '', '', true],
    ['a missing quote at the end of the SQL', "SELECT 1 FROM t WHERE exe = 'ga|", 'ga', '', false],
    ['a missing quote before another literal', "SELECT 1 FROM t WHERE exe = 'ga| AND target = 'x'", 'ga', '', false],
    ['a closed literal before another one', "SELECT 1 FROM t WHERE exe = 'ga|' AND target = 'x'", 'ga', '', true],
    [
      'a missing quote before a line with quotes',
      "SELECT 1 FROM t WHERE exe = 'ga|\nAND target = 'x'",
      'ga',
      '',
      false,
    ],
    ['a doubled quote', "SELECT 1 FROM t WHERE exe = 'it''s|'", "it's", '', true],
  ])('finds the string around the cursor: %s', (_name, marked, typed, after, isClosed) => {
    const [sql, offset] = cursor(marked);
    const position = positionAt(sql, offset);
    expect(position).toMatchObject({ kind: 'string', typed, isClosed });
    expect(sql.slice(offset, position.end)).toBe(after);
    expect(sql[position.start - 1]).toBe("'");
  });

  it.each([
    ["SELECT 1 FROM t WHERE exe = '|'", { name: 'exe' }],
    ["SELECT 1 FROM t WHERE l.exe <> '|'", { qualifier: 'l', name: 'exe' }],
    ['SELECT 1 FROM t WHERE "Odd" != \'|\'', { name: 'Odd' }],
    ["SELECT 1 FROM t WHERE exe NOT LIKE '|'", { name: 'exe' }],
    ["SELECT 1 FROM t WHERE exe ILIKE '|'", { name: 'exe' }],
    ["SELECT 1 FROM t WHERE exe IN ('a', '|')", { name: 'exe' }],
    ["SELECT 1 FROM t WHERE exe NOT IN ($exe, '|", { name: 'exe' }],
    ["SELECT 1 FROM t WHERE exe /* program */ = '|'", { name: 'exe' }],
    [
      "SELECT 1 FROM t WHERE property_get(l.properties, 'version') = '|'",
      { qualifier: 'l', name: 'properties', property: 'version' },
    ],
    ["SELECT 1 FROM t WHERE lower(exe) = '|'", undefined],
    ["SELECT '|'", undefined],
  ])('finds the column that is compared in %s: %j', (marked, compared) => {
    expect(positionAt(...cursor(marked)).compared).toEqual(compared);
  });

  it.each([
    ["SELECT property_get(properties, '|')", 'property_get', 1],
    ["SELECT * FROM view_instance('|')", 'view_instance', 0],
    ["SELECT * FROM view_instance('otel_spans', '|", 'view_instance', 1],
    ["SELECT f(g(1, 2), (3), '|')", 'f', 2],
    ["SELECT $__timeGroup(time, '|')", '$__timeGroup', 1],
  ])('finds the argument: %s', (marked, name, index) => {
    expect(positionAt(...cursor(marked)).argument).toMatchObject({ name, index });
  });
});

it('finds the column with which a number is compared', () => {
  expect(positionAt(...cursor('SELECT 1 FROM t WHERE level <= |')).compared).toEqual({ name: 'level' });
  expect(positionAt(...cursor('SELECT 1 FROM t WHERE level IN (1, 2|)')).compared).toEqual({ name: 'level' });
});
