/** The flame graph of a process or a thread, with tables of its functions, its slowest calls and its threads. */
import { StringMap } from '../../../contract/string-map';
import { type ProfileRequest, type ProfileSpans } from '../../../contract/query-types/profile';
import { type ResultFrame } from '../../frames/data-frames/result-frames';
import { thousands } from '../../frames/data-frames/format-count';
import { type Notice } from '../../frames/data-frames/frame-options';
import { formatTimes } from '../../frames/data-frames/format-time';
import { HeapCount } from '../lake-reader/heap-count';
import { type ViewContext } from '../view-context';
import { type RowBatch } from '../lake-reader/row-batch';
import { CallPaths, MAX_LEVELS, ROOT } from './call-paths';
import { flameFrame, MAX_SHOWN_PATHS } from './flame-frame';
import { Functions } from './functions';
import { pathTree } from './path-order';
import { type ProcessStreams } from './process-streams';
import { callsSql, TASK_LOOKBACK_MS, taskTotalsSql } from './profile-sql';
import { functionsFrame, functionTimes, slowestFrame, type ThreadRow, threadsFrame } from './profile-tables';
import { isLong, type CountedParts, readParts } from './profile-parts';
import { NANOS_PER_MS, type ProfileWindow } from './profile-window';
import { relativeTimes } from './relative-times';
import { type ListedCall, readSlowestCalls, SLOWEST_CALLS, SlowestCalls } from './slowest-calls';
import { type CallTarget, ThreadCalls } from './thread-calls';

/** More than `PART_CALLS`, because calls that began before the window count too. */
export const MAX_CALLS = 1_500_000;
const MAX_THREADS = 5000;
const MAX_TASK_NAMES = 10_000;
/** Bytes of the objects of a thread. */
const THREAD_BYTES = 2000;
/** Bytes of a call that runs, or of a call with the same begin as others. */
const CALL_BYTES = 120;

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
  rows = 0;
  lastBegin = 0;
  /** Calls that the threads keep. */
  #held = 0;

  /** @param root Name of a function: only its calls. @param names Names of threads by stream. */
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

  /** @param streamId The thread of all rows, if they have no column for it. */
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
    const [lines, calls, totals] = ['line', 'calls', 'total'].map((name) => batch.numbers(name));
    const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.strings(name));
    for (let row = 0; row < batch.length; row++) {
      const called = this.functions.of(names(row) ?? '', files(row) ?? '', lines[row], () => targets(row) ?? '');
      this.paths.add(this.paths.child(group, called), totals[row], calls[row]);
    }
    this.#note();
  }

  /** True if the limit of the rows ended the statement. */
  get isTruncated(): boolean {
    return this.rows >= MAX_CALLS;
  }

  /** No longer counts the objects. Call it when the graph is not used any more. */
  discard(): void {
    this.#heap.set(0);
  }

  /** Call it after the last row. */
  finish(): void {
    this.threads.forEach(({ stack }) => stack.flush());
  }

  /** The longest calls without a caller in the graph. */
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
    const objects = this.threads.length * THREAD_BYTES + this.#held * CALL_BYTES;
    this.#heap.set(this.functions.heapBytes + this.paths.heapBytes + objects);
  }
}

/** @param spans What is shown: `thread`, `async`, or both. */
export async function flameGraphFrames(
  request: ProfileRequest,
  spans: ReadonlySet<ProfileSpans>,
  window: ProfileWindow,
  streams: ProcessStreams,
  lake: ViewContext
): Promise<ResultFrame[]> {
  const { processId } = request;
  const { graph, shown, parts } = spans.has('thread')
    ? await readCalls(request, window, streams, lake)
    : { graph: new FlameGraph(lake, window, request.root, streams.threads), shown: window, parts: undefined };
  const { fromMs, toMs } = shown.range;
  if (spans.has('async')) {
    const group = graph.paths.child(ROOT, graph.functions.addGroup('Asynchronous tasks'));
    const range = { fromMs: fromMs - TASK_LOOKBACK_MS, toMs };
    const sql = taskTotalsSql(processId, shown, request.root);
    for await (const batch of lake.read({ sql, range, maxRows: MAX_TASK_NAMES })) {
      graph.addTasks(batch, group);
    }
  }
  const slowest = parts && (await readSlowestCalls(request, window, streams.threads, lake));
  return framesOf(graph, request, { window: shown, parts, slowest }, lake);
}

/** A short range is read at once. If it has too many calls, they are counted, and its newest part is read. */
async function readCalls(
  request: ProfileRequest,
  window: ProfileWindow,
  { threads }: ProcessStreams,
  lake: ViewContext
): Promise<{ graph: FlameGraph; shown: ProfileWindow; parts: CountedParts | undefined }> {
  const { processId, streamId, root } = request;
  const read = async (shown: ProfileWindow) => {
    const graph = new FlameGraph(lake, shown, root, threads);
    const sql = callsSql(processId, streamId);
    for await (const batch of lake.read({ sql, range: shown.range, maxRows: MAX_CALLS })) {
      graph.addCalls(batch, streamId);
    }
    return graph;
  };
  const isCounted = isLong(window);
  const whole = isCounted ? undefined : await read(window);
  const parts = isCounted || whole?.isTruncated ? await readParts(request, window, lake) : undefined;
  const shown = parts?.shown ?? window;
  if (parts !== undefined) {
    whole?.discard();
  }
  const graph = whole === undefined || parts !== undefined ? await read(shown) : whole;
  graph.finish();
  return { graph, shown, parts };
}

