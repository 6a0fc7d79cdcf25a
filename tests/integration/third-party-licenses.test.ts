/**
 * Compares the licences in dist/ with the packages in the bundles. The source maps list the packages of the frontend,
 * and esbuild's metadata lists the packages of the backend.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolders } from '../../scripts/bundled-packages';
import { proxyFiles } from '../../scripts/proxy-bundle';
import { librariesOf, validateSbom } from '../../scripts/sbom';
import { wasmCrates } from '../../scripts/wasm-crates';
import { DIST, ROOT } from '../support/plugin';

interface Entry {
  package: string;
  text: string;
}

const HEADING = /^={80}\n(\S+ \S+)\nLicence: [^\n]+\n={80}\n/m;

/**
 * The files of packages in a source map. Webpack names them relative to src/:
 * `webpack://NAME/../node_modules/jose/index.js`.
 */
function sourcesOf(map: string): string[] {
  const { sources }: { sources: string[] } = JSON.parse(readFileSync(join(DIST, map), 'utf8'));
  return sources
    .filter((source) => source.includes('/node_modules/'))
    .map((source) => join(ROOT, source.slice(source.indexOf('node_modules/'))));
}

function entries(): Entry[] {
  const [, ...parts] = readFileSync(join(DIST, 'THIRD_PARTY_LICENSES.txt'), 'utf8').split(HEADING);
  return Array.from({ length: parts.length / 2 }, (_, index) => ({
    package: parts[2 * index],
    text: parts[2 * index + 1].trim(),
  }));
}

interface Named {
  name: string;
  version: string;
}

function packageOf(folder: string): Named {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

const nameOf = ({ name, version }: Named) => `${name} ${version}`;

it('the list of licences has one entry with a licence text for each bundled package and Rust crate, and no other entries', async () => {
  const maps = globSync('*.js.map', { cwd: DIST });
  expect(maps).toContain('module.js.map');
  const bundled = packageFolders([...maps.flatMap(sourcesOf), ...(await proxyFiles())]).map(packageOf);
  expect(bundled.length).toBeGreaterThan(5);
  const crates = wasmCrates(bundled);
  expect(crates.map(({ name }) => name)).toContain('sqlparser');
  const listed = entries();
  expect(listed.map((entry) => entry.package).sort()).toEqual([...new Set([...bundled, ...crates].map(nameOf))].sort());
  // The shortest allowed licence has about 600 characters.
  expect(listed.filter(({ text }) => text.length < 500)).toEqual([]);
});

it('the SBOM is valid, and lists the same packages with the hashes of the registry', async () => {
  const sbom = readFileSync(join(DIST, 'sbom.cdx.json'), 'utf8');
  await expect(validateSbom(sbom)).resolves.toBeUndefined();
  const libraries = librariesOf(sbom);
  expect(libraries.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
    entries()
      .map((entry) => entry.package)
      .sort()
  );
  const isHashed = ({ purl, hashes }: (typeof libraries)[number]) =>
    hashes?.[purl.startsWith('pkg:cargo/') ? 'SHA-256' : 'SHA-512'] !== undefined;
  // The standard library of Rust is not a package of a registry.
  expect(libraries.filter((library) => !isHashed(library)).map(({ name }) => name)).toEqual(['rust-std']);
});
