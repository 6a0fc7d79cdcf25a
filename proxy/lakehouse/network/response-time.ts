/** Reads the clock of another machine from its HTTP responses. */

/** Headers of `fetch` or of an HTTP/2 stream. */
interface ResponseHeaders {
  get(name: string): string | null | undefined;
}

/**
 * The time in the `Date` header in milliseconds since 1970, with a precision of one second. Undefined without a valid
 * time.
 */
export function responseTime(headers: ResponseHeaders): number | undefined {
  const timeMs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
