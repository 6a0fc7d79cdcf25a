import { completeAt, type CompletionSource } from './completion';
import { positionAt, type PositionKind, tableReferences } from './completion-position';

/** The bar is the cursor. */
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
  { at: "SELECT 'from |", kind: 'none' },
  { at: "SELECT 'it''s |' FROM a", kind: 'none' },
  { at: 'SELECT 1 -- from |', kind: 'none' },
  { at: 'SELECT 1 /* from |', kind: 'none' },
  { at: 'SELECT 1 -- done\n, |', kind: 'expression' },
  { at: 'SELECT 1 /* a /* from */ |', kind: 'none' },
  { at: 'SELECT * /* a /* b */ c */ FROM |', kind: 'table' },
];

it.each(cases)('expects $kind at the bar: $at', ({ at, kind, start, qualifier }) => {
  const position = positionAt(...cursor(at));
  expect(position.kind).toBe(kind);
  if (start !== undefined) {
    expect(position.start).toBe(start);
  }
  expect(position.qualifier).toBe(qualifier);
});

it.each([
  ['SELECT * FROM log_entries', [{ table: 'log_entries' }]],
  [
    'select * from Log_Entries as l, "Other" o',
    [
      { table: 'log_entries', alias: 'l' },
      { table: 'Other', alias: 'o' },
    ],
  ],
  ['SELECT * FROM a LEFT JOIN b x ON a.i = x.i WHERE 1', [{ table: 'a' }, { table: 'b', alias: 'x' }]],
  ["SELECT * FROM view_instance('thread_spans', '$id') s", [{ table: 'thread_spans', alias: 's' }]],
  ['SELECT * FROM (SELECT * FROM measures m) q', [{ table: 'measures', alias: 'm' }]],
  ['SELECT * FROM public.processes p', [{ table: 'processes', alias: 'p' }]],
  ["SELECT 'FROM nowhere' -- FROM never", []],
  ['SELECT * FROM f((SELECT x FROM a)) y, b WHERE 1', [{ table: 'f', alias: 'y' }, { table: 'b' }, { table: 'a' }]],
  ['SELECT * FROM f(FROM g(', [{ table: 'f' }, { table: 'g' }]],
  ['SELECT * FROM a, FROM b', [{ table: 'a' }, { table: 'b' }]],
])('finds the tables of %s', (sql, expected) => {
  expect(tableReferences(sql)).toEqual(expected);
});

describe('a long text', () => {
  // In an earlier version, each of these took minutes, because the rest of the text was read again for every word.
  const N = 50_000;
  it.each([
    { name: 'open parentheses', sql: 'FROM f('.repeat(N), count: N },
    { name: 'lists of keywords', sql: 'FROM , '.repeat(N), count: 0 },
    { name: 'a list of tables', sql: `FROM ${'a, '.repeat(N)}b`, count: N + 1 },
    { name: 'quotes', sql: `FROM t ${"''".repeat(N)}'`, count: 1 },
    { name: 'dollars and braces', sql: '${'.repeat(N), count: 0 },
  ])('of $name is read once', ({ sql, count }) => {
    expect(tableReferences(sql)).toHaveLength(count);
    expect(positionAt(sql, sql.length).tables).toHaveLength(count);
  });
});

const source: CompletionSource = {
  tableNames: async () => ['log_entries', 'Odd'],
  columns: async (table) =>
    table === 'log_entries'
      ? [
          { name: 'time', type: 'Timestamp' },
          { name: 'msg', type: 'Utf8' },
        ]
      : table === 'blocks'
        ? [
            { name: 'time', type: 'Timestamp' },
            { name: 'streams.tags', type: 'List' },
          ]
        : [],
  variableNames: () => ['exe'],
};

async function inserts(marked: string, kind: string): Promise<string[]> {
  const { suggestions } = await completeAt(...cursor(marked), source);
  return suggestions.filter((item) => item.kind === kind).map((item) => item.insertText);
}

it('offers tables and table functions after FROM', async () => {
  expect(await inserts('SELECT * FROM |', 'table')).toEqual(['log_entries', '"Odd"']);
  expect(await inserts('SELECT * FROM |', 'function')).toContain('view_instance($0)');
});

it('offers the columns of all tables of the query, each once, quoted where needed', async () => {
  expect(await inserts('SELECT | FROM log_entries, blocks', 'column')).toEqual(['time', 'msg', '"streams.tags"']);
});

it('offers only the columns of the qualifier', async () => {
  expect(await inserts('SELECT b.| FROM log_entries l JOIN blocks b ON 1', 'column')).toEqual([
    'time',
    '"streams.tags"',
  ]);
});

it('offers macros as snippets, and variables, after a dollar sign', async () => {
  expect(await inserts('SELECT * FROM a WHERE $|', 'macro')).toContain('\\$__timeFilter($0)');
  expect(await inserts('SELECT * FROM a WHERE $|', 'variable')).toEqual(['${exe}']);
});

it('replaces a closing brace that the editor inserted', async () => {
  const { start, end } = await completeAt(...cursor('SELECT ${ex|} FROM a'), source);
  expect([start, end]).toEqual([7, 12]);
});

it('offers nothing that deletes or rebuilds data', async () => {
  const offered = [...(await inserts('SELECT * FROM |', 'function')), ...(await inserts('SELECT |', 'function'))];
  expect(offered.filter((name) => /retire|regenerate|materialize|deny|denial/.test(name))).toEqual([]);
});
