const PAUSE_MS = 250;

/**
 * Calls a function until it returns a value. For conditions that no event reports, for example: a lakehouse shows rows
 * a few seconds after they were sent.
 *
 * @param what Subject of the error message, for example `The audit record`.
 * @param look Returns undefined while there is no result yet. An exception counts as no result until the time has
 *   passed.
 * @throws {Error} with the message of the last exception of `look` when `timeoutMs` milliseconds have passed.
 */
export async function eventually<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = Date.now() + timeoutMs;
  let lastFailure: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) {
        return found;
      }
    } catch (reason) {
      lastFailure = reason;
    }
    if (Date.now() > deadlineMs) {
      const why = lastFailure === undefined ? '' : ` Last failure: ${String(lastFailure)}`;
      throw new Error(`${what} did not appear within ${timeoutMs / 1000} s.${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
