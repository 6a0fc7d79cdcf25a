/**
 * The frames of one result in parts, each sent while the next is received: for a Grafana that shows rows as they come.
 *
 * Tables and logs are cut where a part is large enough. A time series is known only as a whole, and so are columns that
 * turn into text when a big integer comes: these are one part. Memory holds what was not taken yet.
 */
import { type IpcMessage, withinMemory } from '../arrow-ipc';
import { startReceiving } from './build-frames';
import { frameHeader } from './frame-field';
import { type FrameOptions } from './frame-options';
import { frameWithoutFields } from './frame-writer';
import { type RowReceiver } from './receive-rows';

/** A part of a frame. */
export interface FramePart {
  /** The same for all parts of one frame. */
  frameId: string;
  /** Arrow: a whole file with the same schema in each part. JSON: the schema in the first part only. */
  pieces: Uint8Array[];
  /** Rows taken from the result for this part, before any reshaping. */
  rows: number;
}

/** Ids of the frame with the rows and of the one with what is said after them. */
const ROWS = 'rows';
const REMARKS = 'remarks';

/** Bytes after which a part is sent. The first rows go at once. */
const PART_BYTES = 1024 * 1024;

/**
 * At least one part: that of a result without rows has no fields. Remarks that come up after the first part, such as a
 * limit that was reached, cannot join the frame any more, so they follow in a frame without fields.
 *
 * @throws {ProxyError} as `buildFrames` does, also after parts.
 */
export async function* streamFrames(
  messages: AsyncIterable<IpcMessage>,
  options: FrameOptions
): AsyncGenerator<FramePart> {
  // Grafana writes Arrow parts as JSON by a way of its own, which does not know views.
  const { receiver, context } = startReceiving(options, false);
  let sentRows = 0;
  let sentParts = 0;
  let sentRevision = 0;
  const part = (pieces: Uint8Array[]): FramePart => {
    const rows = receiver.rows - sentRows;
    sentRows = receiver.rows;
    sentParts++;
    sentRevision = sentParts === 1 ? context.notices.revision : sentRevision;
    return { frameId: ROWS, pieces, rows };
  };
  for await (const _ of receiver.receive(messages)) {
    const isDue = sentParts === 0 || receiver.partBytes >= PART_BYTES;
    const pieces = isDue ? withinMemory(() => receiver.builder?.takePart?.(false)) : undefined;
    if (pieces !== undefined) {
      yield part(pieces);
      receiver.partTaken();
    }
  }
  if (receiver.rows > sentRows) {
    for (const pieces of await lastParts(receiver)) {
      yield part(pieces);
    }
  }
  if (sentParts === 0 || context.notices.revision !== sentRevision) {
    const header = frameHeader([], {}, context);
    const pieces = frameWithoutFields(header, options.encoding);
    yield { frameId: sentParts === 0 ? ROWS : REMARKS, pieces, rows: 0 };
  }
}

async function lastParts(receiver: RowReceiver): Promise<Uint8Array[][]> {
  const pieces = withinMemory(() => receiver.builder?.takePart?.(true));
  return pieces === undefined ? receiver.finish() : [pieces];
}
