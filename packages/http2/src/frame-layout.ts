/**
 * What must be true of a frame by its header alone: whether it belongs to a stream or to the connection, and how long it
 * is. Said before its payload has come. Rules: RFC 9113, section 6.
 */
import { ConnectionError, ErrorCode, Flag, FrameType } from './protocol.ts';

/** @throws {ConnectionError} PROTOCOL_ERROR, FRAME_SIZE_ERROR. */
export function checkLayout(type: number, flags: number, streamId: number, length: number): void {
  switch (type) {
    case FrameType.SETTINGS:
      ofConnection(streamId);
      fits((flags & Flag.ACK) === 0 ? length % 6 === 0 : length === 0, length);
      return;
    case FrameType.PING:
      ofConnection(streamId);
      fits(length === 8, length);
      return;
    case FrameType.GOAWAY:
      ofConnection(streamId);
      fits(length >= 8, length);
      return;
    case FrameType.WINDOW_UPDATE:
      fits(length === 4, length);
      return;
    case FrameType.RST_STREAM:
      ofStream(streamId);
      fits(length === 4, length);
      return;
    case FrameType.PRIORITY:
      ofStream(streamId);
      fits(length === 5, length);
      return;
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
      ofStream(streamId);
  }
}

function ofConnection(streamId: number): void {
  if (streamId !== 0) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A frame of the connection names a stream.');
  }
}

function ofStream(streamId: number): void {
  if (streamId === 0) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A frame of a stream names none.');
  }
}

function fits(isRight: boolean, length: number): void {
  if (!isRight) {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `A frame of its kind does not have ${length} bytes.`);
  }
}
