/** Trace ids in pasted strings. */

const TRACE_IDS = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;

/**
 * The trace id in a string, for example in a URL, a log line or a `traceparent` header. In lower case. Undefined
 * without an id, and for several different ids.
 */
export function traceIdIn(entered: string): string | undefined {
  const ids = entered.toLowerCase().match(TRACE_IDS) ?? [];
  return ids.every((id) => id === ids[0]) ? ids[0] : undefined;
}
