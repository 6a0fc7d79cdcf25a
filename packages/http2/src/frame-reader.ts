/**
 * Splits the received bytes into frames. If a DATA frame has no padding, its payload is passed on in parts as they
 * arrive, and is not copied. All other frames are passed on as a whole.
 *
 * Rules: RFC 9113, sections 4.1, 4.2 and 6.
 */
import { ConnectionError, Http2ErrorCode, Flag, FRAME_HEADER_BYTES, FrameType } from './protocol.ts';

/** Receives frames. All bytes are views that are valid during the call only. */
export interface FrameSink {
  /** A frame other than DATA. */
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void;
  /** The start of a DATA frame. @param length Bytes of the payload with padding. Flow control counts these bytes. */
  onDataFrame(streamId: number, length: number, flags: number): void;
  onData(streamId: number, bytes: Uint8Array): void;
  onDataFrameEnd(flags: number, streamId: number): void;
}

const NO_BYTES = Buffer.alloc(0);

/** One per connection. Cannot be used after an error. */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #type: number = FrameType.DATA;
  #flags = 0;
  #streamId = 0;
  /** Bytes of the payload that have not arrived. */
  #missing = 0;
  /** A payload that spans several chunks. */
  #partial: Buffer | undefined;
  #isStopped = false;

  /** @param maxFrameBytes The announced SETTINGS_MAX_FRAME_SIZE. */
  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @throws {ConnectionError} FRAME_SIZE_ERROR or PROTOCOL_ERROR, and the errors of the sink. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#isStopped) {
      at = this.#missing === 0 ? this.#readHeader(chunk, at) : this.#readPayload(chunk, at);
    }
  }

  /** Stops reading, even in the middle of a chunk. */
  stop(): void {
    this.#isStopped = true;
  }

  get #isStreamed(): boolean {
    return this.#type === FrameType.DATA && (this.#flags & Flag.PADDED) === 0;
  }

  #readHeader(chunk: Buffer, at: number): number {
    if (this.#headerBytes === 0 && chunk.length - at >= FRAME_HEADER_BYTES) {
      this.#begin(chunk, at);
      return at + FRAME_HEADER_BYTES;
    }
    const end = Math.min(chunk.length, at + FRAME_HEADER_BYTES - this.#headerBytes);
    this.#headerBytes += chunk.copy(this.#header, this.#headerBytes, at, end);
    if (this.#headerBytes === FRAME_HEADER_BYTES) {
      this.#headerBytes = 0;
      this.#begin(this.#header, 0);
    }
    return end;
  }

  #begin(header: Buffer, at: number): void {
    const length = header.readUIntBE(at, 3);
    if (length > this.#maxFrameBytes) {
      throw new ConnectionError(Http2ErrorCode.FRAME_SIZE_ERROR, `A frame of ${length} bytes is too long.`);
    }
    this.#type = header[at + 3];
    this.#flags = header[at + 4];
    this.#streamId = header.readUInt32BE(at + 5) & 0x7fff_ffff;
    this.#missing = length;
    if (this.#type === FrameType.DATA) {
      this.#sink.onDataFrame(this.#streamId, length, this.#flags);
    } else {
      checkFrame(this.#type, this.#flags, this.#streamId, length);
    }
    if (length === 0) {
      this.#finish(NO_BYTES);
    }
  }

  #readPayload(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#missing);
    const length = end - at;
    if (this.#isStreamed) {
      this.#missing -= length;
      this.#sink.onData(this.#streamId, chunk.subarray(at, end));
      if (this.#missing === 0) {
        this.#sink.onDataFrameEnd(this.#flags, this.#streamId);
      }
      return end;
    }
    if (this.#partial === undefined && length === this.#missing) {
      this.#missing = 0;
      this.#finish(chunk.subarray(at, end));
      return end;
    }
    this.#partial ??= Buffer.allocUnsafe(this.#missing);
    chunk.copy(this.#partial, this.#partial.length - this.#missing, at, end);
    this.#missing -= length;
    if (this.#missing === 0) {
      const payload = this.#partial;
      this.#partial = undefined;
      this.#finish(payload);
    }
    return end;
  }

  #finish(payload: Buffer): void {
    if (this.#type !== FrameType.DATA) {
      this.#sink.onFrame(this.#type, this.#flags, this.#streamId, payload);
      return;
    }
    const content = (this.#flags & Flag.PADDED) === 0 ? payload : stripPadding(payload);
    if (content.length > 0) {
      this.#sink.onData(this.#streamId, content);
    }
    this.#sink.onDataFrameEnd(this.#flags, this.#streamId);
  }
}

/** @returns The payload without the padding length in front and the padding at the end. @throws {ConnectionError} */
export function stripPadding(payload: Buffer): Buffer {
  if (payload.length === 0) {
    throw new ConnectionError(Http2ErrorCode.FRAME_SIZE_ERROR, 'A padded frame has no padding length.');
  }
  const end = payload.length - payload[0];
  if (end < 1) {
    throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'A frame has more padding than payload.');
  }
  return payload.subarray(1, end);
}

/**
 * Checks stream identifier and length of a frame before its payload has arrived.
 *
 * @throws {ConnectionError} PROTOCOL_ERROR or FRAME_SIZE_ERROR.
 */
function checkFrame(type: number, flags: number, streamId: number, length: number): void {
  switch (type) {
    case FrameType.SETTINGS:
      requireNoStream(streamId);
      requireLength((flags & Flag.ACK) === 0 ? length % 6 === 0 : length === 0, length);
      return;
    case FrameType.PING:
      requireNoStream(streamId);
      requireLength(length === 8, length);
      return;
    case FrameType.GOAWAY:
      requireNoStream(streamId);
      requireLength(length >= 8, length);
      return;
    case FrameType.WINDOW_UPDATE:
      requireLength(length === 4, length);
      return;
    case FrameType.RST_STREAM:
      requireStream(streamId);
      requireLength(length === 4, length);
      return;
    case FrameType.PRIORITY:
      requireStream(streamId);
      requireLength(length === 5, length);
      return;
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
      requireStream(streamId);
  }
}

function requireNoStream(streamId: number): void {
  if (streamId !== 0) {
    throw new ConnectionError(
      Http2ErrorCode.PROTOCOL_ERROR,
      'A frame of the connection has a stream identifier other than 0.'
    );
  }
}

function requireStream(streamId: number): void {
  if (streamId === 0) {
    throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'A frame of a stream has the identifier 0.');
  }
}

function requireLength(isValid: boolean, length: number): void {
  if (!isValid) {
    throw new ConnectionError(Http2ErrorCode.FRAME_SIZE_ERROR, `A frame of this type cannot have ${length} bytes.`);
  }
}
