/**
 * The calls, tasks and messages of a time window as a trace. The services of the trace are the threads, `TASKS` and
 * `NETWORK`.
 */
import { StringSet } from '../../../contract/string-map';
import { type ProfileRequest, type ProfileSpans } from '../../../contract/query-types/profile';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { thousands } from '../../frames/data-frames/format-count';
import { type Notice } from '../../frames/data-frames/frame-options';
import { HeapCount, stringBytes } from '../lake-reader/heap-count';
import { type LakeStatement } from '../lake-reader/lake-reader';
import { nothingFound } from '../nothing-found';
import { type ViewContext } from '../view-context';
import { type RowBatch } from '../lake-reader/row-batch';
import { type ProcessStreams } from './process-streams';
import {
  longestCallsColumns,
  longestCallsSql,
  longestMessagesSql,
  longestTasksSql,
  MESSAGE_COLUMNS,
  TASK_COLUMNS,
  TASK_LOOKBACK_MS,
} from './profile-sql';
import { type ProfileWindow } from './profile-window';
import { timelineFrame } from './timeline-frame';
import { callSpans, messageSpans, taskSpans, type TimelineSpan } from './timeline-spans';

/** Maximum number of shown spans. */
export const MAX_TIMELINE_SPANS = 10_000;
/** Memory of a span in bytes, without its strings. */
const SPAN_BYTES = 1500;

/** Returns the frame with the longest spans. @param kinds The kinds of spans that the user chose. */
export async function timelineFrames(
  request: ProfileRequest,
  kinds: ReadonlySet<ProfileSpans>,
  window: ProfileWindow,
  streams: ProcessStreams,
  lake: ViewContext
): Promise<ComposedFrame[]> {
  const { processId, streamId } = request;
  const { fromMs, toMs } = window.range;
  const limit = MAX_TIMELINE_SPANS + 1;
  const found: TimelineSpan[] = [];
  const heap = new HeapCount(lake.memory);
  const read = async (
    statement: Omit<LakeStatement, 'maxRows'>,
    spansOf: (batch: RowBatch) => Iterable<TimelineSpan>
  ) => {
    for await (const batch of lake.read({ ...statement, maxRows: limit })) {
      for (const span of spansOf(batch)) {
        found.push(span);
        heap.add(SPAN_BYTES + stringBytes(span.name, span.file, span.service) + tagBytes(span));
      }
      heap.note();
    }
  };
  const reads: Array<Promise<void>> = [];
  if (kinds.has('thread') && streams.threads.size > 0) {
    const sql = longestCallsSql(processId, streamId, window, limit);
    const statement = { sql, range: window.range, columns: longestCallsColumns(streamId) };
    reads.push(read(statement, (batch) => callSpans(batch, streamId, streams.threads, window)));
  }
  if (kinds.has('async') && streams.threads.size > 0) {
    const range = { fromMs: fromMs - TASK_LOOKBACK_MS, toMs };
    const statement = { sql: longestTasksSql(processId, window, limit), range, columns: TASK_COLUMNS };
    reads.push(read(statement, (batch) => taskSpans(batch, window)));
  }
  if (kinds.has('net') && streams.hasMessages) {
    const sql = longestMessagesSql(processId, window, limit);
    const statement = { sql, range: window.range, columns: MESSAGE_COLUMNS };
    reads.push(read(statement, (batch) => messageSpans(batch, window)));
  }
  // All statements append to one list, so the function throws only after all of them have ended.
  const failed = (await Promise.allSettled(reads)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  await lake.pace.pause();
  const notices: Notice[] = [];
  const longest = `the ${thousands(MAX_TIMELINE_SPANS)} longest spans`;
  const isTruncated = found.length > MAX_TIMELINE_SPANS;
  if (isTruncated) {
    found.sort(longestFirst);
    found.length = MAX_TIMELINE_SPANS;
    const shown = request.root === undefined ? longest : `those calls of the root function that are among ${longest}`;
    notices.push({
      severity: 'warning',
      text: `Shows ${shown}. Narrow the time range, or choose a thread, to see shorter ones.`,
    });
  }
  const spans = withRoots(found, request.root);
  if (found.length === 0) {
    const text = 'The process has no spans of the chosen kinds and thread';
    notices.push(nothingFound({ text, range: window.range, hasSearched: true }, lake));
  } else if (spans.length === 0) {
    const searched = isTruncated ? longest : 'the spans in this time range';
    notices.push({ severity: 'info', text: `None of ${searched} is a call of the root function.` });
  }
  await lake.pace.pause();
  return [timelineFrame(processId, spans, window, lake.sourceUrl, notices)];
}

function tagBytes({ tags }: TimelineSpan): number {
  return tags.reduce((sum, [, value]) => sum + (typeof value === 'string' ? stringBytes(value) : 0), 0);
}

/**
 * Compares spans by length, then by depth. The caller precedes its calls, except an asynchronous call that takes
 * longer.
 */
function longestFirst(a: TimelineSpan, b: TimelineSpan): number {
  const [lengthA, lengthB] = [a.endNs - a.beginNs, b.endNs - b.beginNs];
  return lengthA === lengthB ? a.depth - b.depth : lengthA > lengthB ? -1 : 1;
}

/** The spans with the name of `root`, and the spans below them. */
function withRoots(spans: TimelineSpan[], root: string | undefined): TimelineSpan[] {
  if (root === undefined) {
    return spans;
  }
  const kept = new StringSet();
  // Callers are less deep than their calls.
  const sorted = spans.toSorted((a, b) => a.depth - b.depth);
  return sorted.filter(({ id, parentId, name }) => {
    const isKept = name === root || (parentId !== undefined && kept.has(parentId));
    if (isKept) {
      kept.add(id);
    }
    return isKept;
  });
}
