/** Checks that the table of macros in docs/user/sql.md is that of the contract. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MACROS, macroUsage } from '../contract/macros';

/** Cells of the rows of the table under the heading Macros. */
function documentedRows(): string[][] {
  const [, section] = readFileSync(join(__dirname, '../docs/user/sql.md'), 'utf8').split('\n## Macros\n');
  return section
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    );
}

it('lists every macro of the contract with its expansion, in the same order', () => {
  expect(documentedRows()).toEqual(MACROS.map((macro) => [`\`${macroUsage(macro)}\``, macro.expansion]));
});

it('describes every macro once', () => {
  expect(new Set(MACROS.map(({ name }) => name)).size).toBe(MACROS.length);
});
