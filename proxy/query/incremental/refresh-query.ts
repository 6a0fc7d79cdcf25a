/**
 * Refreshes a query with time bins: reads only the bins that have changed since the last refresh, and takes the other
 * bins from the last result.
 *
 * Rows of `log_entries` and `measures` never change. So a bin has changed only if rows arrived in it. Such bins are
 * found by `insert_time`. The search begins `OVERLAP_MS` before the last refresh, because a row becomes readable some
 * time after it arrived.
 */
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ArrowSchema, keptMessages } from '../../frames/arrow-ipc';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type IncrementalQuery } from '../../sql/edit/incremental-query';
import { type TimeRange } from '../../sql/macros/time-bins';
import { type BinnedRows, binnedRows, binRuns, mergedRows, type RowBin } from './bins-of-rows';
import { type CollectedRows, isSameSchema, MAX_BINNED_RESULT_BYTES, NO_ROWS, RowCollector } from './collect-rows';
import { type ClockTimes, type KeptResult, type KeptResults, type RefreshMemory, type ResultKey } from './kept-results';
import { type RefreshOutcome, type WholeReason } from './outcome';
import { type BinInterval, type Bins, changedGroups, edgesOf, isTooMuch, keptBins, shareOf } from './refresh-plan';

/**
 * Maximum delay in milliseconds from the arrival of a row until it can be read. The server's daemon makes the rows of a
 * second readable after two seconds. Rows that the daemon missed become readable 90 s after their minute, and later if
 * the daemon is busy. The limit is much longer, because a refresh cannot notice that rows are missing (decision 24).
 */
const OVERLAP_MS = 300_000;
/**
 * Maximum time in milliseconds from the start of a refresh until the server runs the statement that finds the changed
 * bins.
 */
const LONGEST_SENDING_MS = 10_000;
/** Age in milliseconds up to which bins are read each time, because most new rows are in these bins. */
const NEWEST_MS = OVERLAP_MS + 120_000;
/** After this number of consecutive slow refreshes, the whole range is read until `KeptResult.wholeAt` is too old. */
const MAX_SLOW_REFRESHES = 2;
/** Maximum drift between the two clocks from one refresh to the next, in milliseconds. */
const DRIFT_MS = 5000;
/** Maximum number of changed bins. If there are more, the whole range is read. */
const MAX_CHANGED_BINS = 5000;

/** Minimum time in milliseconds of a statement over the whole range. A faster query is not refreshed in parts. */
export const MIN_WHOLE_MS = 200;
/** Maximum time of a refresh in parts, as a fraction of the time for the whole range. A longer refresh is slow. */
export const MAX_COST = 0.7;

/** The statements of one refresh. Each runs when its messages are read. */
export interface RefreshStatements {
  /** The query over the whole range. The account of the query counts its messages. */
  whole(): AsyncIterable<FlightMessage>;
  /**
   * The query for the bins outside of the interval.
   *
   * @param ageSeconds If set, the result also has a row for each changed bin within the interval: a bin in which rows
   *   arrived during the last `ageSeconds`. This row is computed from the new rows only.
   * @param read Reads the messages. Its second argument is their account.
   */
  edges<Value>(interval: BinInterval, ageSeconds: number | undefined, read: ReadMessages<Value>): Promise<Value>;
  /** The bins within the interval with rows that arrived during the last `ageSeconds`. */
  changed<Value>(interval: BinInterval, ageSeconds: number, read: ReadMessages<Value>): Promise<Value>;
  /** The query for the bins of the intervals. There is at least one interval, and they are in the order of time. */
  parts<Value>(intervals: readonly BinInterval[], read: ReadMessages<Value>): Promise<Value>;
}

export type ReadMessages<Value> = (messages: AsyncIterable<FlightMessage>, memory: MemoryAccount) => Promise<Value>;

export interface RefreshRequest {
  key: ResultKey;
  query: Pick<IncrementalQuery, 'column' | 'order' | 'hasHaving'>;
  bins: Bins;
  range: TimeRange;
  /** A result with more rows is truncated. */
  maxRows: number;
  /** A result with more bytes is truncated. */
  maxBytes: number;
  /**
   * Maximum age in milliseconds of the last statement over the whole range. When it is older, the whole range is read.
   */
  wholeAfterMs: number;
  statements: RefreshStatements;
  /** Account for the messages that are built from the kept rows. */
  bodies: Pick<MemoryAccount, 'take'>;
  /** Account of the query, for compressed messages. */
  memory: MemoryAccount;
  /** Opens an account that is closed before the next message is read. */
  openMemory: () => MemoryAccount;
}

