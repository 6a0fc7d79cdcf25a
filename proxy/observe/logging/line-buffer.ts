/**
 * Buffers log lines and writes them together.
 *
 * Standard error is a pipe, so writing is synchronous. Without a buffer, writing one line for each query takes a tenth
 * of the time of a small query. Each line contains a timestamp, so it may be written later. Warnings and errors are
 * written immediately, after the buffered lines.
 */
import { type LogLevel } from './logger';

/** Maximum wait of a line in the buffer. */
const WAIT_MS = 50;

/** Above this length, the buffer is written immediately. */
const MAX_WAITING_CHARACTERS = 64 * 1024;

interface LineBufferOptions {
  /** Writes complete lines. */
  write: (lines: string) => void;
  /** Calls `callback` after `ms` milliseconds, without keeping the process alive. */
  later: (callback: () => void, ms: number) => void;
}

/** One per process. A line waits at most 50 ms. */
export class LineBuffer {
  readonly #options: LineBufferOptions;
  #waiting = '';
  #isScheduled = false;

  constructor(options: LineBufferOptions) {
    this.#options = options;
  }

  /** Adds one line, which ends with a line feed. */
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

  /** Writes the buffered lines. Must also be called when the process ends. */
  flush(): void {
    if (this.#waiting !== '') {
      const lines = this.#waiting;
      this.#waiting = '';
      this.#options.write(lines);
    }
  }
}
