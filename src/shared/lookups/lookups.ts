/**
 * Lookups of one data source, for completion, the builder, the ad hoc filters, links and legends. All editors and
 * panels of a page share these lookups, so equal requests share one result.
 */
import { Cache } from '../../../contract/cache';
import {
  type LookupResults,
  type LookupList,
  type LookupRange,
  type LookupRequest,
  readsTelemetry,
  SEARCHED_FIELDS,
} from '../../../contract/resources/lookups';

/** Sends a lookup to the backend. */
export type SendLookup = (request: LookupRequest) => Promise<unknown>;

type ResultOf<R extends LookupRequest> = LookupResults[R['kind']];

/** Options of the cache, all optional. */
export interface LookupOptions {
  /** False if the data source suggests no values. Default: true. */
  suggestsValues?: boolean | undefined;
  /** Returns the time in milliseconds since 1970. Default: the clock of the browser. */
  now?: () => number;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Milliseconds for which a result is kept. Processes and streams start and end at any time. Names and values change
 * less often.
 */
const KEPT_MS: Readonly<Record<LookupRequest['kind'], number>> = {
  'view-sets': 30 * MINUTE_MS,
  functions: 30 * MINUTE_MS,
  'property-keys': 5 * MINUTE_MS,
  values: 5 * MINUTE_MS,
  measures: 5 * MINUTE_MS,
  processes: MINUTE_MS,
  telemetry: 5 * MINUTE_MS,
  streams: MINUTE_MS,
};
/** Milliseconds for which a failure is kept. */
const FAILURE_KEPT_MS = 20 * SECOND_MS;

/** Maximum number of requests whose results are kept. */
const MAX_RESULTS = 200;

/** Maximum length of a prefix of a search string. Results of longer prefixes are not looked for in the cache. */
const MAX_PREFIX = 200;

/**
 * The range with both ends moved outwards to a multiple of five minutes, an hour or a day. So requests for a range that
 * ends now stay equal for a while.
 */
function roundedRange({ fromMs, toMs }: LookupRange): LookupRange {
  const lengthMs = toMs - fromMs;
  const stepMs = lengthMs <= 6 * HOUR_MS ? 5 * MINUTE_MS : lengthMs <= 7 * DAY_MS ? HOUR_MS : DAY_MS;
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
}

type SearchableRequest = Extract<LookupRequest, { kind: keyof typeof SEARCHED_FIELDS }>;

function isSearchable(request: LookupRequest): request is SearchableRequest {
  return Object.prototype.hasOwnProperty.call(SEARCHED_FIELDS, request.kind);
}

function normalized<R extends LookupRequest>(request: R): R {
  const search = isSearchable(request) ? request.search?.trim() : undefined;
  return {
    ...request,
    ...('range' in request && { range: roundedRange(request.range) }),
    ...('search' in request && { search: search || undefined }),
  };
}

/** A key that is equal for requests with equal fields in any order. */
function keyOf(request: LookupRequest): string {
  return JSON.stringify(
    Object.entries(request)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  );
}

function isList(result: unknown): result is LookupList<unknown> {
  return result !== null && typeof result === 'object' && 'items' in result && Array.isArray(result.items);
}

function matches(item: unknown, fields: readonly string[], search: string): boolean {
  return (
    item !== null &&
    typeof item === 'object' &&
    fields.some((field) => String(Reflect.get(item, field)).toLowerCase().includes(search))
  );
}

/** One per data source object of Grafana. All results are lost when the page is loaded again. */
export class Lookups {
  readonly #send: SendLookup;
  readonly #results: Cache<{ kind: LookupRequest['kind']; result: unknown }>;
  /** False if the data source suggests no values. Then the results of lookups that read telemetry are empty. */
  readonly suggestsValues: boolean;

  constructor(send: SendLookup, { suggestsValues = true, now = Date.now }: LookupOptions = {}) {
    this.#send = send;
    this.#results = new Cache({
      maxSize: MAX_RESULTS,
      ageMs: ({ kind }) => KEPT_MS[kind],
      failureAgeMs: FAILURE_KEPT_MS,
      now,
    });
    this.suggestsValues = suggestsValues;
  }

  /**
   * The result of a lookup, from the cache if possible. If the data source suggests no values, a lookup that reads
   * telemetry sends no request, and its result is empty.
   *
   * Rejects if the backend reports an error. The error is kept for some seconds, so that typing does not repeat the
   * request.
   */
  get<R extends LookupRequest>(request: R): Promise<ResultOf<R>> {
    // The cache has results of all kinds. The key contains the kind, so the result has the type of the request.
    return this.#lookUp(normalized(request)) as Promise<ResultOf<R>>;
  }

  async #lookUp(request: LookupRequest): Promise<unknown> {
    if (!this.suggestsValues && readsTelemetry(request.kind)) {
      const none: LookupList<unknown> = { items: [], isTruncated: false };
      return none;
    }
    const key = keyOf(request);
    const filtered = this.#results.get(key) === undefined ? this.#filtered(request) : undefined;
    if (filtered !== undefined) {
      return filtered;
    }
    const { kind } = request;
    return (await this.#results.load(key, async () => ({ kind, result: await this.#send(request) }))).result;
  }

  /**
   * Searches in a complete list from the cache. If the cache has lists for several prefixes of the search string, the
   * longest prefix is used. The empty prefix stands for the list without a search.
   */
  #filtered(request: LookupRequest): LookupList<unknown> | undefined {
    if (!isSearchable(request) || request.search === undefined) {
      return undefined;
    }
    const { search } = request;
    for (let length = Math.min(search.length - 1, MAX_PREFIX); length >= 0; length--) {
      const key = keyOf({ ...request, search: search.slice(0, length) || undefined });
      const found = this.#results.get(key)?.result;
      if (isList(found) && !found.isTruncated) {
        const lower = search.toLowerCase();
        const items = found.items.filter((item) => matches(item, SEARCHED_FIELDS[request.kind], lower));
        return { items, isTruncated: false };
      }
    }
    return undefined;
  }
}