/** A request with the memory of its copied rows, and the measured time of its messages. */
type Running = RefreshRequest & { copies: RefreshMemory; arrival: ArrivalTime };

/** Measures the time of the server, without waits for slots and for memory. */
class ArrivalTime {
  readonly #elapsedMs: () => number;
  #ms = 0;
  #hasStarted = false;

  constructor({ elapsedMs }: Pick<RefreshDeps, 'elapsedMs'>) {
    this.#elapsedMs = elapsedMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** True if a statement was sent. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Passes on the messages, and measures the waits for them. */
  async *of(messages: AsyncIterable<FlightMessage>): AsyncGenerator<FlightMessage> {
    this.#hasStarted = true;
    const iterator = messages[Symbol.asyncIterator]();
    try {
      for (;;) {
        const startedMs = this.#elapsedMs();
        const next = await iterator.next();
        this.#ms += this.#elapsedMs() - startedMs;
        if (next.done === true) {
          return;
        }
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
}

export interface RefreshDeps {
  results: KeptResults;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  /**
   * Minimum time in milliseconds of a statement over the whole range. For a faster query, the whole range is read each
   * time.
   */
  minWholeMs: number;
  /** A refresh in parts is slow if it takes more than this fraction of the time of the whole range. */
  maxCost: number;
}

/** Errors that end the query. */
const OF_QUERY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'query_timeout',
  'query_cancelled',
  'memory_busy',
  'statements_busy',
]);

/**
 * Errors that end the query, because the rights of the caller may have changed. The instance drops the kept results.
 */
const REJECTIONS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'api_key_refused',
  'token_refused',
  'identity_missing',
  'identity_refused',
  'attribution_refused',
  'permission_denied',
  'query_denied',
]);

/** Thrown if the whole range must be read. */
class WholeError extends Error {
  constructor(readonly reason: WholeReason) {
    super(reason);
  }
}

/**
 * The messages of the result, as if the whole range had been read.
 *
 * @param onOutcome Called before the first message. If the reason is `first` and the new result is not kept, it is
 *   called again at the end with the reason `fast` or `result`.
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
    const refreshed = await readParts(running, deps);
    if (typeof refreshed === 'string') {
      onOutcome({ kind: 'whole', reason: refreshed });
      if (refreshed === 'slow') {
        yield* request.statements.whole();
        return;
      }
      const unkept = yield* wholeMessages(running, deps);
      if (refreshed === 'first' && unkept !== undefined) {
        onOutcome({ kind: 'whole', reason: unkept });
      }
    } else {
      onOutcome({ kind: 'parts', share: refreshed.share });
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
  kept: KeptResult;
  /** The fraction of the range that was read, from 0 to 1. */
  share: number;
}

/**
 * Reads the changed parts.
 *
 * @returns The reason if the whole range must be read.
 * @throws {unknown} Errors after which the whole range must not be read.
 */
