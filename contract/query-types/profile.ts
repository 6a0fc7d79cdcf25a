/**
 * Queries of the type `profile`: the calls of the threads and asynchronous tasks of one process. The backend writes the
 * SQL.
 */
import { check, type InferOutput, picklist, pipe, regex, string, union } from 'valibot';
import { MAX_NANOSECONDS, nanoseconds } from '../logs/log-context';
import { isFilled, boundedList, missingOr, objectOf, shortString } from '../schemas';
import { type QueryType } from './query-type';

/**
 * `flame-graph`: the time of all calls, merged by call path, and tables of functions, slowest calls and threads.
 * `timeline`: the longest calls one by one, as a trace whose services are the threads.
 */
export const PROFILE_VIEWS = ['flame-graph', 'timeline'] as const;
export type ProfileView = (typeof PROFILE_VIEWS)[number];

/** `thread`: calls of threads. `async`: asynchronous tasks. `net`: connections and messages; only in timelines. */
export const PROFILE_SPANS = ['thread', 'async', 'net'] as const;
export type ProfileSpans = (typeof PROFILE_SPANS)[number];

/** `+N`: nanoseconds since `beginNs`. Grafana's links cannot add the duration of a call to its start. */
const nanosecondsLater = pipe(string(), regex(/^\+\d{1,19}$/));

const profileRequest = pipe(
  objectOf({
    view: picklist(PROFILE_VIEWS),
    processId: shortString,
    /** Id of the stream of one thread. Default: all threads. */
    streamId: missingOr(shortString),
    /** Missing or empty: `thread` for a flame graph, all kinds for a timeline. */
    spans: missingOr(boundedList(picklist(PROFILE_SPANS), PROFILE_SPANS.length)),
    /** `beginNs` and `endNs`: nanoseconds since 1970, both inclusive. Default: the time range of the query. */
    beginNs: missingOr(nanoseconds),
    endNs: missingOr(union([nanoseconds, nanosecondsLater])),
    /** Only calls of this function, and the calls below these calls. */
    root: missingOr(shortString),
  }),
  check(({ beginNs, endNs }) => !isLater(endNs) || isFilled(beginNs))
);

export type ProfileRequest = InferOutput<typeof profileRequest>;

function isLater(endNs: string | null | undefined): endNs is string {
  return endNs?.startsWith('+') === true;
}

/** The end of the window of a request, in nanoseconds since 1970. Undefined if the request has no end. */
export function windowEnd({ beginNs, endNs }: Pick<ProfileRequest, 'beginNs' | 'endNs'>): string | undefined {
  if (!isLater(endNs)) {
    return endNs;
  }
  const end = BigInt(beginNs ?? 0) + BigInt(endNs.slice(1));
  return String(end < MAX_NANOSECONDS ? end : MAX_NANOSECONDS);
}

/** A part of a time range. If a range has too many calls for one flame graph, a flame graph shows one part. */
export interface ProfilePart {
  /** Milliseconds since 1970. The end of a part is the start of the next part. */
  beginMs: number;
  endMs: number;
  /** Number of calls that begin in the part. */
  calls: number;
}

/**
 * `meta.custom` of the frame of a flame graph that shows only a part of the time range. `profileParts` has all parts of
 * the range, the newest first.
 */
export interface ProfileParts {
  profileParts: readonly ProfilePart[];
}

export const PROFILE: QueryType<ProfileRequest> = {
  label: 'Profile',
  schema: profileRequest,
  required: ['processId'],
  hasInput: ({ processId }) => isFilled(processId),
};
