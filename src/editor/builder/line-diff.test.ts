import { diffRows } from './line-diff';

it('pairs changed lines and keeps equal ones', () => {
  expect(diffRows('SELECT a\nFROM t\nLIMIT 1', 'SELECT b\nFROM t\nLIMIT 1')).toEqual([
    { left: 'SELECT a', right: 'SELECT b', isChanged: true },
    { left: 'FROM t', right: 'FROM t', isChanged: false },
    { left: 'LIMIT 1', right: 'LIMIT 1', isChanged: false },
  ]);
});

it('leaves the other side empty for an added or removed line', () => {
  expect(diffRows('a\nb', 'a\nb\nc').at(-1)).toEqual({ left: undefined, right: 'c', isChanged: true });
  expect(diffRows('a\nb', 'a').at(-1)).toEqual({ left: 'b', right: undefined, isChanged: true });
});

it('marks all lines as changed if too many lines differ', () => {
  const linesOf = (word: string) => Array.from({ length: 3000 }, (_, line) => `${word} ${line}`).join('\n');
  const rows = diffRows(linesOf('a'), linesOf('b'));
  expect(rows).toHaveLength(3000);
  expect(rows[2999]).toEqual({ left: 'a 2999', right: 'b 2999', isChanged: true });
});
