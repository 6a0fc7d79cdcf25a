/** Work that must not hold up a health check: it ends by itself, or is ended. */

/** Resolves after `ms` milliseconds. Rejects when the signal aborts before. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Runs `work` for at most `limitMs`; its signal aborts when the time is over or `parent` aborts.
 *
 * @returns What `work` returned, or undefined when it took too long.
 */
export async function bounded<T>(
  { limitMs, wait, parent }: { limitMs: number; wait: Wait; parent: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>
): Promise<T | undefined> {
  const ending = new AbortController();
  const end = () => ending.abort();
  if (parent.aborted) {
    end();
  }
  parent.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(ending.signal), wait(limitMs, ending.signal).then(() => undefined)]);
  } finally {
    parent.removeEventListener('abort', end);
    end();
  }
}
