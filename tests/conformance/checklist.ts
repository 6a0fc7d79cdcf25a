/**
 * The outcome of a conformance run: one line a check, and the count at the end.
 *
 * A check that fails does not end the run: what else is broken is worth knowing too.
 */

/** Longest reason on one line. */
const MAX_REASON_LENGTH = 600;

export class Checklist {
  readonly #write: (line: string) => void;
  passed = 0;
  failed = 0;
  skipped = 0;

  /** @param write Takes one line without its line feed. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Runs one check. Never rejects. @returns True when it passed. */
  async check(name: string, run: () => Promise<void> | void): Promise<boolean> {
    try {
      await run();
    } catch (reason) {
      this.fail(name, reason);
      return false;
    }
    this.passed++;
    this.#write(`ok ${name}`);
    return true;
  }

  fail(name: string, reason: unknown): void {
    this.failed++;
    this.#write(`not ok ${name}: ${oneLine(reason)}`);
  }

  /** @param why For example `go is not installed`. */
  skip(why: string): void {
    this.skipped++;
    this.#write(`skipped: ${why}`);
  }

  summary(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

function oneLine(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : String(reason);
  const joined = text.replace(/\s*\n\s*/g, ' | ').trim();
  return joined.length > MAX_REASON_LENGTH ? `${joined.slice(0, MAX_REASON_LENGTH)}…` : joined;
}
