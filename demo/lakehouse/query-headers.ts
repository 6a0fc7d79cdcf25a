/** Reads the headers of a query: time range, limit, and `preserve_dictionary`. */
import { type Metadata, status } from '@grpc/grpc-js';
import { LakeError } from './error-messages';

export interface TimeRange {
  /** The received strings, for the audit record. */
  begin: string;
  end: string;
  /** Microseconds since 1970, both inclusive. */
  beginUs: bigint;
  endUs: bigint;
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** The first value of a header. Undefined without the header. */
export function header(metadata: Metadata, name: string): string | undefined {
  return metadata.get(name)[0]?.toString();
}

/** The time range of a query. Undefined if one end is missing or empty, as on the server. */
export function timeRange(metadata: Metadata): TimeRange | undefined {
  const begin = header(metadata, 'query_range_begin');
  const end = header(metadata, 'query_range_end');
  if (!begin || !end) {
    return undefined;
  }
  return {
    begin,
    end,
    beginUs: instant('query_range_begin', begin, 999n),
    endUs: instant('query_range_end', end, 0n),
  };
}

/**
 * Microseconds since 1970 of a time in RFC 3339. @param roundNs Added before nanoseconds are truncated to microseconds.
 */
function instant(name: string, value: string, roundNs: bigint): bigint {
  const [, seconds, fraction = '', zone] = RFC_3339.exec(value) ?? [];
  const ms =
    seconds === undefined ? NaN : Date.parse(`${seconds.replace(' ', 'T').toUpperCase()}${zone?.toUpperCase()}`);
  if (Number.isNaN(ms)) {
    const reason = value.length < 20 ? 'premature end of input' : 'input contains invalid characters';
    throw new LakeError(status.INVALID_ARGUMENT, `Unable to parse ${name} as a rfc3339 datetime: ${reason}`);
  }
  const ns = BigInt(ms) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return (ns + roundNs) / 1000n;
}

/**
 * The row limit of a query. Undefined without the header.
 *
 * @throws {LakeError} InvalidArgument if the header is not an unsigned integer.
 */
export function rowLimit(metadata: Metadata): number | undefined {
  const value = header(metadata, 'limit');
  if (value === undefined) {
    return undefined;
  }
  if (!/^\+?\d+$/.test(value)) {
    const reason = value === '' ? 'cannot parse integer from empty string' : 'invalid digit found in string';
    throw new LakeError(status.INVALID_ARGUMENT, `error parsing limit: ${reason}`);
  }
  return Number(value);
}

/** True if the client requests dictionaries in the result. */
export function keepsDictionaries(metadata: Metadata): boolean {
  return header(metadata, 'preserve_dictionary')?.toLowerCase() === 'true';
}
