import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesHash } from './files-hash';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-hash-'));
  mkdirSync(join(folder, 'dashboards'));
  writeFileSync(join(folder, 'module.js'), 'a');
  writeFileSync(join(folder, 'dashboards/fleet.json'), '{}');
});

afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['is changed', () => writeFileSync(join(folder, 'module.js'), 'b')],
  ['is added in a folder', () => writeFileSync(join(folder, 'dashboards/old.json'), '{}')],
  ['is renamed', () => renameSync(join(folder, 'dashboards/fleet.json'), join(folder, 'dashboards/other.json'))],
  ['is removed', () => rmSync(join(folder, 'module.js'))],
])('differs after a file %s', (_, change) => {
  const before = filesHash(folder, ['**/*']);
  change();
  expect(filesHash(folder, ['**/*'])).not.toBe(before);
});

test('is the same after a file is written again with the same content', () => {
  const before = filesHash(folder, ['**/*']);
  writeFileSync(join(folder, 'module.js'), 'a');
  expect(filesHash(folder, ['**/*'])).toBe(before);
});

test('ignores files that are excluded', () => {
  const before = filesHash(folder, ['**/*'], /\.test\.ts$/);
  writeFileSync(join(folder, 'module.test.ts'), 'b');
  expect(filesHash(folder, ['**/*'], /\.test\.ts$/)).toBe(before);
});
