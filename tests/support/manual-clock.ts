/** A monotonic clock of a plugin process that only a test moves. The timers of the process run as usual. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class ManualClock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'clock-'));
  #nowMs = 1000;

  constructor() {
    this.#write(
      'script.cjs',
      `performance.now = () => Number(require('node:fs').readFileSync(${JSON.stringify(this.#file)}, 'utf8'));`
    );
    this.advance(0);
  }

  /** Environment of the process. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--require ${join(this.#folder, 'script.cjs')}` };
  }

  /** When the function returns, the process reads the later time. @param ms Milliseconds. */
  advance(ms: number): void {
    this.#nowMs += ms;
    this.#write('now-ms', String(this.#nowMs));
  }

  /** Call this when the process has ended. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  get #file(): string {
    return join(this.#folder, 'now-ms');
  }

  /** Replaces the file at once, because the process may read it at any time. */
  #write(name: string, content: string): void {
    const next = join(this.#folder, 'next');
    writeFileSync(next, content);
    renameSync(next, join(this.#folder, name));
  }
}
