/** Reads the bins that an incremental refresh needs: the bins at the edges of the range, and the changed bins. */
import { type ArrowSchema } from '../../frames/arrow-ipc';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type BinnedRows, binnedRows, binRuns, type RowBin } from './bins-of-rows';
import { type CollectedRows, isSameSchema, RowCollector } from './collect-rows';
import { type CachedResult, type RefreshMemory } from './result-cache';
import { WholeError } from './outcome';
import { type BinInterval, type Bins } from './refresh-plan';
import { type ReadMessages, type RunningRefresh } from './refresh-request';

/** Maximum number of changed bins. If there are more, the whole range is read. */
const MAX_CHANGED_BINS = 5000;

interface ReadInterval {
  interval: BinInterval;
  read: BinnedRows;
}

interface EdgesRead {
  /** Starts of the changed bins between the edges. */
  changed: number[];
  read: ReadInterval[];
}

interface EdgesToRead {
  inner: BinInterval;
  edges: readonly BinInterval[];
  /** See `RefreshStatements.edges`. */
  ageSeconds: number;
  /** Called at the first message of the statement that uses `ageSeconds`. @throws {WholeError} */
  checkInTime: () => void;
}

/** Reads the bins at the edges, and finds the changed bins between them. @throws {WholeError} */
export async function readEdges(
  { inner, edges, ageSeconds, checkInTime }: EdgesToRead,
  { schema }: CachedResult,
  request: RunningRefresh
): Promise<EdgesRead> {
  const { statements, query, bins, copies, arrival } = request;
  const isInside = ({ startMs }: Pick<RowBin, 'startMs'>) => startMs >= inner.startMs && startMs < inner.endMs;
  // A separate statement finds the changed bins in two cases. With HAVING, a bin with new rows may have no row in the
  // result. If there is only one edge, two statements read fewer files than one statement for the edge and the changed
  // bins.
  const isSeparate = query.hasHaving || edges.length === 1;
  const changed = isSeparate
    ? await statements.changed(inner, ageSeconds, (messages, memory) =>
        changedBins(checkedAtFirst(arrival.of(messages), checkInTime), memory, copies, bins)
      )
    : undefined;
  // The server may send any time. A time outside of `inner` may be too large for calculations with bins.
  if (changed?.some((startMs) => !isInside({ startMs })) === true) {
    throw new WholeError('result');
  }
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

/** Reads the bins of the intervals. @throws {WholeError} */
export async function readBins(
  intervals: readonly BinInterval[],
  { schema }: CachedResult,
  request: RunningRefresh
): Promise<ReadInterval[]> {
  return within(intervals, await request.statements.parts(intervals, partReader(schema, request)));
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
function partReader(schema: ArrowSchema, request: RunningRefresh): ReadMessages<BinnedRows> {
  return async (messages, received) => {
    const read = await collected(request.arrival.of(messages), received, request.copies, request.maxRows);
    const binned = isSameSchema(read.schema, schema) ? toBins(read, request) : undefined;
    if (binned === undefined) {
      throw new WholeError('result');
    }
    return binned;
  };
}

/** The rows with their bins. Undefined if they cannot be joined, see `binnedRows`. */
export function toBins(
  { rows, schema }: CollectedRows,
  { query, bins, copies }: Pick<RunningRefresh, 'query' | 'bins' | 'copies'>
): BinnedRows | undefined {
  return rows.length === 0 ? { rows, bins: [] } : binnedRows(rows, schema, { ...query, bins }, copies);
}

/**
 * Copies all rows of a result.
 *
 * @param received Account of the messages.
 * @param copies   Counts the copied rows.
 * @throws {WholeError} If the rows cannot be kept.
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
