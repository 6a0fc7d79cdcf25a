/** Collects the calls of the threads of a process: their functions, call paths and slowest calls. */
import { StringMap } from '../../../contract/string-map';
import { HeapCount } from '../lake-reader/heap-count';
import { type ViewContext } from '../view-context';
import { type RowBatch } from '../lake-reader/row-batch';
import { CallPaths, ROOT } from './call-paths';
import { Functions } from './functions';
import { type ThreadRow } from './profile-tables';
import { type ProfileWindow } from './profile-window';
import { type ListedCall, SLOWEST_CALLS, SlowestCalls } from './slowest-calls';
import { type CallTarget, ThreadCalls } from './thread-calls';

/** Maximum number of calls. It is more than `PART_CALLS`, because calls that began before the part are read too. */
export const MAX_CALLS = 1_500_000;
/** Maximum number of threads of a graph. The calls of further threads are dropped. */
export const MAX_THREADS = 5000;
/** Bytes of the objects of a thread. */
const THREAD_BYTES = 2000;
/** Bytes of the stream id of a dropped thread, with its entry in a map. */
const DROPPED_THREAD_BYTES = 150;
/** Bytes of a kept call: a running call, or a call that begins at the same time as others. */
const CALL_BYTES = 120;

/** Factor of the upper 32 bits of a 64-bit time. */
const HALF = 2 ** 32;

interface Thread extends ThreadRow {
  position: number;
  node: number;
  stack: ThreadCalls;
}

/** Collects the calls of all threads. */
export class FlameGraph {
  readonly functions: Functions;
  readonly paths: CallPaths;
  readonly slowest = new SlowestCalls(SLOWEST_CALLS);
  readonly threads: Thread[] = [];
  readonly #byStream = new StringMap<Thread | undefined>();
  readonly #heap: HeapCount;
  readonly #window: ProfileWindow;
  readonly #root: string | undefined;
  readonly #names: ReadonlyMap<string, string>;
  droppedThreads = 0;
  /** Number of rows that were read. */
  rows = 0;
  /** Begin of the last row, in nanoseconds relative to the begin of the window. */
  lastBegin = 0;
  /** Number of calls that the threads keep. */
  #held = 0;

  /**
   * @param root Name of a function. Only the calls of this function, and the calls below them, are shown. Undefined:
   *   all calls.
   * @param names Names of threads by stream.
   */
  constructor(
    lake: Pick<ViewContext, 'memory'>,
    window: ProfileWindow,
    root: string | undefined,
    names: ReadonlyMap<string, string>
  ) {
    this.#heap = new HeapCount(lake.memory);
    this.#window = window;
    this.#root = root;
    this.#names = names;
    this.functions = new Functions(lake.memory);
    this.paths = new CallPaths(this.functions.addGroup('total'), lake.memory);
  }

  /** @param streamId The stream of all rows, if the rows have no `stream_id` column. */
  addCalls(batch: RowBatch, streamId: string | undefined): void {
    const begins = relativeTimes(batch.int64('begin'), this.#window.beginNs);
    const ends = relativeTimes(batch.int64('end'), this.#window.beginNs);
    const [ids, depths, lines] = ['id', 'depth', 'line'].map((name) => batch.numbers(name));
    const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.strings(name));
    const streams = streamId === undefined ? batch.ids('stream_id') : () => streamId;
    let stream: string | undefined;
    let thread: Thread | undefined;
    for (let row = 0; row < batch.length; row++) {
      const ofRow = streams(row);
      if (ofRow !== stream) {
        stream = ofRow;
        thread = this.#thread(ofRow);
      }
      // The spans of whole threads have negative ids.
      if (thread !== undefined && ids[row] >= 0) {
        const called = this.functions.of(names(row) ?? '', files(row) ?? '', lines[row], () => targets(row) ?? '');
        this.#held -= thread.stack.held;
        thread.stack.add({ begin: begins[row], end: ends[row], depth: depths[row], id: ids[row], called });
        this.#held += thread.stack.held;
      }
    }
    this.rows += batch.length;
    this.lastBegin = begins[batch.length - 1];
    this.#note();
  }

  addTasks(batch: RowBatch, group: number): void {
    const [lines, totals] = ['line', 'total'].map((name) => batch.numbers(name));
    const calls = batch.counts('calls');
    const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.strings(name));
    for (let row = 0; row < batch.length; row++) {
      const called = this.functions.of(names(row) ?? '', files(row) ?? '', lines[row], () => targets(row) ?? '');
      this.paths.add(this.paths.child(group, called), totals[row], calls[row]);
    }
    this.#note();
  }

  /** True if the row limit may have truncated the result. */
  get isTruncated(): boolean {
    return this.rows >= MAX_CALLS;
  }

  /** Stops counting the objects. Call it when the graph is no longer used. */
  discard(): void {
    this.#heap.set(0);
  }

  /** Call it after the last row. */
  finish(): void {
    this.threads.forEach(({ stack }) => stack.flush());
  }

  /** Returns the longest of the calls that are directly below a thread in the graph. */
  slowestCalls(): ListedCall[] {
    const { beginNs } = this.#window;
    return this.slowest.list.map(({ begin, end, called, thread }) => ({
      beginNs: beginNs + BigInt(begin),
      endNs: beginNs + BigInt(end),
      name: this.functions.list[called].name,
      thread: this.threads[thread].name,
    }));
  }

  #thread(streamId: string): Thread | undefined {
    if (this.#byStream.has(streamId)) {
      return this.#byStream.get(streamId);
    }
    if (this.threads.length >= MAX_THREADS) {
      this.droppedThreads++;
      this.#byStream.set(streamId, undefined);
      return undefined;
    }
    const name = this.#names.get(streamId) ?? streamId;
    const node = this.paths.child(ROOT, this.functions.addGroup(name));
    const position = this.threads.length;
    const thread: Thread = {
      name,
      streamId,
      total: 0,
      calls: 0,
      position,
      node,
      stack: new ThreadCalls(node, this.#target(position)),
    };
    this.threads.push(thread);
    this.#byStream.set(streamId, thread);
    return thread;
  }

  #target(position: number): CallTarget {
    const { list } = this.functions;
    const root = this.#root;
    return {
      paths: this.paths,
      length: this.#window.lengthNs,
      isRoot: root === undefined ? undefined : (called) => list[called].name === root,
      onTopCall: (call) => this.slowest.add(call, position),
    };
  }

  #note(): void {
    const streams = this.droppedThreads * DROPPED_THREAD_BYTES;
    const objects = this.threads.length * THREAD_BYTES + streams + this.#held * CALL_BYTES;
    this.#heap.set(this.functions.heapBytes + this.paths.heapBytes + objects);
  }
}

/**
 * Converts 64-bit times to numbers relative to `base`, without an object per time. Exact within 104 days of `base`.
 *
 * @param base Nanoseconds since 1970, like the times.
 */
function relativeTimes(times: BigInt64Array, base: bigint): Float64Array {
  const low = Number(BigInt.asUintN(32, base));
  const high = Number(base >> 32n);
  const halves = new Uint32Array(times.buffer, times.byteOffset, times.length * 2);
  const highs = new Int32Array(times.buffer, times.byteOffset, times.length * 2);
  const relative = new Float64Array(times.length);
  for (let row = 0; row < relative.length; row++) {
    relative[row] = (highs[row * 2 + 1] - high) * HALF + (halves[row * 2] - low);
  }
  return relative;
}
