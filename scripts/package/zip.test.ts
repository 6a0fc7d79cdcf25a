import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fromBufferPromise } from 'yauzl';
import { type PackedFile, removeOtherVersions, writeWithHash, zipOf } from './zip';

const DAY = '2026-11-27';
const FILES: readonly PackedFile[] = [
  { path: 'plugin/runtime/node', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
  { path: 'plugin/README.md', mode: 0o644, content: Buffer.from('Read me. '.repeat(1000)) },
  { path: 'plugin/empty', mode: 0o644, content: Buffer.alloc(0) },
];

async function entriesOf(zip: Buffer): Promise<Array<{ path: string; mode: number; content: Buffer; at: string }>> {
  const file = await fromBufferPromise(zip);
  const entries = [];
  for await (const entry of file.eachEntry()) {
    const content = await buffer(await file.openReadStreamPromise(entry));
    const at = entry.getLastModDate({ forceDosFormat: true, timezone: 'UTC' }).toISOString();
    entries.push({ path: entry.fileName, mode: entry.externalFileAttributes >>> 16, content, at });
  }
  return entries;
}

it('contains the files sorted by path, with their modes, and with noon of the day as their time', async () => {
  const entries = await entriesOf(await zipOf(FILES, DAY));
  expect(entries.map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
    ['plugin/README.md', '100644'],
    ['plugin/empty', '100644'],
    ['plugin/runtime/node', '100755'],
  ]);
  expect(new Set(entries.map(({ at }) => at))).toEqual(new Set([`${DAY}T12:00:00.000Z`]));
  expect(entries[0].content.toString()).toBe('Read me. '.repeat(1000));
});

it.each(['UTC', 'Pacific/Kiritimati', 'America/St_Johns'])(
  'has the same bytes for any order of the files, in the time zone %s',
  async (zone) => {
    // The time zone of a process is read at its start.
    const script = `
      const { zipOf } = require('./zip');
      const { createHash } = require('node:crypto');
      const files = JSON.parse(process.argv[1]).map((file) => ({ ...file, content: Buffer.from(file.content, 'base64') }));
      zipOf(files, process.argv[2]).then((zip) => console.log(createHash('sha256').update(zip).digest('hex')));`;
    const files = FILES.toReversed().map((file) => ({ ...file, content: file.content.toString('base64') }));
    const hash = execFileSync(process.execPath, ['--import', 'tsx', '-e', script, JSON.stringify(files), DAY], {
      cwd: __dirname,
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });
    expect(hash.trim()).toBe(
      createHash('sha256')
        .update(await zipOf(FILES, DAY))
        .digest('hex')
    );
  }
);

it('writes the hash in the format of sha256sum', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zip-'));
  try {
    const path = join(folder, 'new', 'a.zip');
    writeWithHash(path, Buffer.from('abc'));
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.zip\n'
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('deletes only the packages of other versions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'packages-'));
  try {
    for (const name of ['a-b-1.0.0.any.zip', 'a-b-1.0.1.any.zip', 'a-b-1.0.10.any.zip', 'other-1.0.0.zip']) {
      writeWithHash(join(folder, name), Buffer.of(1));
    }
    removeOtherVersions(folder, { name: 'a-b', version: '1.0.1' });
    expect(readdirSync(folder).sort()).toEqual([
      'a-b-1.0.1.any.zip',
      'a-b-1.0.1.any.zip.sha256',
      'other-1.0.0.zip',
      'other-1.0.0.zip.sha256',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