/** What a flame graph shows. */
export interface ShownCalls {
  window: ProfileWindow;
  /** Undefined: the window is that of the request. */
  parts?: CountedParts | undefined;
  /** Default: the slowest calls of the graph. */
  slowest?: readonly ListedCall[] | undefined;
}

/** The frames of a flame graph whose calls are complete. */
export async function framesOf(
  graph: FlameGraph,
  request: ProfileRequest,
  { window, parts, slowest = graph.slowestCalls() }: ShownCalls,
  { linkTarget, sourceUrl, pace, timezone }: Pick<ViewContext, 'linkTarget' | 'sourceUrl' | 'pace' | 'timezone'>
): Promise<ResultFrame[]> {
  const { functions, paths, threads } = graph;
  await pace.pause();
  const tree = await pathTree(paths, (called) => functions.list[called].isGroup, pace);
  const times = await functionTimes(tree, functions, pace);
  const notices = [...partNotices(graph, window, parts !== undefined, timezone), ...limitNotices(graph)];
  const custom = parts && { profileParts: parts.parts };
  const slowestTable = slowest.length === 0 ? [] : [slowestFrame(slowest, request, linkTarget)];
  if (tree.totals[ROOT] === 0 && times.order.length === 0) {
    const empty = functionsFrame(times, functions, sourceUrl, [...notices, nothing(request)]);
    return [{ ...empty, custom }, ...slowestTable];
  }
  await pace.pause();
  const { frame, merged } = await flameFrame(tree, functions, notices, pace);
  const mergedNotice: Notice[] =
    merged > 0
      ? [
          {
            severity: 'info',
            text: `Shows the ${thousands(MAX_SHOWN_PATHS)} call paths with the longest time. ${thousands(merged)} others are merged as "(other)".`,
          },
        ]
      : [];
  const callsOf = callsByThread(graph);
  const rows = threads.map((thread) => ({
    ...thread,
    total: tree.totals[thread.node],
    calls: callsOf[thread.position],
  }));
  const active = rows.filter(({ calls }) => calls > 0);
  const isOneThread = request.streamId !== undefined || active.length < 2;
  return [
    {
      ...frame,
      notices: [...(frame.notices ?? []), ...mergedNotice],
      custom,
    },
    functionsFrame(times, functions, sourceUrl, []),
    ...slowestTable,
    ...(isOneThread ? [] : [threadsFrame(active, request, linkTarget)]),
  ];
}

function callsByThread({ paths, threads }: FlameGraph): Float64Array {
  const sums = new Float64Array(paths.size);
  for (let node = paths.size - 1; node > ROOT; node--) {
    sums[node] += paths.calls(node);
    sums[paths.parent(node)] += sums[node];
  }
  return Float64Array.from(threads, ({ node }) => sums[node]);
}

function nothing({ root }: ProfileRequest): Notice {
  const what = root === undefined ? 'calls' : 'calls of this function';
  return { severity: 'info', text: `The process has no ${what} in this time range.` };
}

/** Names the part of the range that the flame graph shows. None if it shows all of it. */
function partNotices(
  { isTruncated, lastBegin }: FlameGraph,
  { beginNs, lengthNs }: ProfileWindow,
  isPart: boolean,
  timezone: string | undefined
): Notice[] {
  if (!isPart && !isTruncated) {
    return [];
  }
  const length = isTruncated ? Math.max(0, lastBegin) : lengthNs;
  const beginMs = Number(beginNs / NANOS_PER_MS);
  const times = formatTimes(beginMs, beginMs + length / 1e6, timezone);
  const message = `Flame graph of ${times}, a part of the range. For another part, choose it in the query, change the time range, or choose a thread.`;
  return [{ severity: 'info', text: message }];
}

function limitNotices(graph: FlameGraph): Notice[] {
  const { functions, paths, droppedThreads } = graph;
  const warnings: string[] = [];
  if (droppedThreads > 0) {
    warnings.push(`Shows ${thousands(MAX_THREADS)} threads. ${thousands(droppedThreads)} others are left out.`);
  }
  if (functions.droppedCalls > 0) {
    warnings.push(
      `${thousands(functions.droppedCalls)} calls belong to functions beyond the limit and are merged as "(other)".`
    );
  }
  if (paths.isLarge) {
    warnings.push('There are too many different call paths. Those that appeared last are merged as "(other)".');
  }
  if (paths.isDeep) {
    warnings.push(`Calls below level ${MAX_LEVELS} are shown as time of their caller.`);
  }
  return warnings.map((warning) => ({ severity: 'warning', text: warning }));
}
