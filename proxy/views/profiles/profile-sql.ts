/** The statements of profiles. Ids are UUIDs, see `checkIds`. */
import { quoteLiteral } from '../../../contract/sql/sql-names';
import { type ResultColumns } from '../lake-reader/result-columns';
import { NANOS_PER_MS, type ProfileWindow } from './profile-window';

/**
 * The search for the begin of asynchronous tasks starts this number of milliseconds before the range. A task that began
 * earlier is found only by its end.
 */
export const TASK_LOOKBACK_MS = 60_000;

/** The columns of `streamsSql`. */
export const STREAM_COLUMNS: ResultColumns = {
  stream_id: 'string',
  tags: 'json',
  thread_name: 'string',
  thread_id: 'string',
};

/** The streams of the process, one row per stream. */
export function streamsSql(processId: string): string {
  return `SELECT stream_id, tags, format, property_get(properties, 'thread-name') AS thread_name, property_get(properties, 'thread-id') AS thread_id
FROM streams
WHERE process_id = ${quoteLiteral(processId)}`;
}

/** The column of the stream, which the statements on all threads of a process have. */
function streamColumn(streamId: string | undefined): ResultColumns {
  return streamId === undefined ? { stream_id: 'string' } : {};
}

const PLACE_COLUMNS = { name: 'string', target: 'string', filename: 'string', line: 'number' } as const;

function threadsTable(processId: string, streamId: string | undefined): string {
  return streamId === undefined
    ? `process_spans(${quoteLiteral(processId)}, 'thread')`
    : `view_instance('thread_spans', ${quoteLiteral(streamId)})`;
}

/**
 * The calls in the order of their begin. The server stores calls in this order, so it does not sort them. The order of
 * calls that begin at the same time is not defined.
 */
export function callsSql(processId: string, streamId: string | undefined): string {
  const stream = streamId === undefined ? 'stream_id, ' : '';
  return `SELECT ${stream}id, depth, name, target, filename, line, "begin", "end"
FROM ${threadsTable(processId, streamId)}
ORDER BY "begin"`;
}

/** The columns of `callsSql`. */
export function callsColumns(streamId: string | undefined): ResultColumns {
  return {
    ...streamColumn(streamId),
    ...PLACE_COLUMNS,
    id: 'int64',
    depth: 'number',
    begin: 'int64',
    end: 'int64',
  };
}

/**
 * The number of calls that begin in each bin. `bin` is the number of the bin, counted from 1970.
 * @param widthMs Length of a bin.
 */
export function countsSql(processId: string, streamId: string | undefined, widthMs: number): string {
  return `SELECT cast(floor(cast("begin" AS bigint) / ${BigInt(widthMs) * NANOS_PER_MS}) AS bigint) AS bin, count(*) AS calls
FROM ${threadsTable(processId, streamId)}
WHERE id >= 0
GROUP BY 1
ORDER BY 1`;
}

/** The columns of `countsSql`. */
export const COUNTS_COLUMNS: ResultColumns = { bin: 'int64', calls: 'number' };

/** The longest calls without a caller. @param root Name of a function. If set, the longest calls of this function. */
export function slowestCallsSql(
  processId: string,
  streamId: string | undefined,
  root: string | undefined,
  limit: number
): string {
  const stream = streamId === undefined ? 'stream_id, ' : '';
  const condition = root === undefined ? 'depth = 1' : `name = ${quoteLiteral(root)}`;
  return `SELECT ${stream}name, "begin", "end"
FROM ${threadsTable(processId, streamId)}
WHERE id >= 0 AND ${condition}
ORDER BY duration DESC
LIMIT ${limit}`;
}

/** The columns of `slowestCallsSql`. */
export function slowestCallsColumns(streamId: string | undefined): ResultColumns {
  return { ...streamColumn(streamId), name: 'string', begin: 'int64', end: 'int64' };
}

/** ORDER BY the time that a span takes within the window, the longest first. So a caller precedes its calls. */
function longestFirst(begin: string, end: string, { beginNs, endNs }: ProfileWindow): string {
  return `least(cast(${end} AS bigint), ${endNs}) - greatest(cast(${begin} AS bigint), ${beginNs}) DESC, depth`;
}

