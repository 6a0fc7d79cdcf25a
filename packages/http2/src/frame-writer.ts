/** Writes frames. Layouts: RFC 9113, section 6. */
import { Flag, FRAME_HEADER_BYTES, FrameType } from './protocol.ts';

function writeHeader(target: Buffer, length: number, type: number, flags: number, streamId: number): void {
  target.writeUIntBE(length, 0, 3);
  target[3] = type;
  target[4] = flags;
  target.writeUInt32BE(streamId, 5);
}

/** The header of a frame. @param length Bytes of the payload, which the caller sends after it. */
export function encodeFrameHeader(length: number, type: number, flags: number, streamId: number): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  writeHeader(header, length, type, flags, streamId);
  return header;
}

/** A frame whose payload the caller fills in. */
function frame(type: number, flags: number, streamId: number, payloadBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payloadBytes);
  writeHeader(bytes, payloadBytes, type, flags, streamId);
  return bytes;
}

/**
 * A header block as one HEADERS frame and as many CONTINUATION frames as its length needs.
 *
 * @returns For each frame its header, then its part of the block.
 */
export function headersFrames(streamId: number, block: Buffer, isEnd: boolean, maxFrameBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  do {
    const part = block.subarray(at, at + maxFrameBytes);
    const isFirst = at === 0;
    at += part.length;
    const flags =
      (isFirst && isEnd ? Flag.END_STREAM : Flag.NONE) | (at >= block.length ? Flag.END_HEADERS : Flag.NONE);
    frames.push(
      encodeFrameHeader(part.length, isFirst ? FrameType.HEADERS : FrameType.CONTINUATION, flags, streamId),
      part
    );
  } while (at < block.length);
  return frames;
}

/** A WINDOW_UPDATE frame. @param streamId 0 for the window of the connection. @param bytes 1 to 2^31 - 1. */
export function windowUpdateFrame(streamId: number, bytes: number): Buffer {
  const update = frame(FrameType.WINDOW_UPDATE, Flag.NONE, streamId, 4);
  update.writeUInt32BE(bytes, FRAME_HEADER_BYTES);
  return update;
}

/** An RST_STREAM frame. @param code One of `Http2ErrorCode`. */
export function resetFrame(streamId: number, code: number): Buffer {
  const reset = frame(FrameType.RST_STREAM, Flag.NONE, streamId, 4);
  reset.writeUInt32BE(code, FRAME_HEADER_BYTES);
  return reset;
}

/** A PING frame. @param opaque Eight bytes that the acknowledgement repeats. */
export function pingFrame(opaque: Uint8Array, isAck: boolean): Buffer {
  const ping = frame(FrameType.PING, isAck ? Flag.ACK : Flag.NONE, 0, 8);
  ping.set(opaque, FRAME_HEADER_BYTES);
  return ping;
}

/**
 * A GOAWAY frame.
 *
 * @param lastStreamId The latest request that this side may have processed.
 * @param code One of `Http2ErrorCode`.
 */
export function goAwayFrame(lastStreamId: number, code: number): Buffer {
  const goAway = frame(FrameType.GOAWAY, Flag.NONE, 0, 8);
  goAway.writeUInt32BE(lastStreamId, FRAME_HEADER_BYTES);
  goAway.writeUInt32BE(code, FRAME_HEADER_BYTES + 4);
  return goAway;
}

/** A SETTINGS frame. @param settings Identifiers and values. Undefined makes the frame an acknowledgement. */
export function settingsFrame(settings?: ReadonlyArray<readonly [id: number, value: number]>): Buffer {
  const entries = settings ?? [];
  const bytes = frame(FrameType.SETTINGS, settings === undefined ? Flag.ACK : Flag.NONE, 0, entries.length * 6);
  entries.forEach(([id, value], index) => {
    bytes.writeUInt16BE(id, FRAME_HEADER_BYTES + index * 6);
    bytes.writeUInt32BE(value, FRAME_HEADER_BYTES + index * 6 + 2);
  });
  return bytes;
}
