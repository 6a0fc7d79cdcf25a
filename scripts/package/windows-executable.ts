/**
 * Builds the executable of the plugin for Windows: Node.js and the bundle of the backend in one file, as a single
 * executable application of Node.js. Grafana starts it directly, because Windows cannot start a shell script.
 *
 * The same inputs give the same bytes. The build runs on any system. It removes the signature of node.exe, which would
 * not match the changed content.
 *
 * Rules: Node.js documentation, "Single executable applications"; Microsoft, "PE Format".
 */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'postject';

/** The option that the launcher of the other systems passes to Node.js. */
export const NODE_OPTION = '--max-semi-space-size=8';

/** The names under which Node.js looks for the application in its own file. */
const RESOURCE = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

export interface WindowsExecutableOptions {
  /** Path of node.exe, for amd64. It is not changed. */
  node: string;
  /** Path of the bundle, `proxy.cjs`. */
  proxyBundle: string;
  /** Path of the new file. */
  out: string;
  /**
   * Path of a Node.js for this machine. It must have exactly the version of `node`, because the format in which the
   * bundle is added can change with each version. Default: the Node.js that runs this build.
   */
  builder?: string;
}

/**
 * @throws {Error} if the versions differ, or if a file has an unexpected format.
 */
export async function buildWindowsExecutable(options: WindowsExecutableOptions): Promise<void> {
  const image = readFileSync(options.node);
  writeFileSync(options.out, withoutSignature(image));
  await addProxy(options);
}

/** Adds the bundle to the copy of `node` at `out`. */
async function addProxy({
  node,
  proxyBundle,
  out,
  builder = process.execPath,
}: WindowsExecutableOptions): Promise<void> {
  await checkVersions(node, builder);
  await inject(out, RESOURCE, await applicationOf(proxyBundle, builder), { sentinelFuse: FUSE });
}

/**
 * The same executable for the system of this build, so that the steps after the removal of the signature can be tested
 * without Windows.
 */
export async function buildExecutableForThisSystem({
  proxyBundle,
  out,
}: {
  proxyBundle: string;
  out: string;
}): Promise<void> {
  copyFileSync(process.execPath, out);
  chmodSync(out, 0o755);
  await addProxy({ node: process.execPath, proxyBundle, out });
}

/**
 * The bundle as Node.js stores it. It has no code cache and no snapshot, because only the same build of Node.js could
 * read them.
 */
async function applicationOf(proxyBundle: string, builder: string): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'micromegas-application-'));
  try {
    // The stored name of the script is in stack traces, so it must not depend on the machine of the build.
    copyFileSync(proxyBundle, join(folder, 'proxy.cjs'));
    const config = {
      main: 'proxy.cjs',
      output: 'application',
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      execArgv: [NODE_OPTION],
    };
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    await promisify(execFile)(builder, ['--experimental-sea-config', 'config.json'], { cwd: folder, env: {} });
    return readFileSync(join(folder, 'application'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkVersions(node: string, builder: string): Promise<void> {
  const { stdout } = await promisify(execFile)(builder, ['--version'], { env: {} });
  const [wanted, found] = [versionIn(readFileSync(node)), stdout.trim()];
  if (wanted !== found) {
    throw new Error(
      `${node} is Node.js ${wanted}, but the application would be built by ${builder}, Node.js ${found}.`
    );
  }
}

/** Start of a string in the executable: the name and version of Node.js, as the inspector of Node.js reports them. */
const VERSION_MARK = '\0node.js/v';

/** @param image An executable of Node.js. @returns For example `v24.19.0`. */
export function versionIn(image: Buffer): string {
  const at = image.indexOf(VERSION_MARK);
  const version = /^v\d+\.\d+\.\d+(?=\0)/.exec(image.toString('latin1', at + VERSION_MARK.length - 1, at + 40));
  if (at === -1 || version === null) {
    throw new Error('The file is not a Node.js whose version can be read.');
  }
  return version[0];
}

const PE32_PLUS = 0x20b;
const AMD64 = 0x8664;

/**
 * A copy of a Windows program without its Authenticode signature and checksum. The signature is the last part of the
 * file.
 *
 * @throws {Error} if the image is not a program for amd64, or if anything follows the signature.
 */
export function withoutSignature(image: Buffer): Buffer {
  const header = image.toString('latin1', 0, 2) === 'MZ' ? image.readUInt32LE(0x3c) : image.length;
  const optional = header + 24;
  const isAmd64Program =
    optional + 152 <= image.length &&
    image.toString('latin1', header, header + 4) === 'PE\0\0' &&
    image.readUInt16LE(header + 4) === AMD64 &&
    image.readUInt16LE(optional) === PE32_PLUS;
  if (!isAmd64Program) {
    throw new Error('The file is not a Windows program for amd64.');
  }
  const [checksum, signature] = [optional + 64, optional + 144];
  const [start, length] = [image.readUInt32LE(signature), image.readUInt32LE(signature + 4)];
  if (length > 0 && start + length !== image.length) {
    throw new Error('Other bytes follow the signature of the Windows program.');
  }
  const copy = Buffer.from(length === 0 ? image : image.subarray(0, start));
  copy.fill(0, checksum, checksum + 4);
  copy.fill(0, signature, signature + 8);
  return copy;
}
