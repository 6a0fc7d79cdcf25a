/** The spans of a timeline: calls of threads, asynchronous tasks and network messages, all as one type. */
import { type RowBatch } from '../lake-reader/row-batch';
import { type ProfileWindow } from './profile-window';

/** A span, clipped to the window. */
export interface TimelineSpan {
  /** Unique among all spans. */
  id: string;
  /** Id of the caller. The caller may be missing from the spans. */
  parentId: string | undefined;
  /** Id of the row that groups the span: its thread, the tasks or the network. */
  groupId: string;
  /** Name of the row that groups the span: the thread, `TASKS` or `NETWORK`. */
  service: string;
  name: string;
  /** Nanoseconds since 1970, within the window. */
  beginNs: bigint;
  endNs: bigint;
  /** The depth of the call. It is larger than the depth of its caller. */
  depth: number;
  tags: ReadonlyArray<readonly [key: string, value: string | number | boolean]>;
  warnings: readonly string[];
  /** Empty if it is not known. */
  file: string;
  /** 0 if it is not known. */
  line: number;
}

export const TASKS = 'Asynchronous tasks';
export const NETWORK = 'Network';

/**
 * The times of a span, clipped to the window. A clipped span has warnings. If its whole duration is known, it also has
 * a tag with this duration.
 */
type Clipped = Pick<TimelineSpan, 'beginNs' | 'endNs' | 'warnings' | 'tags'>;

/** Clips a span. @param begin, end Undefined if not known. @param what A noun for warnings. */
function clip(begin: bigint | undefined, end: bigint | undefined, what: string, window: ProfileWindow): Clipped {
  const warnings: string[] = [];
  if (begin === undefined || begin < window.beginNs) {
    warnings.push(`The ${what} began before the time range.`);
  }
  if (end === undefined) {
    warnings.push(`The ${what} did not end in the time range.`);
  } else if (end > window.endNs) {
    warnings.push(`The ${what} ended after the time range.`);
  }
  const beginNs = begin === undefined || begin < window.beginNs ? window.beginNs : begin;
  const endNs = end === undefined || end > window.endNs ? window.endNs : end;
  const hasOtherDuration = warnings.length > 0 && begin !== undefined && end !== undefined;
  const tags: TimelineSpan['tags'] = hasOtherDuration ? [['duration_ms', Number(end - begin) / 1e6]] : [];
  return { beginNs, endNs: endNs < beginNs ? beginNs : endNs, warnings, tags };
}

function placeTags(target: string, file: string, line: number): TimelineSpan['tags'] {
  return [
    ...(target === '' ? [] : [['target', target] as const]),
    ...(file === '' ? [] : [['source', `${file}:${line}`] as const]),
  ];
}

/**
 * Yields the calls of threads as spans.
 *
 * @param batch    A result of `longestCallsSql`.
 * @param streamId The stream of all rows, if the rows have no `stream_id` column.
 * @param names    Names of threads by stream.
 */
export function* callSpans(
  batch: RowBatch,
  streamId: string | undefined,
  names: ReadonlyMap<string, string>,
  window: ProfileWindow
): Generator<TimelineSpan> {
  const [ids, parents, begins, ends] = ['id', 'parent', 'begin', 'end'].map((name) => batch.int64(name));
  const [depths, lines] = ['depth', 'line'].map((name) => batch.numbers(name));
  const [calls, files, targets] = ['name', 'filename', 'target'].map((name) => batch.strings(name));
  const streams = streamId === undefined ? batch.ids('stream_id') : () => streamId;
  for (let row = 0; row < batch.length; row++) {
    const stream = streams(row);
    const [file, line] = [files(row) ?? '', lines[row]];
    const clipped = clip(begins[row], ends[row], 'call', window);
    yield {
      ...clipped,
      id: `${stream}/${ids[row]}`,
      parentId: `${stream}/${parents[row]}`,
      groupId: stream,
      service: names.get(stream) ?? stream,
      name: calls(row) ?? '',
      depth: depths[row],
      tags: [...placeTags(targets(row) ?? '', file, line), ...clipped.tags],
      file,
      line,
    };
  }
}

/** @param batch A result of `longestTasksSql`. @throws {ProxyError} 'result_malformed' for a missing column. */
export function* taskSpans(batch: RowBatch, window: ProfileWindow): Generator<TimelineSpan> {
  const [ids, parents] = ['span_id', 'parent_span_id'].map((name) => batch.int64(name));
  const [begins, ends] = ['begin_ns', 'end_ns'].map((name) => knownTimes(batch, name));
  const [depths, lines] = ['depth', 'line'].map((name) => batch.numbers(name));
  const [names, files, targets] = ['name', 'filename', 'target'].map((name) => batch.strings(name));
  for (let row = 0; row < batch.length; row++) {
    const [file, line] = [files(row) ?? '', lines[row]];
    const clipped = clip(begins(row), ends(row), 'task', window);
    yield {
      ...clipped,
      id: `task/${ids[row]}`,
      parentId: `task/${parents[row]}`,
      groupId: 'task',
      service: TASKS,
      name: names(row) ?? '',
      depth: depths[row],
      tags: [...placeTags(targets(row) ?? '', file, line), ...clipped.tags],
      file,
      line,
    };
  }
}

/** Reads times that may be missing. */
function knownTimes(batch: RowBatch, name: string): (row: number) => bigint | undefined {
  const [values, present] = [batch.int64(name), batch.numbers(name)];
  return (row) => (Number.isNaN(present[row]) ? undefined : values[row]);
}

/** @param batch A result of `longestMessagesSql`. @throws {ProxyError} 'result_malformed' for a missing column. */
export function* messageSpans(batch: RowBatch, window: ProfileWindow): Generator<TimelineSpan> {
  const [ids, parents, begins, ends] = ['span_id', 'parent_span_id', 'begin_time', 'end_time'].map((name) =>
    batch.int64(name)
  );
  const [depths, bits, outgoing] = ['depth', 'bit_size', 'is_outgoing'].map((name) => batch.numbers(name));
  const streams = batch.ids('stream_id');
  const [kinds, names, connections] = ['kind', 'name', 'connection_name'].map((name) => batch.strings(name));
  for (let row = 0; row < batch.length; row++) {
    const stream = streams(row);
    const clipped = clip(begins[row], ends[row], 'message', window);
    yield {
      ...clipped,
      id: `net/${stream}/${ids[row]}`,
      parentId: `net/${stream}/${parents[row]}`,
      groupId: 'net',
      service: NETWORK,
      name: names(row) ?? '',
      depth: depths[row],
      tags: [
        ['kind', kinds(row) ?? ''],
        ['connection', connections(row) ?? ''],
        ['direction', outgoing[row] === 1 ? 'outgoing' : 'incoming'],
        ['bits', bits[row]],
        ...clipped.tags,
      ],
      file: '',
      line: 0,
    };
  }
}