/** The longest calls of a window. The spans of whole threads have negative ids. */
export function longestCallsSql(
  processId: string,
  streamId: string | undefined,
  window: ProfileWindow,
  limit: number
): string {
  const stream = streamId === undefined ? 'stream_id, ' : '';
  return `SELECT ${stream}id, parent, depth, name, target, filename, line, "begin", "end"
FROM ${threadsTable(processId, streamId)}
WHERE id >= 0
ORDER BY ${longestFirst('"begin"', '"end"', window)}
LIMIT ${limit}`;
}

/** The columns of `longestCallsSql`. */
export function longestCallsColumns(streamId: string | undefined): ResultColumns {
  return { ...callsColumns(streamId), parent: 'int64' };
}

/** The longest network messages of a window, for `messageSpans`. */
export function longestMessagesSql(processId: string, window: ProfileWindow, limit: number): string {
  return `SELECT stream_id, span_id, parent_span_id, depth, kind, name, connection_name, is_outgoing, bit_size, begin_time, end_time
FROM view_instance('net_spans', ${quoteLiteral(processId)})
ORDER BY ${longestFirst('begin_time', 'end_time', window)}
LIMIT ${limit}`;
}

/** The columns of `longestMessagesSql`. */
export const MESSAGE_COLUMNS: ResultColumns = {
  stream_id: 'string',
  span_id: 'int64',
  parent_span_id: 'int64',
  depth: 'number',
  kind: 'string',
  name: 'string',
  connection_name: 'string',
  is_outgoing: 'boolean',
  bit_size: 'number',
  begin_time: 'int64',
  end_time: 'int64',
};

/**
 * The begin and the end of each asynchronous task. The statement reads the events from `TASK_LOOKBACK_MS` before the
 * window to the end of the window. A time is null if its event is not among these events.
 */
function tasks(processId: string): string {
  return `SELECT span_id, parent_span_id, depth, name, target, filename, line,
    min(cast(time AS bigint)) FILTER (WHERE event_type = 'begin') AS begin_ns,
    max(cast(time AS bigint)) FILTER (WHERE event_type = 'end') AS end_ns
  FROM view_instance('async_events', ${quoteLiteral(processId)})
  GROUP BY span_id, parent_span_id, depth, name, target, filename, line`;
}

const begun = ({ beginNs }: ProfileWindow) => `greatest(coalesce(begin_ns, ${beginNs}), ${beginNs})`;
const ended = ({ endNs }: ProfileWindow) => `least(coalesce(end_ns, ${endNs}), ${endNs})`;

/** The longest asynchronous tasks of a window, for `taskSpans`. Only the part of a task within the window counts. */
export function longestTasksSql(processId: string, window: ProfileWindow, limit: number): string {
  return `SELECT * FROM (
  ${tasks(processId)}
) task
WHERE ${begun(window)} <= ${ended(window)}
ORDER BY ${ended(window)} - ${begun(window)} DESC, depth
LIMIT ${limit}`;
}

/** The columns of `longestTasksSql`. */
export const TASK_COLUMNS: ResultColumns = {
  ...PLACE_COLUMNS,
  span_id: 'int64',
  parent_span_id: 'int64',
  depth: 'number',
  begin_ns: 'int64',
  end_ns: 'int64',
};

/** The total time of asynchronous tasks by name. @param name If set, only tasks of this name. */
export function taskTotalsSql(processId: string, window: ProfileWindow, name: string | undefined): string {
  const condition = name === undefined ? '' : ` AND name = ${quoteLiteral(name)}`;
  return `SELECT name, target, filename, line, count(*) AS calls, cast(sum(${ended(window)} - ${begun(window)}) AS double) AS total
FROM (
  ${tasks(processId)}
) task
WHERE ${begun(window)} <= ${ended(window)}${condition}
GROUP BY name, target, filename, line
ORDER BY total DESC`;
}

/** The columns of `taskTotalsSql`. */
export const TASK_TOTAL_COLUMNS: ResultColumns = { ...PLACE_COLUMNS, calls: 'number', total: 'number' };
