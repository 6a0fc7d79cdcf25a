/** Records the outcome of each check of a run, and cleans up at the end of the run. */
import { type Decision } from './decisions';

/** In characters. Longer reasons are truncated. */
const MAX_REASON_LENGTH = 600;

export class Checklist {
  readonly #write: (line: string) => void;
  readonly #skipped: string[] = [];
  readonly #failed: string[] = [];
  #passed = 0;

  /** @param write Takes one line without its line feed. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Runs one check. A failure does not end the run. Never rejects. @returns True when the check passed. */
  async check(name: string, run: () => Promise<void> | void): Promise<boolean> {
    try {
      await run();
    } catch (reason) {
      this.fail(name, reason);
      return false;
    }
    this.#passed++;
    this.#write(`ok ${name}`);
    return true;
  }

  fail(name: string, reason: unknown): void {
    const line = `not ok ${name}: ${oneLine(reason)}`;
    this.#failed.push(line);
    this.#write(line);
  }

  /** @param why For example `Go is not installed`. */
  skip(name: string, why: string): void {
    this.#skipped.push(`${name}: ${why}`);
    this.#write(`skipped ${name}: ${why}`);
  }

  /** Records the decision on a part that does not run. @returns True if the part runs. */
  decided(part: string, decision: Decision): boolean {
    if (decision.kind === 'skip') {
      this.skip(part, decision.why);
    } else if (decision.kind === 'fail') {
      this.fail(part, decision.why);
    }
    return decision.kind === 'run';
  }

  get hasFailed(): boolean {
    return this.#failed.length > 0;
  }

  /** The skipped and failed checks with their reasons. The last line has the number of checks for each outcome. */
  summary(): string {
    const skipped = this.#skipped.map((line) => `skipped ${line}`);
    const counts = `${this.#passed} passed, ${this.#failed.length} failed, ${skipped.length} skipped`;
    return [...skipped, ...this.#failed, counts].join('\n');
  }
}

function oneLine(reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const joined = message.replace(/\s*\n\s*/g, ' | ').trim();
  return joined.length > MAX_REASON_LENGTH ? `${joined.slice(0, MAX_REASON_LENGTH)}…` : joined;
}

/** Steps at the end of a run, such as stopping a process or removing a folder. They run in reverse order. */
export class Cleanup {
  readonly #steps: Array<() => Promise<void> | void> = [];
  #ended: Promise<void> | undefined;

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  /** Runs all steps once, even when some fail. Rejects with the first failure. */
  run(): Promise<void> {
    this.#ended ??= this.#runAll();
    return this.#ended;
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (reason) {
        failures.push(reason);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}
