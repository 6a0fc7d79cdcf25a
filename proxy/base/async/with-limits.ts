/**
 * Time limits and cancellation for asynchronous work.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` are not used: a long-lived signal keeps memory for every signal that was
 * derived from it (100,000 waits: 120 to 205 MB). Here, the timer and the listener are removed when the wait ends.
 */
import { ProxyError } from '../errors/proxy-error';

/** The longest delay of `setTimeout`, in milliseconds. With a longer delay, `setTimeout` fires immediately. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The error for a time limit that passed. Node uses the same code for network timeouts. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
}

/** Calls `callback` once after `ms` milliseconds. Returns a function that cancels the call. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

/** The timer of the process. A running timer does not keep the process alive. */
export const startSystemTimer: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, Math.min(ms, LONGEST_DELAY_MS)).unref();
  return () => clearTimeout(timer);
};

interface Limits {
  /** Time limit in milliseconds. Default: no time limit. */
  limitMs?: number | undefined;
  /** Message of the `TimeoutError`. */
  late?: string | undefined;
  /** The wait ends when this signal aborts. */
  signal?: AbortSignal | undefined;
  /**
   * True: when the time limit passes or `signal` aborts, `withLimits` still waits for the work, because the error of
   * the work has more details. The work must end when its parameter `signal` aborts. Default: false, `withLimits`
   * rejects immediately.
   */
  awaitsWork?: boolean;
  /** For tests. Default: the timer of the process. */
  startTimer?: StartTimer | undefined;
}

/**
 * Runs `work` with a signal that aborts when the time limit passes or `limits.signal` aborts. If `limits.signal` has
 * aborted already, `work` does not start. With `awaitsWork`, `work` does start, with an aborted signal.
 *
 * @throws {TimeoutError} when the time limit passes; the reason of `limits.signal` when that signal aborts; else the
 *   error of `work`. With `awaitsWork`, only the error of `work`.
 */
export function withLimits<T>(limits: Limits, work: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
  const controller = new AbortController();
  const start = async () => work(controller.signal);
  return wait(limits, start, (reason) => controller.abort(reason));
}

/** @param onEnd Called with the reason when the time limit passes or the signal aborts. */
function wait<T>(
  { limitMs, late = 'The time limit passed.', signal, awaitsWork = false, startTimer = startSystemTimer }: Limits,
  start: () => Promise<T>,
  onEnd?: (reason: unknown) => void
): Promise<T> {
  return new Promise((resolve, reject) => {
    let hasEnded = false;
    let cancelTimer: (() => void) | undefined;
    const release = () => {
      cancelTimer?.();
      signal?.removeEventListener('abort', onAbort);
    };
    const end = (reason: unknown) => {
      hasEnded = true;
      release();
      onEnd?.(reason);
      if (!awaitsWork) {
        reject(reason);
      }
    };
    const onAbort = () => end(signal?.reason);
    if (signal?.aborted) {
      onAbort();
    } else {
      cancelTimer = limitMs === undefined ? undefined : startTimer(() => end(new TimeoutError(late)), limitMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    }
    if (!hasEnded || awaitsWork) {
      start().then(
        (value) => {
          release();
          resolve(value);
        },
        (reason: unknown) => {
          release();
          reject(reason);
        }
      );
    }
  });
}

/**
 * Waits on behalf of one caller for work that several callers share. When the signal of the caller aborts, the wait
 * ends and the work continues.
 *
 * @throws {ProxyError} `query_cancelled` (or the reason of the signal, if that is a ProxyError) when the signal aborts.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Prevents an unhandled rejection after an abort.
  work.catch(() => undefined);
  try {
    return await wait({ signal }, () => work);
  } catch (reason) {
    throw signal.aborted && reason === signal.reason ? ProxyError.from(reason, 'query_cancelled') : reason;
  }
}

/**
 * Waits until `work` settles, at most `limitMs` milliseconds. Rejects only when `work` rejects within that time.
 *
 * @param startTimer For tests. Default: the timer of the process.
 */
export async function waitAtMost(limitMs: number, work: Promise<unknown>, startTimer?: StartTimer): Promise<void> {
  try {
    await wait({ limitMs, startTimer }, () => work);
  } catch (reason) {
    if (!(reason instanceof TimeoutError)) {
      throw reason;
    }
  }
}
