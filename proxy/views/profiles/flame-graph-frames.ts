/** The flame graph of a process or a thread, with tables of its functions, its slowest calls and its threads. */
import { type ProfileRequest, type ProfileSpans } from '../../../contract/query-types/profile';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { thousands } from '../../frames/data-frames/format-count';
import { type Notice } from '../../frames/data-frames/frame-options';
import { formatTimes } from '../../frames/data-frames/format-time';
import { nothingFound } from '../nothing-found';
import { type ViewContext } from '../view-context';
import { MAX_LEVELS, ROOT } from './call-paths';
import { flameFrame, MAX_SHOWN_PATHS } from './flame-frame';
import { FlameGraph, MAX_CALLS, MAX_THREADS } from './flame-graph';
import { pathTree } from './path-order';
import { type ProcessStreams } from './process-streams';
import { callsColumns, callsSql, TASK_LOOKBACK_MS, TASK_TOTAL_COLUMNS, taskTotalsSql } from './profile-sql';
import { functionsFrame, functionTimes, slowestFrame, threadsFrame } from './profile-tables';
import { isLong, type CountedParts, readProfileParts } from './profile-parts';
import { NANOS_PER_MS, type ProfileWindow } from './profile-window';
import { type ListedCall, readSlowestCalls } from './slowest-calls';

/** Maximum number of asynchronous task names that are read. */
const MAX_TASK_NAMES = 10_000;

/** Returns the flame graph and its tables. @param spans The kinds of spans to show: `thread`, `async`, or both. */
export async function flameGraphFrames(
  request: ProfileRequest,
  spans: ReadonlySet<ProfileSpans>,
  window: ProfileWindow,
  streams: ProcessStreams,
  lake: ViewContext
): Promise<ComposedFrame[]> {
  const { processId } = request;
  const { graph, shown, parts } = spans.has('thread')
    ? await readCalls(request, window, streams, lake)
    : { graph: new FlameGraph(lake, window, request.root, streams.threads), shown: window, parts: undefined };
  const { fromMs, toMs } = shown.range;
  if (spans.has('async')) {
    const group = graph.paths.child(ROOT, graph.functions.addGroup('Asynchronous tasks'));
    const range = { fromMs: fromMs - TASK_LOOKBACK_MS, toMs };
    const sql = taskTotalsSql(processId, shown, request.root);
    for await (const batch of lake.read({ sql, range, maxRows: MAX_TASK_NAMES, columns: TASK_TOTAL_COLUMNS })) {
      graph.addTasks(batch, group);
    }
  }
  const slowest = parts && (await readSlowestCalls(request, window, streams.threads, lake));
  return framesOf(graph, request, { window: shown, parts, slowest }, lake);
}

/**
 * Reads all calls of a short range. If the range is long or has too many calls, counts the calls. If one flame graph
 * cannot show all calls, reads only the calls of the newest part.
 */
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
    const columns = callsColumns(streamId);
    for await (const batch of lake.read({ sql, range: shown.range, maxRows: MAX_CALLS, columns })) {
      graph.addCalls(batch, streamId);
    }
    return graph;
  };
  const isCounted = isLong(window);
  const whole = isCounted ? undefined : await read(window);
  const parts = isCounted || whole?.isTruncated ? await readProfileParts(request, window, lake) : undefined;
  const shown = parts?.shown ?? window;
  if (parts !== undefined) {
    whole?.discard();
  }
  const graph = whole === undefined || parts !== undefined ? await read(shown) : whole;
  graph.finish();
  return { graph, shown, parts };
}

/** The calls that a flame graph shows. */
export interface ShownCalls {
  window: ProfileWindow;
  /** Undefined: the flame graph shows the whole window of the request. */
  parts?: CountedParts | undefined;
  /** Default: the slowest calls of the graph. */
  slowest?: readonly ListedCall[] | undefined;
}

/** The frames of a flame graph. Call this after all calls are collected. */
export async function framesOf(
  graph: FlameGraph,
  request: ProfileRequest,
  { window, parts, slowest = graph.slowestCalls() }: ShownCalls,
  { linkTarget, sourceUrl, pace, timezone }: Pick<ViewContext, 'linkTarget' | 'sourceUrl' | 'pace' | 'timezone'>
): Promise<ComposedFrame[]> {
  const { functions, paths, threads } = graph;
  await pace.pause();
  const tree = await pathTree(paths, (called) => functions.list[called].isGroup, pace);
  const times = await functionTimes(tree, functions, pace);
  const notices = [...partNotices(graph, window, parts !== undefined, timezone), ...limitNotices(graph)];
  const custom = parts && { profileParts: parts.parts };
  const slowestTable = slowest.length === 0 ? [] : [slowestFrame(slowest, request, linkTarget)];
  if (tree.totals[ROOT] === 0 && times.order.length === 0) {
    const empty = functionsFrame(times, functions, sourceUrl, [...notices, nothing(request, window, timezone)]);
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

function nothing({ root, streamId }: ProfileRequest, { range }: ProfileWindow, timezone: string | undefined): Notice {
  const what = root === undefined ? 'calls' : 'calls of this function';
  const subject = streamId ? 'thread' : 'process';
  return nothingFound({ text: `The ${subject} has no ${what}`, range, hasSearched: true }, { timezone });
}

/** Notices that name the shown part of the range. None if the flame graph shows the whole range. */
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
