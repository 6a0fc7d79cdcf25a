/** Trace ids in pasted strings. */

const TRACE_ID = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/i;

/**
 * The trace id in a string, for example in a URL, a log line or a `traceparent` header. In lower case. Undefined
 * without an id, and for several different ids.
 */
export function traceIdIn(entered: string): string | undefined {
  const [id] = TRACE_ID.exec(entered) ?? [];
  const others = id === undefined ? '' : entered.replaceAll(id, '');
  return TRACE_ID.test(others) ? undefined : id?.toLowerCase();
}
