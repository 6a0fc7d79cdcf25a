/**
 * Refreshes a query with time bins. Reads the bins at the edges of the range and the changed bins, and takes the other
 * bins from the last result.
 *
 * Rows of `log_entries` and `measures` never change. So a bin changes only if new rows of this bin arrive. The refresh
 * finds the changed bins by the `insert_time` of the rows. The search begins at least `OVERLAP_MS` before the last
 * refresh, because a row becomes readable some time after its arrival.
 */
import { type KeptParts } from '../../../contract/resources/query-costs';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { keptMessages } from '../../frames/arrow-ipc';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { SIGN_IN_REJECTIONS, USER_REJECTIONS } from '../../lakehouse/instances/rejections';
import { type TimeRange } from '../../sql/macros/time-bins';
import { mergedRows } from './bins-of-rows';
import { MAX_BINNED_RESULT_BYTES } from './collect-rows';
import { isSlow, type CachedResult, wholeReadsAfter, withoutRowsIfSlow } from './result-cache';
import { type RefreshOutcome, WholeError, type WholeReason } from './outcome';
import { readBins, readEdges } from './read-bins';
import { wholeMessages } from './read-whole-range';
import { type BinInterval, changedGroups, edgesOf, isTooMuch, keptBins, partsBetween, shareOf } from './refresh-plan';
import { type RefreshDeps, type RefreshRequest, type RunningRefresh } from './refresh-request';
import { ArrivalTime, clockTimes, passedMs } from './refresh-times';

/**
 * Maximum delay in milliseconds from the arrival of a row until it can be read. The server makes most rows readable
 * within two seconds. Some rows become readable 90 s after the end of the minute in which they arrived, or later if the
 * server is busy. The maximum is much longer, because a refresh cannot notice missing rows (decision 24).
 */
const OVERLAP_MS = 300_000;
/**
 * Maximum time in milliseconds from the start of a refresh until the server runs the statement that finds the changed
 * bins.
 */
const LONGEST_SENDING_MS = 10_000;
/** Bins of at most this age in milliseconds are read at each refresh, because most new rows are in them. */
const NEWEST_MS = OVERLAP_MS + 120_000;

/** Minimum time in milliseconds of a statement over the whole range. A faster query is not refreshed in parts. */
export const MIN_WHOLE_MS = 200;
/**
 * Maximum time of a refresh in parts, as a fraction of the time for the whole range. A longer refresh counts as slow.
 */
export const MAX_COST = 0.7;

/** Errors that end the query, because a statement for the whole range would likely fail, too. */
const OF_QUERY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_timeout',
  'query_cancelled',
  'memory_busy',
  'statements_busy',
]);

/** Errors that end the query, because the rights of the caller may have changed. */
const REJECTIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...SIGN_IN_REJECTIONS,
  'identity_missing',
  ...USER_REJECTIONS,
]);

/**
 * The messages of the result. The rows are the same as in the result of one statement over the whole range.
 *
 * @param onOutcome Called before the first message. If the reason is `first` and the new result is not kept,
 *   `onOutcome` is called again at the end with the reason `fast` or `result`.
 * @throws {ProxyError} Errors of the statements.
 */
export async function* refreshedMessages(
  request: RefreshRequest,
  deps: RefreshDeps,
  onOutcome: (outcome: RefreshOutcome) => void
): AsyncGenerator<FlightMessage> {
  const copies = deps.results.openMemory();
  try {
    const running = { ...request, copies, arrival: new ArrivalTime(deps) };
    const refreshed = await readChangedParts(running, deps);
    if (typeof refreshed === 'string') {
      onOutcome({ kind: 'whole', reason: refreshed });
      const unkept = yield* wholeMessages(running, deps);
      if (refreshed === 'first' && unkept !== undefined) {
        onOutcome({ kind: 'whole', reason: unkept });
      }
    } else {
      onOutcome({ kind: 'parts', share: refreshed.share, kept: refreshed.keptParts });
      copies.close();
      deps.results.set(request.key, refreshed.kept);
      yield* refreshed.messages;
    }
  } finally {
    copies.close();
  }
}

interface Refreshed {
  messages: readonly FlightMessage[];
  /** The result to keep. */
  kept: CachedResult;
  /** The fraction of the range that was read, from 0 to 1. */
  share: number;
  /** The parts that were not read. */
  keptParts: KeptParts;
}

