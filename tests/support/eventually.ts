const PAUSE_MS = 250;

/**
 * Asks until there is an answer: what was sent to a lake can be queried a few seconds later, and nothing announces it.
 *
 * @param look Undefined as long as there is nothing. What it throws counts as nothing until the time is up.
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
      const why = lastFailure === undefined ? '' : ` The last answer was: ${String(lastFailure)}`;
      throw new Error(`${what} did not appear within ${timeoutMs / 1000} s.${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
