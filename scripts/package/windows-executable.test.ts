import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWindowsExecutable, NODE_OPTION, versionIn, withoutSignature } from './windows-executable';

const HEADER = 0x80;
const CHECKSUM = HEADER + 24 + 64;
const SIGNATURE = HEADER + 24 + 144;
const SIZE = 0x400;

/** The headers of a program for amd64, and a checksum. @param signatureBytes Length of a signature at its end. */
function program(signatureBytes: number, machine = 0x8664): Buffer {
  const image = Buffer.alloc(SIZE + signatureBytes, 7);
  image.write('MZ', 0, 'latin1');
  image.writeUInt32LE(HEADER, 0x3c);
  image.write('PE\0\0', HEADER, 'latin1');
  image.writeUInt16LE(machine, HEADER + 4);
  image.writeUInt16LE(0x20b, HEADER + 24);
  image.writeUInt32LE(signatureBytes === 0 ? 0 : SIZE, SIGNATURE);
  image.writeUInt32LE(signatureBytes, SIGNATURE + 4);
  return image;
}

it.each([
  ['with a signature', 64],
  ['without a signature', 0],
])('keeps everything but the signature and the checksum of a program %s', (_name, signatureBytes) => {
  const image = program(signatureBytes);
  const expected = Buffer.from(image.subarray(0, SIZE));
  expected.fill(0, CHECKSUM, CHECKSUM + 4).fill(0, SIGNATURE, SIGNATURE + 8);
  expect(withoutSignature(image)).toEqual(expected);
});

it.each([
  ['an empty file', Buffer.alloc(0), /not a Windows program/],
  ['a script', Buffer.alloc(600, '#!/bin/sh\n'), /not a Windows program/],
  ['a header beyond the end', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(600, 0xff)]), /not a Windows program/],
  ['a program for arm64', program(0, 0xaa64), /not a Windows program/],
  ['bytes after the signature', Buffer.concat([program(64), Buffer.from('x')]), /Other bytes follow/],
])('rejects %s', (_name, image, message) => {
  expect(() => withoutSignature(image)).toThrow(message);
});

it('reads the version in an executable of Node.js', () => {
  expect(versionIn(readFileSync(process.execPath))).toBe(process.version);
  expect(() => versionIn(Buffer.from('node.js/v1.2.3'))).toThrow(/version/);
});

it('rejects a node.exe whose version differs from the version of the Node.js that adds the bundle', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-windows-'));
  try {
    const node = join(folder, 'node.exe');
    writeFileSync(node, Buffer.concat([program(0), Buffer.from('\0node.js/v24.0.99\0')]));
    const options = { node, proxyBundle: join(folder, 'proxy.cjs'), out: join(folder, 'out.exe') };
    await expect(buildWindowsExecutable(options)).rejects.toThrow(/is Node\.js v24\.0\.99, but .* Node\.js v\d/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('NODE_OPTION is the option that the launcher passes to Node.js', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-windows-'));
  try {
    const node = join(folder, 'node');
    writeFileSync(node, '#!/bin/sh\n[ "$1" = --version ] && echo v24.0.0 || echo "$1"\n');
    chmodSync(node, 0o755);
    writeFileSync(join(folder, 'proxy.cjs'), '');
    const launcher = join(folder, 'launcher');
    writeFileSync(launcher, readFileSync(join(__dirname, '..', 'launcher', 'gpx_micromegas.sh')), { mode: 0o755 });
    const option = execFileSync(launcher, { env: { GF_PLUGIN_NODE: node }, encoding: 'utf8' });
    expect(option.trim()).toBe(NODE_OPTION);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
