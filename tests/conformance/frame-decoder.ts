/** Decodes frames as Grafana's server does: drives the Go program of the folder with this name. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { runProgram } from './processes';

/** The first build fetches and compiles Grafana's modules. */
const BUILD_TIMEOUT_MS = 15 * 60_000;

/** `ok`, or `rejected: …` or `panic: …` with the decoder's words. */
export type Verdict = string;

export class FrameDecoder {
  readonly #child: ChildProcess;
  readonly #waiting: Array<{ resolve: (verdict: Verdict) => void; reject: (reason: Error) => void }> = [];

  constructor(program: string) {
    this.#child = spawn(program, [], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A frame that takes more than this is one that Grafana could not afford either.
      env: { GOMEMLIMIT: '1GiB' },
    });
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) {
      throw new Error('The decoder has no pipes.');
    }
    stdin.on('error', () => undefined);
    createInterface({ input: stdout }).on('line', (line) => this.#waiting.shift()?.resolve(line));
    this.#child.once('close', (code) => {
      const reason = new Error(`The decoder ended with code ${code}.`);
      this.#waiting.splice(0).forEach(({ reject }) => reject(reason));
    });
  }

  /** What Grafana makes of a frame. Rejects when the decoder ends, as of a panic that nothing recovers from. */
  decode(frame: Uint8Array): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      this.#child.stdin?.write(Buffer.concat([length, frame]));
    });
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}

/** The Go program, and the folder that it builds. */
export interface BuildTool {
  program: string;
  sources: string;
}

/** Builds the decoder into a cache folder and starts it; Go compiles only what changed. */
export async function startFrameDecoder(go: BuildTool): Promise<FrameDecoder> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'frame-decoder');
  mkdirSync(cache, { recursive: true });
  const program = join(cache, 'frame-decoder');
  const { code, stderr } = await runProgram(go.program, ['build', '-o', program, '.'], {
    cwd: go.sources,
    env: process.env,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (code !== 0) {
    throw new Error(`frame-decoder does not build: ${stderr}`);
  }
  return new FrameDecoder(program);
}
