/** Measures how long Grafana takes to decode frames, with the Go program in the folder `decoder`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';

const timesJson = z.array(z.number());

/** Decodes frames. @returns Milliseconds of each repeat. */
export type FrameDecoder = (frames: readonly Uint8Array[], repeats: number) => number[];

/**
 * Builds the Go program into a cache folder. The first build downloads and compiles Grafana's SDK, which takes minutes.
 *
 * @returns Undefined if Go is not installed.
 */
export function buildDecoder(): FrameDecoder | undefined {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'micromegas-benchmark-decoder');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'decoder');
  const env = { ...process.env, PATH: [process.env.PATH, '/usr/local/go/bin'].join(delimiter) };
  const build = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: join(__dirname, 'decoder'),
    env,
    encoding: 'utf8',
  });
  if (build.error !== undefined) {
    return undefined;
  }
  if (build.status !== 0) {
    throw new Error(`The decoder does not build: ${build.stderr}`);
  }
  return (frames, repeats) => decodeTimes(program, frames, repeats);
}

function decodeTimes(program: string, frames: readonly Uint8Array[], repeats: number): number[] {
  const input = Buffer.concat(frames.flatMap((frame) => [lengthPrefix(frame.length), frame]));
  const { status, stdout, stderr } = spawnSync(program, [String(repeats)], { input, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`Grafana cannot decode the frames: ${stderr}`);
  }
  return timesJson.parse(JSON.parse(stdout)).map((ns) => ns / 1e6);
}

function lengthPrefix(length: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
