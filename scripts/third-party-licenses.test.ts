import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolders } from './bundled-packages';
import { readLicense, renderLicenses } from './third-party-licenses';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'licences'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** @returns Folder of a package with these files. */
function packageWith(name: string, files: Record<string, string | object>): string {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, file), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const manifest = (name: string, license?: string) => ({ 'package.json': { name, version: '1.2.3', license } });

describe('readLicense', () => {
  it.each(['LICENSE', 'LICENCE.md', 'license.txt', 'LICENSE-MIT', 'COPYING'])('reads the licence from %s', (file) => {
    const folder = packageWith('a', { ...manifest('a', 'MIT'), [file]: 'Be kind.\n', 'README.md': 'MIT' });
    expect(readLicense(folder)).toEqual({ name: 'a', version: '1.2.3', license: 'MIT', text: 'Be kind.' });
  });

  it('adds the notices after the licence', () => {
    const files = { NOTICE: 'Made by A.', 'LICENSE.txt': 'Be kind.', 'NOTICE.md': 'And by B.' };
    const { text } = readLicense(packageWith('a', { ...manifest('a', 'Apache-2.0'), ...files }));
    expect(text).toBe('Be kind.\n\nMade by A.\n\nAnd by B.');
  });

  it.each(['GPL-3.0', 'MIT OR GPL-3.0', '(MIT AND GPL-3.0)', 'UNLICENSED', undefined])(
    'rejects the licence %s',
    (license) => {
      const folder = packageWith('a', { ...manifest('a', license), LICENSE: 'Be kind.' });
      expect(() => readLicense(folder)).toThrow(/^a has the licence .*only these are allowed: 0BSD, /);
    }
  );

  it('reads both licences of a package without a licence file', () => {
    const { license, text } = readLicense(join(__dirname, '..', 'node_modules', '@bufbuild', 'protobuf'));
    expect(license).toBe('(Apache-2.0 AND BSD-3-Clause)');
    expect(text).toMatch(/^Apache License\n\s+Version 2\.0/);
    expect(text).toContain('Redistributions in binary form must reproduce');
    expect(text).not.toContain('varint64read');
  });

  it.each<Record<string, string>>([{}, { LICENSE: ' \n' }, { NOTICE: 'Made by A.' }])(
    'rejects a package that has only %p and its package.json',
    (files) => {
      const folder = packageWith('a', { ...manifest('a', 'MIT'), ...files });
      expect(() => readLicense(folder)).toThrow('a 1.2.3 has no file with its licence.');
    }
  );
});

it('renders the same document for any order of the packages', () => {
  const [a, b] = ['a', 'b'].map((name) => ({
    name,
    version: '1.0.0',
    license: 'MIT',
    text: `By ${name}. \r\nBe kind.`,
  }));
  const text = renderLicenses([a, b]);
  expect(renderLicenses([b, a])).toBe(text);
  expect(text).toContain('a 1.0.0\nLicence: MIT\n');
  expect(text).toContain('By a.\nBe kind.\n');
});

describe('packageFolders', () => {
  it('returns the innermost package of each path, sorted and without duplicates', () => {
    const [b, a] = [packageWith('b', manifest('b')), packageWith('@scope/a', manifest('@scope/a'))];
    const inner = packageWith('b/node_modules/c', manifest('c'));
    const files = [
      join(b, 'x.js'),
      join(b, 'dist', 'y.js'),
      join(inner, 'z.js'),
      join(a, 'lib', 'x.js'),
      join(root, 'src', 'own.ts'),
      join(root, 'node_modules', 'made-by-the-build.js'),
    ];
    expect(packageFolders(files)).toEqual([a, b, inner]);
  });

  it('returns one folder of a version that is installed twice', () => {
    const nested = packageWith('b/node_modules/a', manifest('a'));
    const top = packageWith('a', manifest('a'));
    const [b, other] = [packageWith('b', manifest('b')), packageWith('c/node_modules/a', manifest('other'))];
    expect(packageFolders([nested, top, b, other].map((folder) => join(folder, 'x.js')))).toEqual([top, b, other]);
  });

  it('rejects a folder without a package.json', () => {
    mkdirSync(join(root, 'node_modules', 'odd'), { recursive: true });
    expect(() => packageFolders([join(root, 'node_modules', 'odd', 'x.js')])).toThrow('has no package.json');
  });
});
