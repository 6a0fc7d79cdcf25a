/**
 * Converts the Arrow messages of one result to Grafana's data frames.
 *
 * Messages are converted as they arrive and are not joined. Columns that Grafana can read stay views of the received
 * bytes.
 */
import { untilAborted } from '../../base/async/with-limits';
import { type IpcMessage } from '../arrow-ipc';
import { type FrameContext } from './frame-context';
import { frameHeader, MULTI_SERIES } from './frame-field';
import { type BuiltFrames, type FrameOptions } from './frame-options';
import { frameWithoutFields } from './frame-writer';
import { Notices } from './notices';
import { QueryMeter } from './query-stats';
import { RowReceiver } from './receive-rows';

export {
  type BuiltFrames,
  type FrameOptions,
  type Notice,
  type QueryFacts,
  type QueryWindow,
  type StatsOptions,
} from './frame-options';

/**
 * @param messages Schema, dictionaries and record batches of one result, in order.
 * @returns A result without rows has no frame, except in two cases. With a late notice, or `seriesFrames: 'multi'`, it
 *   has a frame without fields. A time series without labels whose gaps are filled with a number has that number in
 *   each step. If no row of a time series has a time, the result is a frame without fields, with a notice. Alert rules
 *   treat a frame without fields, and a missing frame, as "no data".
 * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large', 'time_series_shape',
 *   'logs_shape', 'query_cancelled', 'query_timeout', 'memory_busy', and errors of `messages` and of
 *   `options.truncationError`.
 */
export async function buildFrames(messages: AsyncIterable<IpcMessage>, options: FrameOptions): Promise<BuiltFrames> {
  const { receiver, context } = startReceiving(options, options.encoding !== 'json');
  const receiving = receiver.receive(messages);
  while ((await receiving.next()).done !== true) {
    // The receiver passes the rows to its builder.
  }
  await awaitFilterable(context);
  const isLate = await addLateNotice(context);
  const { rows, isTruncated } = receiver;
  const frames = hasFrames(receiver)
    ? await receiver.finish()
    : isLate || isMulti(options)
      ? [emptyFrame(context)]
      : [];
  return { frames, rows, bytes: frames.flat().reduce((sum, piece) => sum + piece.length, 0), truncated: isTruncated };
}

interface Receiving {
  receiver: RowReceiver;
  context: FrameContext;
}

/** Creates the receiver of one result. @param stringViews See `FrameContext`. */
export function startReceiving(options: FrameOptions, stringViews: boolean): Receiving {
  const meter = options.stats === undefined ? undefined : new QueryMeter(options.stats);
  const context: FrameContext = {
    options,
    notices: new Notices(options.notices),
    stringViews,
    stats: () => meter?.list(receiver.rows) ?? [],
    isFilterable: () => false,
    custom: options.custom,
  };
  const receiver = new RowReceiver(context, meter);
  return { receiver, context };
}

/** Waits for `FrameOptions.filterable`. Call this before the first header is written. */
export async function awaitFilterable(context: FrameContext): Promise<void> {
  const { filterable, signal } = context.options;
  if (filterable !== undefined) {
    context.isFilterable = await (signal === undefined ? filterable : untilAborted(filterable, signal));
  }
}

/** Adds the late notice. Call this before the last header is written. @returns True if there is a late notice. */
export async function addLateNotice({ options, notices }: FrameContext): Promise<boolean> {
  const notice = await options.lateNotice?.();
  if (notice !== undefined) {
    notices.add(notice);
  }
  return notice !== undefined;
}

/** True if the result becomes frames with values: it has rows, or gaps are filled in a result without rows. */
export function hasFrames({ rows, builder }: Pick<RowReceiver, 'rows' | 'builder'>): boolean {
  return rows > 0 || builder?.fillsEmptyResult === true;
}

function isMulti({ format, seriesFrames }: FrameOptions): boolean {
  return format === 'time_series' && seriesFrames === 'multi';
}

/** Returns a frame without fields, which contains the notices, in pieces. */
export function emptyFrame(context: FrameContext): Uint8Array[] {
  const kind = isMulti(context.options) ? MULTI_SERIES : {};
  return frameWithoutFields(frameHeader([], kind, context), context.options.encoding);
}
