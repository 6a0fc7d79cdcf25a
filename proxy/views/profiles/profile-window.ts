/** The time window that a profile shows. */
import { isInstanceId } from '../../../contract/resources/lookups';
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { ProxyError } from '../../base/errors/proxy-error';
import { type TimeRangeMs } from '../lake-reader/lake-reader';

export const NANOS_PER_MS = 1_000_000n;

/** A time window. Both ends are inclusive. */
export interface ProfileWindow {
  /** Nanoseconds since 1970. */
  beginNs: bigint;
  endNs: bigint;
  /** `endNs - beginNs`. */
  lengthNs: number;
  /** The shortest range of whole milliseconds that contains the window. */
  range: TimeRangeMs;
}

/** @throws {ProxyError} 'query_field_invalid' for an invalid id. */
export function checkIds({ processId, streamId }: ProfileRequest): void {
  if (!isInstanceId(processId)) {
    throw new ProxyError('query_field_invalid', { detail: 'The process id of the profile is not a UUID.' });
  }
  if (streamId !== undefined && streamId !== '' && !isInstanceId(streamId)) {
    throw new ProxyError('query_field_invalid', { detail: 'The stream id of the profile is not a UUID.' });
  }
}

/**
 * Returns the window of the request. A begin or an end that the request does not set is taken from the range.
 *
 * @param range The range of the query.
 * @throws {ProxyError} 'query_field_invalid' if a time is missing, or if the window does not end after its begin.
 */
export function profileWindow(request: ProfileRequest, range: TimeRangeMs): ProfileWindow {
  const beginNs = nanoseconds(request.beginNs, range.fromMs);
  const endNs = nanoseconds(request.endNs, range.toMs);
  if (beginNs >= endNs) {
    const wrong = beginNs === endNs ? 'begins and ends at the same time' : 'ends before it begins';
    throw new ProxyError('query_field_invalid', { detail: `The time range of the profile ${wrong}.` });
  }
  return windowBetween(beginNs, endNs);
}

/** Returns the window between two times in nanoseconds since 1970, both inclusive. */
export function windowBetween(beginNs: bigint, endNs: bigint): ProfileWindow {
  return {
    beginNs,
    endNs,
    lengthNs: Number(endNs - beginNs),
    range: {
      fromMs: Number(beginNs / NANOS_PER_MS),
      toMs: Number((endNs + NANOS_PER_MS - 1n) / NANOS_PER_MS),
    },
  };
}

function nanoseconds(value: string | undefined, ms: number): bigint {
  if (value !== undefined && value !== '') {
    return BigInt(value);
  }
  if (!Number.isFinite(ms)) {
    throw new ProxyError('query_field_invalid', { detail: 'A profile needs a time range.' });
  }
  return BigInt(Math.trunc(ms)) * NANOS_PER_MS;
}
