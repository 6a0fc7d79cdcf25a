/** One time limit for a whole query: statements, waits, and the conversion and sending of the result. */
import { ProxyError } from '../errors/proxy-error';
import { type StartTimer, startSystemTimer } from './with-limits';

/**
 * The signal aborts this many milliseconds after the limit. A running statement has its own timeout at the limit. So
 * the statement fails first, and its error says whether the server still responds.
 */
const GRACE_MS = 100;

interface DeadlineOptions {
  /** Time limit in milliseconds from now. */
  limitMs: number;
  /** Aborts when the caller leaves; with a ProxyError as the reason when the process stops. */
  signal: AbortSignal;
  /** Milliseconds of a monotonic clock. Default: the clock of the process. */
  elapsedMs?: (() => number) | undefined;
  /** For tests. Default: the timer of the process. */
  startTimer?: StartTimer | undefined;
}

/** The time starts when the object is created. Call `end` when the query has ended. */
export class Deadline {
  /** Time limit in milliseconds from the start of the query. */
  readonly limitMs: number;
  readonly #elapsedMs: () => number;
  readonly #endMs: number;
  readonly #controller = new AbortController();
  readonly #release: () => void;

  constructor({
    limitMs,
    signal,
    elapsedMs = () => performance.now(),
    startTimer = startSystemTimer,
  }: DeadlineOptions) {
    this.limitMs = limitMs;
    this.#elapsedMs = elapsedMs;
    this.#endMs = elapsedMs() + limitMs;
    const left = () => this.#abort(signal.reason);
    const cancelTimer = startTimer(() => this.#abort(this.#error()), limitMs + GRACE_MS);
    this.#release = () => {
      cancelTimer();
      signal.removeEventListener('abort', left);
    };
    if (signal.aborted) {
      left();
    } else {
      signal.addEventListener('abort', left, { once: true });
    }
  }

  /**
   * Aborts `GRACE_MS` after the limit has passed, with the error 'query_timeout' as the reason. Also aborts when the
   * signal of the caller does, with its reason.
   */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds until the limit, at least 0. */
  leftMs(): number {
    return Math.max(0, this.#endMs - this.#elapsedMs());
  }

  /**
   * @throws {ProxyError} 'query_timeout' if the limit has passed, 'query_cancelled' if the caller has left, or the
   *   error with which the process stopped the call.
   */
  check(): void {
    if (this.signal.aborted) {
      throw this.errorOf(new ProxyError('query_cancelled'));
    }
    if (this.leftMs() === 0) {
      throw this.#error();
    }
  }

  /**
   * In place of 'query_cancelled', returns the error that ended the work: 'query_timeout', or the error with which the
   * process stopped the call. Returns all other errors unchanged.
   */
  errorOf(reason: unknown): unknown {
    const isCancelled = reason instanceof ProxyError && reason.code === 'query_cancelled';
    return isCancelled && this.signal.reason instanceof ProxyError ? this.signal.reason : reason;
  }

  /** Removes the timer and the listener. Call this when the result was sent. */
  end(): void {
    this.#release();
  }

  #abort(reason: unknown): void {
    this.#release();
    this.#controller.abort(reason);
  }

  #error(): ProxyError {
    return new ProxyError('query_timeout', {
      detail: `(limit ${this.limitMs / 1000} s for all statements of the query, and for its result)`,
    });
  }
}
