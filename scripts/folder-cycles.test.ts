import { folderCycles } from './folder-cycles';

function imports(...lines: string[]) {
  return lines.map((line) => {
    const [from, to] = line.split(' -> ');
    return { from, to };
  });
}

it.each([
  ['two folders', imports('src/a/1.ts -> src/b/1.ts', 'src/b/2.ts -> src/a/2.ts')],
  ['three folders', imports('src/a/1.ts -> src/b/1.ts', 'src/b/2.ts -> src/c/1.ts', 'src/c/1.ts -> src/a/3.ts')],
  ['folders with subfolders', imports('src/a/x/1.ts -> src/b/1.ts', 'src/b/2.ts -> src/a/y/2.ts')],
  ['a folder and a file beside it', imports('src/a/1.ts -> src/b.ts', 'src/b.ts -> src/a/2.ts')],
])('finds a cycle of %s', (_, cycle) => {
  const others = imports('src/main.ts -> src/a/1.ts', 'src/a/1.ts -> contract/1.ts');
  expect(folderCycles([...others, ...cycle])).toEqual([cycle]);
});

it('finds no cycle if all imports between folders lead in one direction', () => {
  const layers = imports('src/a/1.ts -> src/b/1.ts', 'src/a/1.ts -> src/c/1.ts', 'src/b/1.ts -> src/c/x/1.ts');
  expect(folderCycles([...layers, ...imports('src/c/x/1.ts -> src/c/2.ts', 'src/a/1.ts -> src/a/2.ts')])).toEqual([]);
});

it('compares a file with the subfolders beside it, not with its own folder', () => {
  const parent = imports('src/a/Page.tsx -> src/a/fields/1.ts', 'src/a/fields/1.ts -> src/a/update.ts');
  expect(folderCycles(parent)).toEqual([]);
});
