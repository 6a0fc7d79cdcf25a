import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wasmCrates } from './wasm-crates';

const PACKAGE = join(__dirname, '..', 'node_modules', '@guanmingchiu', 'sqlparser-ts');
const { name, version }: { name: string; version: string } = JSON.parse(
  readFileSync(join(PACKAGE, 'package.json'), 'utf8')
);

const listed = () => wasmCrates([{ name, version }]).map((crate) => `${crate.name} ${crate.version}`);

/**
 * The crates whose source paths are in the panic messages of the WebAssembly file, and `rust-std` with the version of
 * the compiler in section `producers`. Each as `<name> <version>`.
 */
function cratesIn(wasm: string): string[] {
  const crates = wasm.matchAll(/(?:registry\/src\/[^/]+|\/rust\/deps)\/([\w-]+?)-(\d+\.\d+\.\d+[\w.+-]*)\//g);
  const [, rust] = /rustc.(\d+\.\d+\.\d+) \([0-9a-f]{9} /s.exec(wasm) ?? [];
  return [...new Set(Array.from(crates, ([, crate, number]) => `${crate} ${number}`)), `rust-std ${rust}`];
}

it('lists each crate that occurs in the file, with the version of the crate', () => {
  const found = cratesIn(readFileSync(join(PACKAGE, 'wasm', 'sqlparser_rs_wasm_bg.wasm'), 'latin1'));
  expect(found).toEqual(
    expect.arrayContaining([expect.stringMatching(/^sqlparser /), expect.stringMatching(/^dlmalloc /)])
  );
  expect(found.length).toBeGreaterThan(10);
  expect(found.filter((crate) => !listed().includes(crate))).toEqual([]);
});

it('has the licence text of each crate, and the hash of each crate outside of the standard library', () => {
  for (const crate of wasmCrates([{ name, version }])) {
    expect(crate.text.length).toBeGreaterThan(900);
    const hash = crate.name === 'rust-std' ? undefined : expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(crate.component.hashes?.['SHA-256']).toEqual(hash);
  }
});

it('returns no crates if the npm package is not bundled, and throws if another version is bundled', () => {
  expect(wasmCrates([{ name: 'jose', version: '1.0.0' }])).toEqual([]);
  expect(() => wasmCrates([{ name, version: '0.0.1' }])).toThrow(/0\.0\.1 is bundled/);
});
