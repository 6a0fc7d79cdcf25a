/**
 * The build does not depend on the folder in which it ran: packages of the same commit have the same bytes everywhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, ROOT } from '../support/plugin';

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

it('contains no path of this machine', () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => readFileSync(file).includes(ROOT))).toEqual([]);
});

it('names the final hash of each script in its source map', () => {
  const script = readFileSync(join(DIST, 'module.js'), 'utf8');
  const names = files
    .filter((file) => file.endsWith('.js.map') && !file.endsWith('module.js.map'))
    .map((file): string => JSON.parse(readFileSync(file, 'utf8')).file);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) {
    expect(script).toContain(name.split('?_cache=')[1]);
  }
});

it('has the dashboards that plugin.json lists', () => {
  const { includes } = JSON.parse(readFileSync(join(DIST, 'plugin.json'), 'utf8'));
  const listed: string[] = includes.map(({ path }: { path: string }) => path);
  expect(listed.length).toBeGreaterThan(0);
  for (const path of listed) {
    expect(readFileSync(join(DIST, path), 'utf8')).toBe(readFileSync(join(ROOT, path), 'utf8'));
  }
});
