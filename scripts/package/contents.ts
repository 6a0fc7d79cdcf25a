/** The files of a package: the files of dist/, the runtime, its licences, and the SBOM. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { librariesOf, renderSbom, type SbomComponent, validateSbom } from '../sbom';
import { addLicenses, type LicensedPackage } from '../third-party-licenses';
import { PLUGIN } from '../plugin-name';
import { type Component, NODE_VERSION, type RuntimeFile } from './runtimes';
import { type PackedFile } from './zip';

const LICENSES = 'THIRD_PARTY_LICENSES.txt';
const SBOM = 'sbom.cdx.json';
const WINDOWS_EXECUTABLE = /_windows_amd64\.exe$/;
/** Grafana starts these files. */
const EXECUTABLE = /^gpx_/;

const GCC_NOTE = `The sources of these libraries are at https://gcc.gnu.org/ and https://git.alpinelinux.org/aports/tree/main/gcc.
The libraries are separate files, which the Node.js of this package loads: you may replace them with other builds.`;

/** A file of the runtime with its content. */
export interface LoadedFile extends RuntimeFile {
  content: Buffer;
}

export interface Contents {
  /** Folder with the build. */
  dist: string;
  /** Date of the commit, `YYYY-MM-DD`. */
  day: string;
  runtime: readonly LoadedFile[];
  /** Licence of Node.js and of the libraries in it. */
  nodeLicense: string;
  /** Makes the executable for Windows from `node.exe`. */
  windowsExecutable: (node: Buffer) => Promise<Buffer>;
}

function readUtf8(...path: string[]): string {
  return readFileSync(join(...path), 'utf8');
}

function distFiles(dist: string): PackedFile[] {
  const entries = readdirSync(dist, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(dist.length + 1).replaceAll(sep, '/');
      return { path, mode: EXECUTABLE.test(path) ? 0o755 : 0o644, content: readFileSync(file) };
    });
}

/** Replaces the date of the build with the date of the commit, so that two builds of a commit have equal packages. */
function withDay(pluginJson: string, day: string): string {
  const plugin: { info: object } = JSON.parse(pluginJson);
  return `${JSON.stringify({ ...plugin, info: { ...plugin.info, updated: day } }, undefined, 2)}\n`;
}

function licensesOf(components: readonly Component[], nodeLicense: string): LicensedPackage[] {
  const contents = (...files: string[]): string[] => files.map((file) => readUtf8(__dirname, 'licenses', file).trim());
  const listed: LicensedPackage[] = [];
  if (components.some(({ name }) => name === 'node')) {
    listed.push({ name: 'Node.js', version: NODE_VERSION, license: 'MIT, and others', text: nodeLicense.trim() });
  }
  const gcc = components.filter(({ name }) => name !== 'node');
  if (gcc.length > 0) {
    listed.push({
      name: gcc.map(({ name }) => name).join(' and '),
      version: gcc[0].version,
      license: gcc[0].license,
      text: [GCC_NOTE, ...contents('GCC-exception-3.1.txt', 'GPL-3.0.txt')].join('\n\n'),
    });
  }
  return listed;
}

function sbomComponent({ component, content }: LoadedFile): SbomComponent {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { ...component, hashes: { 'SHA-256': sha256 }, type: component.name === 'node' ? 'platform' : 'library' };
}

async function packRuntime(file: LoadedFile, windowsExecutable: Contents['windowsExecutable']): Promise<PackedFile> {
  const { path, mode, content } = file;
  return { path, mode, content: WINDOWS_EXECUTABLE.test(path) ? await windowsExecutable(content) : content };
}

/**
 * Returns the files with their paths in the zip, in the folder that Grafana expects.
 *
 * @throws {Error} if the SBOM is not valid.
 */
export async function packageFiles(contents: Contents): Promise<PackedFile[]> {
  const { dist, day, runtime, nodeLicense, windowsExecutable } = contents;
  const sbom = renderSbom({
    ...PLUGIN,
    components: [...librariesOf(readUtf8(dist, SBOM)), ...runtime.map(sbomComponent)],
  });
  await validateSbom(sbom);
  const components = runtime.map(({ component }) => component);
  const replaced = new Map([
    ['plugin.json', withDay(readUtf8(dist, 'plugin.json'), day)],
    [LICENSES, addLicenses(readUtf8(dist, LICENSES), licensesOf(components, nodeLicense))],
    [SBOM, sbom],
  ]);
  const built = distFiles(dist).map((file) => {
    const content = replaced.get(file.path);
    return content === undefined ? file : { ...file, content: Buffer.from(content) };
  });
  const packed = await Promise.all(runtime.map((file) => packRuntime(file, windowsExecutable)));
  return [...built, ...packed].map((file) => ({ ...file, path: `${PLUGIN.name}/${file.path}` }));
}
