/** Downloads archives with the client of their registry, verifies them, and reads files in them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { openPromise } from 'yauzl';
import { type Archive } from './runtimes';

/** The cache is outside of the repository, so that nothing is downloaded again after `npm ci` or in a new clone. */
export function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'micromegas-datasource', 'runtimes');
}

/** Five minutes, for a download of about 60 MB. */
const DOWNLOAD_LIMIT_MS = 300_000;

function downloadCommand({ registry, name, version, tag }: Archive, folder: string): [string, string[]] {
  if (registry === 'npm') {
    return ['npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`]];
  }
  const options = ['--no-deps', '--only-binary=:all:', `--platform=${tag}`, '--quiet', '--dest', folder];
  return ['python3', ['-m', 'pip', 'download', ...options, `${name}==${version}`]];
}

/** Downloads into a temporary folder, so that no incomplete file in the cache has the name of an archive. */
function download(archive: Archive, cache: string): void {
  const folder = mkdtempSync(join(cache, 'download-'));
  try {
    const [command, args] = downloadCommand(archive, folder);
    const { status, error, signal } = spawnSync(command, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: DOWNLOAD_LIMIT_MS,
    });
    const file = join(folder, archive.file);
    if (status !== 0 || !existsSync(file)) {
      const reason = error?.message ?? (signal === null ? `exit code ${status}` : `ended by ${signal}`);
      throw new Error(
        `${archive.file} could not be downloaded (${command}: ${reason}). Without a connection to the registry, copy the file to ${cache} and start again.`
      );
    }
    renameSync(file, join(cache, archive.file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Hash of a file, hexadecimal. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Returns the path of the archive in the cache. Downloads the archive if it is missing. The hash is not verified.
 *
 * @throws {Error} if the archive cannot be downloaded.
 */
export function fetchArchive(archive: Archive, cache: string): string {
  mkdirSync(cache, { recursive: true });
  const path = join(cache, archive.file);
  if (!existsSync(path)) {
    download(archive, cache);
  }
  return path;
}

/**
 * Returns the path of the archive in the cache. The hash is compared with the pinned hash each time.
 *
 * @throws {Error} if the archive has another hash, or cannot be downloaded.
 */
export async function obtain(archive: Archive, cache: string): Promise<string> {
  const path = fetchArchive(archive, cache);
  const found = await sha256Of(path);
  if (found !== archive.sha256) {
    throw new Error(
      `${path} has the SHA-256 hash ${found}, but scripts/package/runtimes.json has ${archive.sha256}. The file is damaged, or it is not the one that was reviewed. Delete the file to download it again.`
    );
  }
  return path;
}

/** Deletes all archives except these from the cache. */
export function removeOthers(archives: readonly Archive[], cache: string): void {
  const kept = new Set(archives.map(({ file }) => file));
  for (const file of existsSync(cache) ? readdirSync(cache) : []) {
    if (!kept.has(file) && /\.(tgz|whl)$/.test(file)) {
      rmSync(join(cache, file));
    }
  }
}

async function readTar(path: string, members: ReadonlySet<string>): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const entries = extract();
  const fed = pipeline(createReadStream(path), createGunzip(), entries);
  for await (const entry of entries) {
    if (members.has(entry.header.name)) {
      found.set(entry.header.name, await buffer(entry));
    }
    entry.resume();
  }
  await fed;
  return found;
}

async function readZip(path: string, members: ReadonlySet<string>): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const zip = await openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      if (members.has(entry.fileName)) {
        found.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
      }
    }
  } finally {
    zip.close();
  }
  return found;
}

/** Names of the files in a wheel. */
export async function namesInWheel(path: string): Promise<string[]> {
  const zip = await openPromise(path);
  try {
    const names: string[] = [];
    for await (const { fileName } of zip.eachEntry()) {
      names.push(fileName);
    }
    return names;
  } finally {
    zip.close();
  }
}

/**
 * Reads files of an npm package or a wheel.
 *
 * @throws {Error} if a file is missing.
 */
export async function readMembers(path: string, names: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  const members = new Set(names);
  const found = await (path.endsWith('.tgz') ? readTar(path, members) : readZip(path, members));
  const missing = names.find((name) => !found.has(name));
  if (missing !== undefined) {
    throw new Error(`${path} does not contain ${missing}.`);
  }
  return found;
}
