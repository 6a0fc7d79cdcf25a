/**
 * All strings of the frontend and all notices of the backend that state an absence. A person has read each of them with
 * the question whether it could be false: after a failed query, for data that arrive late, or if nothing was searched.
 * Read a new string in the same way before you add it to `empty-states.txt` (`UPDATE_GOLDEN=1`).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'glob';

const ROOT = join(__dirname, '..');
const TABLE = join(__dirname, 'empty-states.txt');
const ABSENCE = /\b(no|none|nothing|nobody|not found|empty)\b/i;
const TRANSLATED = /\bt\(\s*'[^']+',\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;
const COMPONENT = /<Trans i18nKey="[^"]+">([^]*?)<\/Trans>/g;
/** The text of a notice, or the detail of an error. */
const NOTICE = /\b(?:text|detail):\s*('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/g;

function strings(pattern: string, ...expressions: RegExp[]): string[] {
  const ignore = ['**/*.test.*', '**/testing/**', '**/generated/**'];
  return globSync(pattern, { cwd: ROOT, ignore, posix: true }).flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8');
    return expressions
      .flatMap((expression) => [...source.matchAll(expression)])
      .map(([, text = '']) => text.replace(/\s+/g, ' ').replace(/^['"` ]|['"` ]$/g, ''))
      .filter((text) => ABSENCE.test(text))
      .map((text) => `${file}: ${text}`);
  });
}

it('states only the absences that are in the reviewed table', () => {
  const found = [...strings('src/**/*.{ts,tsx}', TRANSLATED, COMPONENT), ...strings('proxy/**/*.ts', NOTICE)];
  const table = `${[...new Set(found)].sort().join('\n')}\n`;
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(TABLE, table);
  }
  expect(found.length).toBeGreaterThan(20);
  expect(table).toBe(readFileSync(TABLE, 'utf8'));
});
