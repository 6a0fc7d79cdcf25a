/** The index of the decisions lists every page with its title and status. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', 'docs', 'developer', 'decisions');
const PAGES = globSync('[0-9]*.md', { cwd: FOLDER }).sort();

const ROW = /^\| (\d+) +\| \[([^\]]+)\]\(([^)]+)\) +\| (\w+)([^|]*)\|$/gm;
const TITLE = /^# (\d+)\. (.+)$/m;
const STATUS = /^\*\*Status\.\*\* (\w+)/m;

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

const rows = [...read('README.md').matchAll(ROW)].map(([, number, title, file, status, rest]) => ({
  number: Number(number),
  title,
  file,
  status,
  rest,
}));

it('lists every page once, in order', () => {
  expect(rows.map(({ file }) => file)).toEqual(PAGES);
  expect(rows.map(({ number }) => number)).toEqual(PAGES.map((_, index) => index + 1));
});

it.each(rows)('$file has the same number, title and status as in the index', ({ number, title, file, status }) => {
  const page = read(file);
  expect(TITLE.exec(page)?.slice(1)).toEqual([String(number), title]);
  expect(STATUS.exec(page)?.[1].toLowerCase()).toBe(status);
  expect(['accepted', 'superseded', 'withdrawn']).toContain(status);
});

it.each(rows.filter(({ status }) => status === 'superseded'))(
  '$file names the decision that supersedes it',
  ({ file, rest }) => {
    expect(rest).toMatch(/ by \d+/);
    expect(read(file)).toMatch(/\*\*Status\.\*\* Superseded[\s\S]*?\]\(00\d\d-/);
  }
);
