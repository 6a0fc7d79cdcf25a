/** The longest calls of a flame graph. */
import { type ProfileRequest } from '../../../contract/query-types/profile';
import { type ViewContext } from '../view-context';
import { slowestCallsColumns, slowestCallsSql } from './profile-sql';
import { type ProfileWindow } from './profile-window';
import { type Call } from './thread-calls';

/** Maximum number of listed calls. */
export const SLOWEST_CALLS = 20;

interface SlowCall extends Call {
  /** Index of the thread. */
  thread: number;
}

/** A call as the table of the slowest calls shows it. Times are nanoseconds since 1970. */
export interface ListedCall {
  beginNs: bigint;
  endNs: bigint;
  /** Name of the function. */
  name: string;
  /** Name of the thread. */
  thread: string;
}

/**
 * Reads the longest calls of a window, for a flame graph that shows only a part of the window.
 *
 * @param threads Names of the threads by stream.
 * @throws {ProxyError} Errors of the statement.
 */
export async function readSlowestCalls(
  { processId, streamId, root }: ProfileRequest,
  { range }: ProfileWindow,
  threads: ReadonlyMap<string, string>,
  lake: ViewContext
): Promise<ListedCall[]> {
  const listed: ListedCall[] = [];
  const sql = slowestCallsSql(processId, streamId, root, SLOWEST_CALLS);
  const columns = slowestCallsColumns(streamId);
  for await (const batch of lake.read({ sql, range, maxRows: SLOWEST_CALLS, columns })) {
    const [begins, ends] = ['begin', 'end'].map((name) => batch.int64(name));
    const names = batch.strings('name');
    const streams = streamId === undefined ? batch.ids('stream_id') : () => streamId;
    for (let row = 0; row < batch.length; row++) {
      const stream = streams(row);
      listed.push({
        beginNs: begins[row],
        endNs: ends[row],
        name: names(row) ?? '',
        thread: threads.get(stream) ?? stream,
      });
    }
  }
  return listed;
}

/** Collects the longest calls, sorted by duration. */
export class SlowestCalls {
  readonly #size: number;
  readonly #calls: SlowCall[] = [];
  /** Duration that a further call must exceed, in nanoseconds. */
  #least = -1;

  constructor(size: number) {
    this.#size = size;
  }

  /** The calls, the longest first. */
  get list(): readonly SlowCall[] {
    return this.#calls;
  }

  add(call: Call, thread: number): void {
    const duration = call.end - call.begin;
    if (duration <= this.#least) {
      return;
    }
    const at = this.#calls.findIndex(({ begin, end }) => end - begin < duration);
    this.#calls.splice(at < 0 ? this.#calls.length : at, 0, { ...call, thread });
    if (this.#calls.length > this.#size) {
      this.#calls.pop();
    }
    if (this.#calls.length === this.#size) {
      const last = this.#calls[this.#size - 1];
      this.#least = last.end - last.begin;
    }
  }
}
