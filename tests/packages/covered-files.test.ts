import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { renderSbom } from '../../scripts/sbom';
import { renderLicenses } from '../../scripts/third-party-licenses';
import { ROOT } from '../support/plugin';
import { licenseProblems } from './covered-files';

const LISTED = { name: '@scope/listed', version: '1.2.3', license: 'MIT' };

let plugin: string;

function write(path: string, content: string): void {
  mkdirSync(dirname(join(plugin, path)), { recursive: true });
  writeFileSync(join(plugin, path), content);
}

beforeEach(() => {
  plugin = mkdtempSync(join(tmpdir(), 'mm-covered-'));
  const component = { ...LISTED, purl: 'pkg:npm/%40scope/listed@1.2.3', type: 'library' as const };
  // The hash of "runtime".
  const hashes = { 'SHA-256': 'd92c6a81b2ff50096bcda80885427d1f59a25b5f483f7055523504925d16ab23' };
  const node = { ...component, name: 'node', version: '24.0.0', purl: 'pkg:generic/node@24.0.0', hashes };
  write('sbom.cdx.json', renderSbom({ name: 'plugin', version: '1.0.0', components: [component, node] }));
  const licenses = [
    { ...LISTED, text: 'text' },
    { ...LISTED, name: 'Node.js', version: '24.0.0', text: 'text' },
  ];
  write('THIRD_PARTY_LICENSES.txt', renderLicenses(licenses));
  write('LICENSE', '');
  write('proxy.cjs', 'require("node_modules/@scope/listed/index.js")');
});

afterEach(() => rmSync(plugin, { recursive: true }));

it('finds nothing in a package whose files are all covered', () => {
  write('runtime/glibc/bin/node_linux_amd64', 'runtime');
  expect(licenseProblems(plugin)).toEqual([]);
});

it.each([
  ['a file of no kind', 'notes.pdf', 'x', 'is no component of the SBOM'],
  ['another file of the runtime', 'runtime/libc.so', 'x', 'is no component of the SBOM'],
  [
    'a bundle with a package that is not listed',
    'module.js.map',
    'webpack://p/../node_modules/@scope/listed/a.js,webpack://p/../node_modules/other/a.js',
    'has packages that the SBOM does not list: other',
  ],
  ['another parser', 'sql-parser.wasm', 'x', 'is not the file of @guanmingchiu/sqlparser-ts'],
])('finds %s', (_kind, path, content, problem) => {
  write(path, content);
  expect(licenseProblems(plugin)).toEqual([`${path} ${problem}`]);
});

it('finds a parser whose package is not listed', () => {
  const file = 'node_modules/@guanmingchiu/sqlparser-ts/wasm/sqlparser_rs_wasm_bg.wasm';
  copyFileSync(join(ROOT, file), join(plugin, 'sql-parser.wasm'));
  expect(licenseProblems(plugin)).toHaveLength(1);
});

it('finds a component without a licence text', () => {
  write('THIRD_PARTY_LICENSES.txt', renderLicenses([{ ...LISTED, version: '1.2.4', text: 'text' }]));
  expect(licenseProblems(plugin)).toEqual([
    'node 24.0.0 has no licence text',
    '@scope/listed 1.2.3 has no licence text',
  ]);
});