/**
 * Reads the changed parts.
 *
 * @returns The reason if the whole range must be read.
 * @throws {unknown} Errors after which the whole range must not be read.
 */
async function readChangedParts(request: RunningRefresh, deps: RefreshDeps): Promise<Refreshed | WholeReason> {
  try {
    const { result, ...facts } = await changedParts(request, deps);
    return { messages: messagesOf(result, request), kept: withoutRowsIfSlow(result), ...facts };
  } catch (error) {
    if (error instanceof WholeError) {
      return error.reason;
    }
    if (error instanceof ProxyError && !OF_QUERY.has(error.code) && !REJECTIONS.has(error.code)) {
      return 'failed';
    }
    throw error;
  }
}

/**
 * Reads the bins at the edges and the changed bins, and merges these bins with the cached result.
 *
 * @throws {WholeError}
 */
async function changedParts(
  request: RunningRefresh,
  deps: RefreshDeps
): Promise<{ result: CachedResult } & Pick<Refreshed, 'share' | 'keptParts'>> {
  const { range, bins } = request;
  const kept = deps.results.get(request.key);
  const readAt = clockTimes(deps);
  const ageMs = kept === undefined ? 0 : passedMs(kept.readAt, readAt);
  const isDue = kept !== undefined && passedMs(kept.wholeAt, readAt) >= request.wholeAfterMs;
  if (kept === undefined || isDue) {
    throw new WholeError(isDue ? 'due' : 'first');
  }
  if (isSlow(kept)) {
    throw new WholeError('slow');
  }
  const inner = keptBins(kept.range, range, readAt.wallMs - NEWEST_MS, bins);
  if (inner === undefined) {
    throw new WholeError('moved');
  }
  const edges = edgesOf(range, inner, bins);
  checkShare(edges, range);
  const ageSeconds = Math.ceil((ageMs + OVERLAP_MS + LONGEST_SENDING_MS) / 1000);
  // `ageSeconds` counts back from `now()`, which the server computes before it responds. If the response begins within
  // `LONGEST_SENDING_MS`, the search begins at least `OVERLAP_MS` before the last refresh.
  const checkInTime = (): void => {
    if (passedMs(readAt, clockTimes(deps)) > LONGEST_SENDING_MS) {
      throw new WholeError('failed');
    }
  };
  const { changed, read } = await readEdges({ inner, edges, ageSeconds, checkInTime }, kept, request);
  const groups = changedGroups(changed, bins);
  checkShare([...edges, ...groups], range);
  if (groups.length > 0) {
    read.push(...(await readBins(groups, kept, request)));
  }
  const merged = mergedRows(kept, inner, read, request.query.order, request.copies);
  if (
    merged === undefined ||
    merged.rows.length > request.maxRows ||
    merged.rows.bytes > Math.min(MAX_BINNED_RESULT_BYTES, request.maxBytes / 2)
  ) {
    throw new WholeError('result');
  }
  const slowRefreshes = request.arrival.ms > kept.wholeMs * deps.maxCost ? kept.slowRefreshes + 1 : 0;
  return {
    result: {
      ...kept,
      ...merged,
      range,
      readAt,
      slowRefreshes,
      wholeReadsLeft: wholeReadsAfter(slowRefreshes),
    },
    share: shareOf([...edges, ...groups], range),
    keptParts: {
      parts: partsBetween(inner, groups).map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs })),
      wholeReadMs: kept.wholeAt.wallMs,
    },
  };
}

/** @throws {WholeError} If the groups cover too large a part of the range. */
function checkShare(groups: readonly BinInterval[], range: TimeRange): void {
  if (isTooMuch(groups, range)) {
    throw new WholeError('share');
  }
}

/** The messages of a cached result. @throws {ProxyError} Errors of the memory accounts. */
function messagesOf(
  { schema, schemaHeader, rows }: CachedResult,
  { bodies, openMemory }: RefreshRequest
): FlightMessage[] {
  const memory = openMemory();
  try {
    return [{ header: schemaHeader, body: NO_BODY }, ...keptMessages(schema, rows, bodies, memory)];
  } finally {
    memory.close();
  }
}

const NO_BODY = new Uint8Array(0);