async function readParts(request: Running, deps: RefreshDeps): Promise<Refreshed | WholeReason> {
  try {
    const { result, share } = await changedParts(request, deps);
    return { messages: messagesOf(result, request), kept: withoutRowsIfSlow(result), share };
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
 * Reads the bins that have changed, and merges them with the kept result.
 *
 * @returns The new result, and the fraction of the range that was read.
 * @throws {WholeError}
 */
async function changedParts(request: Running, deps: RefreshDeps): Promise<{ result: KeptResult; share: number }> {
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
  // `ageSeconds` counts back from `now()`, which the server computes before its response. A statement that reaches the
  // server after `LONGEST_SENDING_MS` would miss rows.
  const checkInTime = (): void => {
    if (passedMs(readAt, clockTimes(deps)) > LONGEST_SENDING_MS) {
      throw new WholeError('failed');
    }
  };
  const { changed, read } = await readEdges({ inner, edges, ageSeconds, checkInTime }, kept, request);
  const groups = changedGroups(changed, bins);
  checkShare([...edges, ...groups], range);
  if (groups.length > 0) {
    read.push(...within(groups, await request.statements.parts(groups, partReader(kept.schema, request))));
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
  return { result: { ...kept, ...merged, range, readAt, slowRefreshes }, share: shareOf([...edges, ...groups], range) };
}

function isSlow({ slowRefreshes }: KeptResult): boolean {
  return slowRefreshes >= MAX_SLOW_REFRESHES;
}

/**
 * Drops the rows if refreshes in parts are slow. The whole range is then read until `wholeAt` is too old, so the rows
 * are not needed.
 */
function withoutRowsIfSlow(result: KeptResult): KeptResult {
  return isSlow(result) ? { ...result, rows: NO_ROWS, bins: [] } : result;
}

interface ReadInterval {
  interval: BinInterval;
  read: BinnedRows;
}

interface EdgesRead {
  /** Starts of the bins between the edges in which rows arrived. */
  changed: number[];
  read: ReadInterval[];
}

interface EdgesToRead {
  inner: BinInterval;
  edges: readonly BinInterval[];
  /** See `RefreshStatements.edges`. */
  ageSeconds: number;
  /** Called with the first message of the statement that uses `ageSeconds`. @throws {WholeError} */
  checkInTime: () => void;
}

/** Reads the bins at the edges, and finds the changed bins between them. @throws {WholeError} */
async function readEdges(
  { inner, edges, ageSeconds, checkInTime }: EdgesToRead,
  { schema }: KeptResult,
  request: Running
): Promise<EdgesRead> {
  const { statements, query, bins, copies, arrival } = request;
  const isInside = ({ startMs }: Pick<RowBin, 'startMs'>) => startMs >= inner.startMs && startMs < inner.endMs;
  // A separate statement finds the changed bins in two cases. With HAVING, a bin with new rows may have no row in the
  // result. If there is only one edge, a statement for this edge alone reads fewer files.
  const isSeparate = query.hasHaving || edges.length === 1;
  const changed = isSeparate
    ? await statements.changed(inner, ageSeconds, (messages, memory) =>
        changedBins(checkedAtFirst(arrival.of(messages), checkInTime), memory, copies, bins)
      )
    : undefined;
  const readPart = partReader(schema, request);
  const { rows, bins: found } =
    edges.length === 1
      ? await statements.parts(edges, readPart)
      : await statements.edges(inner, isSeparate ? undefined : ageSeconds, (messages, memory) =>
          readPart(isSeparate ? messages : checkedAtFirst(messages, checkInTime), memory)
        );
  return {
    changed: changed ?? found.filter(isInside).map(({ startMs }) => startMs),
    read: within(edges, { rows, bins: found.filter((bin) => !isInside(bin)) }),
  };
}

async function* checkedAtFirst(
  messages: AsyncIterable<FlightMessage>,
  check: () => void
): AsyncGenerator<FlightMessage> {
  let isFirst = true;
  for await (const message of messages) {
    if (isFirst) {
      check();
      isFirst = false;
    }
    yield message;
  }
}

/** The rows of each interval. @throws {WholeError} For a row outside of all intervals. */
function within(intervals: readonly BinInterval[], { rows, bins }: BinnedRows): ReadInterval[] {
  const read = intervals.map((interval) => ({
    interval,
    read: { rows, bins: bins.filter(({ startMs }) => startMs >= interval.startMs && startMs < interval.endMs) },
  }));
  if (read.reduce((sum, each) => sum + each.read.bins.length, 0) < bins.length) {
    throw new WholeError('result');
  }
  return read;
}

function clockTimes({ now, elapsedMs }: RefreshDeps): ClockTimes {
  return { wallMs: now(), monotonicMs: elapsedMs() };
}

/** @throws {WholeError} If one of the clocks was set or stood still. */
function passedMs(before: ClockTimes, after: ClockTimes): number {
  const wallMs = after.wallMs - before.wallMs;
  const monotonicMs = after.monotonicMs - before.monotonicMs;
  if (Math.abs(wallMs - monotonicMs) > DRIFT_MS) {
    throw new WholeError('due');
  }
  return Math.max(wallMs, monotonicMs);
}

/** @throws {WholeError} If the groups are too large a part of the range. */
function checkShare(groups: readonly BinInterval[], range: TimeRange): void {
  if (isTooMuch(groups, range)) {
    throw new WholeError('share');
  }
}

/** The starts of the bins in the result of `RefreshStatements.changed`. @throws {WholeError} */
async function changedBins(
  messages: AsyncIterable<FlightMessage>,
  received: MemoryAccount,
  copies: RefreshMemory,
  bins: Bins
): Promise<number[]> {
  const { schema, rows } = await collected(messages, received, copies, MAX_CHANGED_BINS);
  const [field] = schema.fields;
  const runs = rows.length === 0 ? [] : binRuns(rows, field.type, 0, bins);
  if (runs === undefined) {
    throw new WholeError('result');
  }
  return runs.map(({ startMs }) => startMs);
}

/**
 * A function that reads rows of the query. The function throws a `WholeError` if the rows cannot be joined with rows of
 * `schema`.
 */
function partReader(schema: ArrowSchema, request: Running): ReadMessages<BinnedRows> {
  return async (messages, received) => {
    const read = await collected(request.arrival.of(messages), received, request.copies, request.maxRows);
    const binned = isSameSchema(read.schema, schema) ? toBins(read, request) : undefined;
    if (binned === undefined) {
      throw new WholeError('result');
    }
    return binned;
  };
}

function toBins(
  { rows, schema }: CollectedRows,
  { query, bins, copies }: Pick<Running, 'query' | 'bins' | 'copies'>
): BinnedRows | undefined {
  return rows.length === 0 ? { rows, bins: [] } : binnedRows(rows, schema, { ...query, bins }, copies);
}

/**
 * The rows of a whole result.
 *
 * @param received Account of the messages.
 * @param copies   Counts the copied rows.
 * @throws {WholeError}
 */
async function collected(
  messages: AsyncIterable<FlightMessage>,
  received: MemoryAccount,
  copies: RefreshMemory,
  maxRows: number
): Promise<CollectedRows> {
  const collector = new RowCollector(received, copies, maxRows);
  for await (const message of messages) {
    if (!collector.add(message)) {
      break;
    }
    received.settle();
    await received.reserve(0);
  }
  const rows = collector.finish();
  if (rows === undefined) {
    throw new WholeError('result');
  }
  return rows;
}

/** Reads the whole range, and keeps the result unless it is fast. @returns The reason if the result is not kept. */
async function* wholeMessages(
  request: Running,
  deps: RefreshDeps
): AsyncGenerator<FlightMessage, 'fast' | 'result' | undefined> {
  const { key, range, statements, memory, maxRows, copies } = request;
  // If statements for parts were sent, their results are not used, so the refresh counts as slow.
  const slowRefreshes = request.arrival.hasStarted ? (deps.results.get(key)?.slowRefreshes ?? 0) + 1 : 0;
  deps.results.delete(key);
  const readAt = clockTimes(deps);
  const collector = new RowCollector(memory, copies, maxRows);
  const arrival = new ArrivalTime(deps);
  for await (const message of arrival.of(statements.whole())) {
    // The consumer of the messages reports their errors.
    if (quietly(() => collector.add(message)) === undefined) {
      collector.end();
    }
    yield message;
  }
  if (arrival.ms < deps.minWholeMs) {
    return 'fast';
  }
  const kept = quietly(() => keptOf(collector, request));
  copies.close();
  if (kept === undefined) {
    return 'result';
  }
  const result = { ...kept, range, readAt, wholeAt: readAt, wholeMs: arrival.ms, slowRefreshes };
  deps.results.set(key, withoutRowsIfSlow(result));
  return undefined;
}

/** The rows of a whole result. Undefined if they cannot be kept. */
function keptOf(collector: RowCollector, request: Running) {
  const read = collector.finish();
  const binned = read === undefined || read.rows.length === 0 ? undefined : toBins(read, request);
  return read === undefined || binned === undefined
    ? undefined
    : { schema: read.schema, schemaHeader: read.schemaHeader, ...binned };
}

/** The result of `work`. Undefined after a `ProxyError`, such as a full account or a malformed message. */
function quietly<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProxyError) {
      return undefined;
    }
    throw error;
  }
}

/** The messages of a kept result. @throws {ProxyError} Errors of the accounts. */
function messagesOf(
  { schema, schemaHeader, rows }: KeptResult,
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
