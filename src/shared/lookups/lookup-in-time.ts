/** Lets the response to a query wait for a lookup, but not for long. */
import { concat, EMPTY, filter, from, type Observable, of, takeUntil, timeout, timer } from 'rxjs';

/**
 * Maximum milliseconds that a response waits for a lookup. The lookup continues, so that later responses find its
 * result in the cache.
 */
const WAIT_MS = 250;

/** Milliseconds after `WAIT_MS` in which a late result is emitted. The backend ends a lookup within this time. */
const LATE_MS = 10_000;

/**
 * Emits the result of a lookup. If the lookup takes longer than 0.25 s, emits undefined first, and then the result of
 * the lookup if it arrives in time.
 *
 * @param lookup Must not reject. Resolves to undefined after a failure.
 * @param showsLate False if the result of a slow lookup is not emitted.
 */
export function inTime<Result>(
  lookup: Promise<Result | undefined>,
  showsLate: boolean
): Observable<Result | undefined> {
  const late = showsLate ? from(lookup).pipe(takeUntil(timer(LATE_MS))) : EMPTY;
  return from(lookup).pipe(
    timeout({ first: WAIT_MS, with: () => concat(of(undefined), late) }),
    filter((result, index) => index === 0 || result !== undefined)
  );
}
