import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { obtain, readMembers, removeOthers } from './archives';
import { type Archive } from './runtimes';
import { zipOf } from './zip';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'archives-'));
});

afterEach(() => rmSync(cache, { recursive: true }));

/** An archive of a package that does not exist: these tests use no network. */
function archive(file: string, content: string | Buffer): Archive {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { registry: 'npm', name: 'node-example', version: '1.0.0', file, sha256, builtBy: 'this test' };
}

describe('obtain', () => {
  it('returns a file of the cache if it has the pinned hash', async () => {
    const path = join(cache, 'a.tgz');
    writeFileSync(path, 'content');
    expect(await obtain(archive('a.tgz', 'content'), cache)).toBe(path);
  });

  it('rejects a file with another hash, and names both hashes and the file', async () => {
    writeFileSync(join(cache, 'a.tgz'), 'changed');
    const expected = archive('a.tgz', 'content');
    const found = createHash('sha256').update('changed').digest('hex');
    await expect(obtain(expected, cache)).rejects.toThrow(
      `${join(cache, 'a.tgz')} has the SHA-256 hash ${found}, but scripts/package/runtimes.json has ${expected.sha256}.`
    );
  });

  it('explains what to do when the file cannot be downloaded, and leaves nothing in the cache', async () => {
    // A registry that rejects connections, as on a machine without network.
    const before = { ...process.env };
    process.env.npm_config_registry = 'http://127.0.0.1:9/';
    process.env.npm_config_fetch_retries = '0';
    process.env.npm_config_cache = join(cache, 'npm');
    try {
      await expect(obtain(archive('node-example-1.0.0.tgz', ''), cache)).rejects.toThrow(
        `node-example-1.0.0.tgz could not be downloaded (npm: exit code 1). Without a connection to the registry, copy the file to ${cache} and start again.`
      );
    } finally {
      process.env = before;
    }
    expect(readdirSync(cache).filter((name) => name !== 'npm')).toEqual([]);
  });
});

it('removes archives of other versions from the cache, and no other file', () => {
  ['old.tgz', 'old.whl', 'new.whl', 'notes.txt'].forEach((name) => writeFileSync(join(cache, name), ''));
  removeOthers([archive('new.whl', '')], cache);
  expect(readdirSync(cache).sort()).toEqual(['new.whl', 'notes.txt']);
  expect(existsSync(cache)).toBe(true);
});

describe('readMembers', () => {
  const large = Buffer.alloc(300_000, 'node');

  async function write(file: string): Promise<string> {
    const path = join(cache, file);
    if (file.endsWith('.whl')) {
      const files = [
        { path: 'bin/node', mode: 0o755, content: large } as const,
        { path: 'LICENSE', mode: 0o644, content: Buffer.from('Be kind.') } as const,
      ];
      writeFileSync(path, await zipOf(files, '2026-11-27'));
    } else {
      const tar = pack();
      tar.entry({ name: 'bin/other' }, 'not wanted');
      tar.entry({ name: 'bin/node' }, large);
      tar.entry({ name: 'LICENSE' }, 'Be kind.');
      tar.finalize();
      writeFileSync(path, gzipSync(await buffer(tar)));
    }
    return path;
  }

  it.each(['a.whl', 'a.tgz'])('reads the wanted files of %s', async (file) => {
    const members = await readMembers(await write(file), ['LICENSE', 'bin/node']);
    expect([...members.keys()].sort()).toEqual(['LICENSE', 'bin/node']);
    expect(members.get('LICENSE')?.toString()).toBe('Be kind.');
    expect(members.get('bin/node')?.equals(large)).toBe(true);
  });

  it.each(['a.whl', 'a.tgz'])('names a file that is missing in %s', async (file) => {
    await expect(readMembers(await write(file), ['bin/npm'])).rejects.toThrow(`${file} does not contain bin/npm.`);
  });
});
