/**
 * The frames of one result in parts, so that Grafana shows rows as they arrive.
 *
 * Parts of a table or of logs are sent when they are large enough. Frames of time series, and frames whose big integers
 * become strings, depend on the whole result, so each is sent as one part at the end.
 */
import { type IpcMessage, withinMemory } from '../arrow-ipc';
import { addLateNotice, awaitFilterable, emptyFrame, hasFrames, startReceiving } from './build-frames';
import { type FrameOptions } from './frame-options';
import { type RowReceiver } from './receive-rows';

/** A part of a frame. Send it before you take the next part. */
export interface FramePart {
  /** The same for all parts of one frame. */
  frameId: string;
  /** Arrow: each part is a whole file with the same schema. JSON: only the first part has the schema. */
  pieces: Uint8Array[];
  /** Rows of the result in this part, before any reshaping. */
  rows: number;
}

/** Ids of the frame with the rows, and of the frame with notices that follow it. */
const ROWS = 'rows';
const NOTICES_ONLY = 'remarks';

/** Received bytes after which a part is sent. The first rows are sent immediately. */
const PART_BYTES = 1024 * 1024;

/**
 * Yields the frames in parts. A result that has no frame is one part without fields. Notices that are added after the
 * first part, for example about a limit, are sent in a frame without fields at the end.
 *
 * @throws {ProxyError} For the same reasons as `buildFrames`. May throw after some parts were yielded.
 */
export async function* streamFrames(
  messages: AsyncIterable<IpcMessage>,
  options: FrameOptions
): AsyncGenerator<FramePart> {
  // Grafana converts Arrow parts to JSON with different code, which does not support string views.
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
