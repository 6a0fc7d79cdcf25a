/** The flame graph of a process or a thread, with tables of its functions, its slowest calls and its threads. */
import { TextMap } from '../../contract/text-map';
import { type ProfileRequest, type ProfileSpans } from '../../contract/query-types/profile';
import { type AnswerFrame } from '../data-frames/answer-frames';
import { type Notice } from '../data-frames/frame-options';
import { HeapCount } from '../lake-reader/heap-count';
import { type LakeReader } from '../lake-reader/lake-reader';
import { type RowBatch } from '../lake-reader/row-batch';
import { CallPaths, MAX_LEVELS, ROOT } from './call-paths';
import { flameFrame, MAX_SHOWN_PATHS } from './flame-frame';
import { Functions } from './functions';
import { pathTree } from './path-order';
import { type ProcessStreams } from './process-streams';
import { callsSql, TASK_LOOKBACK_MS, taskTotalsSql } from './profile-sql';
import { functionsFrame, functionTimes, slowestFrame, type ThreadRow, threadsFrame } from './profile-tables';
import { type ProfileWindow } from './profile-window';
import { relativeTimes } from './relative-times';
import { SlowestCalls } from './slowest-calls';
import { type CallTarget, ThreadCalls } from './thread-calls';

export const MAX_CALLS = 5_000_000;
const MAX_THREADS = 5000;
const MAX_TASK_NAMES = 10_000;
const SLOWEST_CALLS = 20;
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
  readonly #byStream = new TextMap<Thread | undefined>();
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
    lake: Pick<LakeReader, 'memory'>,
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
    const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.texts(name));
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
    const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.texts(name));
    for (let row = 0; row < batch.length; row++) {
      const called = this.functions.of(names(row) ?? '', files(row) ?? '', lines[row], () => targets(row) ?? '');
      this.paths.add(this.paths.child(group, called), totals[row], calls[row]);
    }
    this.#note();
  }

  /** Call it after the last row. */
  finish(): void {
    this.threads.forEach(({ stack }) => stack.flush());
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
  lake: LakeReader
): Promise<AnswerFrame[]> {
  const { processId, streamId } = request;
  const { fromMs, toMs } = window.range;
  const graph = new FlameGraph(lake, window, request.root, streams.threads);
  if (spans.has('thread')) {
    const sql = callsSql(processId, streamId);
    for await (const batch of lake.read({ sql, range: window.range, maxRows: MAX_CALLS })) {
      graph.addCalls(batch, streamId);
    }
    graph.finish();
  }
  if (spans.has('async')) {
    const group = graph.paths.child(ROOT, graph.functions.addGroup('Asynchronous tasks'));
    const range = { fromMs: fromMs - TASK_LOOKBACK_MS, toMs };
    const sql = taskTotalsSql(processId, window, request.root);
    for await (const batch of lake.read({ sql, range, maxRows: MAX_TASK_NAMES })) {
      graph.addTasks(batch, group);
    }
  }
  return framesOf(graph, request, window, lake);
}

/** The frames of a flame graph whose calls are complete. */
export async function framesOf(
  graph: FlameGraph,
  request: ProfileRequest,
  window: ProfileWindow,
  { linkTarget, sourceUrl, pace }: Pick<LakeReader, 'linkTarget' | 'sourceUrl' | 'pace'>
): Promise<AnswerFrame[]> {
  const { functions, paths, threads } = graph;
  await pace.pause();
  const tree = await pathTree(paths, (called) => functions.list[called].isGroup, pace);
  const times = await functionTimes(tree, functions, pace);
  const notices = limitNotices(graph, window);
  if (tree.totals[ROOT] === 0 && times.order.length === 0) {
    return [functionsFrame(times, functions, sourceUrl, [...notices, nothing(request)])];
  }
  await pace.pause();
  const { frame, merged } = await flameFrame(tree, functions, notices, pace);
  const mergedNotice: Notice[] =
    merged > 0
      ? [
          {
            severity: 'info',
            text: `Shows the ${MAX_SHOWN_PATHS} call paths with the longest time. ${merged} others are merged as "(other)".`,
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
    { ...frame, notices: [...(frame.notices ?? []), ...mergedNotice] },
    functionsFrame(times, functions, sourceUrl, []),
    ...(graph.slowest.list.length === 0
      ? []
      : [slowestFrame(graph.slowest.list, rows, functions, request, window, linkTarget)]),
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

function limitNotices(graph: FlameGraph, window: ProfileWindow): Notice[] {
  const { functions, paths, rows, droppedThreads, lastBegin } = graph;
  const warnings: string[] = [];
  if (rows >= MAX_CALLS) {
    const seconds = Math.max(0, lastBegin / 1e9).toFixed(3);
    warnings.push(
      `Read the first ${MAX_CALLS} calls, which began within ${seconds} s of ${(window.lengthNs / 1e9).toFixed(3)} s. Narrow the time range, or choose a thread.`
    );
  }
  if (droppedThreads > 0) {
    warnings.push(`Shows ${MAX_THREADS} threads. ${droppedThreads} others are left out.`);
  }
  if (functions.droppedCalls > 0) {
    warnings.push(`${functions.droppedCalls} calls belong to functions beyond the limit and are merged as "(other)".`);
  }
  if (paths.isLarge) {
    warnings.push('There are too many different call paths. Those that appeared last are merged as "(other)".');
  }
  if (paths.isDeep) {
    warnings.push(`Calls below level ${MAX_LEVELS} are shown as time of their caller.`);
  }
  return warnings.map((text) => ({ severity: 'warning', text }));
}
