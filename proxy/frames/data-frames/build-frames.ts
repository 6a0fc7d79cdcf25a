/**
 * Converts the Arrow messages of one result to Grafana's data frames: as a whole, or in parts, so that Grafana shows
 * rows as they arrive.
 *
 * Messages are converted as they arrive and are not joined. Columns that Grafana can read stay views of the received
 * bytes.
 */
import { untilAborted } from '../../base/async/with-limits';
import { type IpcMessage, withinMemory } from '../arrow-ipc';
import { type FrameContext } from './frame-builder';
import { frameHeader, MULTI_SERIES } from './frame-field';
import { type BuiltFrames, type FrameOptions } from './frame-options';
import { frameWithoutFields } from './frame-writer';
import { Notices } from './notices';
import { QueryMeter } from './query-stats';
import { RowReceiver } from './receive-rows';

/**
 * Returns the frames of the whole result.
 *
 * @param messages Schema, dictionaries and record batches of one result, in order.
 * @returns The frames with the rows. A time series in which no row has a time is a frame without fields, with a notice.
 *   For a result without rows:
 *   - A time series without labels, if gaps are filled with a number: frames with this number in each bin. If there
 *     are too many bins, a frame without fields, with a notice.
 *   - Any other time series if `seriesFrames` is `multi`, and any other result with a late notice: a frame without
 *     fields.
 *   - All other results: no frame.
 *
 *   Alert rules treat a frame without fields, and a missing frame, as "no data".
 * @throws {ProxyError} 'result_malformed', 'result_schema_changed', 'result_too_large', 'time_series_shape',
 *   'logs_shape', 'query_cancelled', 'query_timeout', 'memory_busy', and errors of `messages` and of
 *   `options.truncationError`.
 */
export async function buildFrames(messages: AsyncIterable<IpcMessage>, options: FrameOptions): Promise<BuiltFrames> {
  const { receiver, context } = startReceiving(options, options.encoding !== 'json');
  await receiver.receiveAll(messages);
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

/** A part of a frame. Send it before you take the next part. */
export interface FramePart {
  /** The same for all parts of one frame. */
  frameId: string;
  /** Arrow: each part is a whole file with the same schema. JSON: only the first part has the schema. */
  pieces: Uint8Array[];
  /** Rows of the result in this part, before any reshaping. */
  rows: number;
}

/** Ids of two frames: the frame with the rows, and the later frame with only notices. */
const ROWS = 'rows';
const NOTICES_ONLY = 'notices';

/** Received bytes after which a part is sent. The first rows are sent immediately. */
const PART_BYTES = 1024 * 1024;

/**
 * Yields the frames in parts. Parts of a table or of logs are sent when they are large enough. Frames of time series
 * depend on the whole result, and so do frames in which big integers become strings. Each of these frames is sent as
 * one part at the end.
 *
 * For a result without a frame, one part without fields is sent. Notices that are added after the first part, for
 * example about a limit, are sent in a frame without fields at the end.
 *
 * @throws {ProxyError} For the same reasons as `buildFrames`. May throw after some parts were yielded.
 */
export async function* streamFrames(
  messages: AsyncIterable<IpcMessage>,
  options: FrameOptions
): AsyncGenerator<FramePart> {
  // Grafana's code that converts Arrow parts to JSON does not support string views.
  const { receiver, context } = startReceiving(options, false);
  let sentRows = 0;
  let sentParts = 0;
  let sentRevision = 0;
  const part = (pieces: Uint8Array[], frameId = ROWS): FramePart => {
    const rows = receiver.rows - sentRows;
    sentRows = receiver.rows;
    sentParts++;
    sentRevision = sentParts === 1 ? context.notices.revision : sentRevision;
    return { frameId, pieces, rows };
  };
  for await (const _ of receiver.receive(messages)) {
    const isDue = sentParts === 0 || receiver.partBytes >= PART_BYTES;
    if (sentParts === 0) {
      await awaitFilterable(context);
    }
    const pieces = isDue ? takePart(receiver, false, options) : undefined;
    if (pieces !== undefined) {
      yield part(pieces);
      receiver.partSent();
    }
  }
  await addLateNotice(context);
  if (receiver.rows > sentRows || (sentParts === 0 && hasFrames(receiver))) {
    for (const [index, pieces] of (await lastParts(receiver, options)).entries()) {
      yield part(pieces, index === 0 ? ROWS : `${ROWS}-${index}`);
    }
  }
  if (sentParts === 0 || context.notices.revision !== sentRevision) {
    yield { frameId: sentParts === 0 ? ROWS : NOTICES_ONLY, pieces: emptyFrame(context), rows: 0 };
  }
}

function takePart({ builder }: RowReceiver, isLast: boolean, { stages }: FrameOptions): Uint8Array[] | undefined {
  const converted = stages?.begin('convert');
  const pieces = withinMemory(() => builder?.takePart?.(isLast));
  converted?.();
  return pieces;
}

async function lastParts(receiver: RowReceiver, options: FrameOptions): Promise<Uint8Array[][]> {
  const pieces = takePart(receiver, true, options);
  return pieces === undefined ? receiver.finish() : [pieces];
}

interface Receiving {
  receiver: RowReceiver;
  context: FrameContext;
}

/** Creates the receiver of one result. @param stringViews See `FrameContext`. */
function startReceiving(options: FrameOptions, stringViews: boolean): Receiving {
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
async function awaitFilterable(context: FrameContext): Promise<void> {
  const { filterable, signal } = context.options;
  if (filterable !== undefined) {
    context.isFilterable = await (signal === undefined ? filterable : untilAborted(filterable, signal));
  }
}

/** Adds the late notice. Call this before the last header is written. @returns True if there is a late notice. */
async function addLateNotice({ options, notices }: FrameContext): Promise<boolean> {
  const notice = await options.lateNotice?.();
  if (notice !== undefined) {
    notices.add(notice);
  }
  return notice !== undefined;
}

/** True if the result becomes frames with values: it has rows, or gaps are filled in a result without rows. */
function hasFrames({ rows, builder }: Pick<RowReceiver, 'rows' | 'builder'>): boolean {
  return rows > 0 || builder?.fillsEmptyResult === true;
}

function isMulti({ format, seriesFrames }: FrameOptions): boolean {
  return format === 'time_series' && seriesFrames === 'multi';
}

/** Returns a frame that has notices but no fields, in pieces. */
function emptyFrame(context: FrameContext): Uint8Array[] {
  const kind = isMulti(context.options) ? MULTI_SERIES : {};
  return frameWithoutFields(frameHeader([], kind, context), context.options.encoding);
}
