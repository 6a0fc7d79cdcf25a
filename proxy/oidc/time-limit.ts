/**
 * Limits of time around asynchronous work, without timers that keep the process alive or outlive the work.
 */
import { ProxyError } from '../errors/proxy-error';

/** Aborts the signal given to `run` after `limitMs`, or when `parent` aborts. `run` must heed it. */
export async function withTimeLimit<T>(
  limitMs: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('The time limit has passed.', 'TimeoutError'));
  const timer = setTimeout(abort, limitMs).unref();
  if (parent?.aborted) {
    abort();
  }
  parent?.addEventListener('abort', abort, { once: true });
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
    parent?.removeEventListener('abort', abort);
  }
}

/**
 * Waits for shared work on behalf of one caller: when the caller's signal aborts, its waiting ends and the work goes on.
 *
 * @throws {ProxyError} `query_cancelled` (or the signal's reason, where that is a ProxyError) after an abort.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(ProxyError.from(signal.reason, 'query_cancelled'));
    if (signal.aborted) {
      abort();
    } else {
      signal.addEventListener('abort', abort, { once: true });
    }
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
