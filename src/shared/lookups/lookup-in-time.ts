/** Lets the response to a query wait for a lookup, but not for long. */
import { concat, EMPTY, filter, from, type Observable, of, takeUntil, timeout, timer } from 'rxjs';

/**
 * Maximum milliseconds that a response waits for a lookup. The lookup continues, so that later responses find its
 * result in the cache.
 */
const WAIT_MS = 250;

/**
 * Emits the result of a lookup. If the lookup takes longer than 0.25 s, emits undefined first, and then the result of
 * the lookup if it arrives in time.
 *
 * @param lookup Must not reject. Resolves to undefined after a failure.
 * @param lateMs Maximum milliseconds after the 0.25 s. With 0, the result of a slow lookup is not emitted.
 */
export function inTime<Result>(lookup: Promise<Result | undefined>, lateMs: number): Observable<Result | undefined> {
  const late = lateMs === 0 ? EMPTY : from(lookup).pipe(takeUntil(timer(lateMs)));
  return from(lookup).pipe(
    timeout({ first: WAIT_MS, with: () => concat(of(undefined), late) }),
    filter((result, index) => index === 0 || result !== undefined)
  );
}
