/**
 * Keeps log lines back for a moment and writes them together.
 *
 * Standard error is a pipe, and writing to it waits for the kernel: with a line a query that was a tenth of the time of a
 * small one. Each line has its own timestamp, so nothing is lost by writing it a little later. Whatever is urgent goes out
 * at once, with all that waits before it.
 */
import { type LogLevel } from './logger';

const WAIT_MS = 50;

/** More text than this is written without waiting. */
const MAX_WAITING_CHARACTERS = 64 * 1024;

export interface LineBufferOptions {
  /** Takes finished lines. */
  write: (text: string) => void;
  /** Calls back after some milliseconds, without keeping the process alive. */
  later: (callback: () => void, ms: number) => void;
}

export class LineBuffer {
  readonly #options: LineBufferOptions;
  #waiting = '';
  #isScheduled = false;

  constructor(options: LineBufferOptions) {
    this.#options = options;
  }

  /** Takes one line with its line feed. */
  add(line: string, level: LogLevel): void {
    this.#waiting += line;
    if (level === 'warn' || level === 'error' || this.#waiting.length > MAX_WAITING_CHARACTERS) {
      this.flush();
    } else if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#options.later(() => {
        this.#isScheduled = false;
        this.flush();
      }, WAIT_MS);
    }
  }

  /** Writes what waits. To be called when the process ends, too. */
  flush(): void {
    if (this.#waiting !== '') {
      const text = this.#waiting;
      this.#waiting = '';
      this.#options.write(text);
    }
  }
}
