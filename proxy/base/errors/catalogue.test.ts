import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERRORS, type ErrorEntry } from './catalogue';

interface DocumentedError {
  code: string;
  text: string;
}

/** The entries of docs/errors.md, in the order of the page. */
function documentedErrors(): DocumentedError[] {
  const page = readFileSync(resolve(__dirname, '../../../docs/errors.md'), 'utf8');
  return page
    .split(/^(?=#{2,3} )/m)
    .filter((part) => part.startsWith('### '))
    .map((part) => ({ code: /^### `([a-z_]+)`/.exec(part)?.[1] ?? part, text: part }));
}

const documented = documentedErrors();
const entries: Array<[string, ErrorEntry]> = Object.entries(ERRORS);

it('the catalogue has the same codes as docs/errors.md, in the same order', () => {
  expect(documented.map(({ code }) => code)).toEqual(entries.map(([code]) => code));
});

it.each(entries)('docs/errors.md has message, status, cause and remedy of %s', (code, entry) => {
  const text = documented.find((error) => error.code === code)?.text;
  expect(text).toContain(`\n> ${entry.message}\n`);
  expect(text).toContain(`\n${entry.status}, ${entry.source}.\n`);
  expect(text).toMatch(/\n- \*\*Typical cause:\*\* .{20,}\n- \*\*What to do:\*\* .{20,}\n/);
});

it.each(entries)('%s has full sentences and an error status', (_code, entry) => {
  expect(entry.message).toMatch(/^[A-Z].*\.$/);
  expect(entry.advice).toMatch(/^[A-Z].*\.$/);
  expect(entry.status).toBeGreaterThanOrEqual(400);
  expect(entry.status).toBeLessThanOrEqual(599);
});
