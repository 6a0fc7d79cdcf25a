/**
 * Remembers SQL that is slow to parse or crashes the parser, so that it is not parsed again at each refresh of a panel.
 */
import { StringMap } from '../../contract/string-map';
import { keepNewest } from '../base/keep-newest';

/** Maximum number of remembered jobs. */
const MAX_UNREADABLE = 200;

/** Milliseconds until a job is tried again. The parser may have been slow because the machine was busy. */
const REMEMBERED_MS = 10 * 60_000;

/**
 * Remembers jobs that failed and would fail again: the last 200, each for ten minutes. All queries share this object.
 */
export class UnreadableSql {
  readonly #failedMs = new StringMap<number>();
  readonly #elapsedMs: () => number;

  /** @param elapsedMs Milliseconds of a monotonic clock. Default: the clock of the process. */
  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
  }

  has(key: string): boolean {
    const failedMs = this.#failedMs.get(key);
    return failedMs !== undefined && this.#elapsedMs() - failedMs < REMEMBERED_MS;
  }

  note(key: string): void {
    keepNewest(this.#failedMs, key, this.#elapsedMs(), MAX_UNREADABLE);
  }
}
