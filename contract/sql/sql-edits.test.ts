import { applyEdits, SourceOffsets } from './sql-edits';

it('applies edits in the order of their offsets, and edits at one offset in the given order', () => {
  const edits = [
    { at: 6, removed: 5, sql: 'all' },
    { at: 0, sql: '<' },
    { at: 0, sql: '>' },
    { at: 11, sql: '!' },
  ];
  expect(applyEdits('hello world', edits).sql).toBe('<>hello all!');
});

it('maps each copied character to its source, and inserted characters to the offset of their edit', () => {
  const edited = applyEdits('SELECT a FROM t', [
    { at: 15, sql: ' WHERE x' },
    { at: 7, removed: 1, sql: 'abcde' },
  ]);
  expect(edited.sql).toBe('SELECT abcde FROM t WHERE x');
  const sources = Array.from(edited.sql, (_, offset) => edited.sourceOffset(offset));
  expect(sources).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 8, 9, 10, 11, 12, 13, 14, ...Array<number>(8).fill(15)]);
  expect(edited.sourceOffset(-5)).toBe(0);
  expect(edited.sourceOffset(1000)).toBe(15);
});

it('maps the end of unedited SQL, and offsets after it, to the end of the source', () => {
  expect(applyEdits('abc', []).sourceOffset(3)).toBe(3);
  expect(applyEdits('', []).sourceOffset(3)).toBe(0);
});

it.each([
  [
    'overlap',
    [
      { at: 0, removed: 2, sql: '' },
      { at: 1, sql: 'x' },
    ],
  ],
  ['lie outside of the SQL', [{ at: 9, sql: 'x' }]],
])('throws for edits that %s', (_name, edits) => {
  expect(() => applyEdits('abc', edits)).toThrow(RangeError);
});

it('finds an offset among tens of thousands of pieces', () => {
  const offsets = new SourceOffsets();
  for (let piece = 0; piece < 50_000; piece++) {
    offsets.add(2, piece * 3, true);
  }
  for (let at = 0; at < 100_000; at++) {
    if (offsets.sourceOffset(at) !== Math.floor(at / 2) * 3 + (at % 2)) {
      throw new Error(`Wrong offset at ${at}`);
    }
  }
});
