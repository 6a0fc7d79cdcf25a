/**
 * Cuts what a socket brings into frames. The payload of DATA is handed on in the parts that it comes in, without copying;
 * every other frame is short and is handed on whole.
 *
 * Rules: RFC 9113, sections 4.1 and 4.2.
 */
import { checkLayout } from './frame-layout.ts';
import { ConnectionError, ErrorCode, Flag, FRAME_HEADER_BYTES, FrameType } from './protocol.ts';

/** Takes frames. All bytes are views that are valid during the call only. */
export interface FrameSink {
  /** A frame that is not DATA. */
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void;
  /** A DATA frame begins. `length` is that of its payload, padding included: what flow control counts. */
  onDataFrame(streamId: number, length: number, flags: number): void;
  onData(streamId: number, bytes: Uint8Array): void;
  /** The DATA frame is complete. */
  onDataFrameEnd(flags: number, streamId: number): void;
}

const NO_BYTES = Buffer.alloc(0);

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxFrameBytes: number;
  readonly #header = Buffer.alloc(FRAME_HEADER_BYTES);
  #headerBytes = 0;
  #type: number = FrameType.DATA;
  #flags = 0;
  #streamId = 0;
  /** Bytes of the payload that have not come yet. */
  #missing = 0;
  /** Where a payload that spans chunks is put together. */
  #partial: Buffer | undefined;
  #isStopped = false;

  /** @param maxFrameBytes What was announced to the peer as SETTINGS_MAX_FRAME_SIZE. */
  constructor(sink: FrameSink, maxFrameBytes: number) {
    this.#sink = sink;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @throws {ConnectionError} FRAME_SIZE_ERROR, PROTOCOL_ERROR, and what the sink throws. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#isStopped) {
      at = this.#missing === 0 ? this.#readHeader(chunk, at) : this.#readPayload(chunk, at);
    }
  }

  /** Nothing more is read, not even what is left of the chunk. */
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
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, `A frame of ${length} bytes is too long.`);
    }
    this.#type = header[at + 3];
    this.#flags = header[at + 4];
    this.#streamId = header.readUInt32BE(at + 5) & 0x7fff_ffff;
    this.#missing = length;
    if (this.#type === FrameType.DATA) {
      this.#sink.onDataFrame(this.#streamId, length, this.#flags);
    } else {
      checkLayout(this.#type, this.#flags, this.#streamId, length);
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
    const content = (this.#flags & Flag.PADDED) === 0 ? payload : withoutPadding(payload);
    if (content.length > 0) {
      this.#sink.onData(this.#streamId, content);
    }
    this.#sink.onDataFrameEnd(this.#flags, this.#streamId);
  }
}

/** What is between the length of the padding and the padding. @throws {ConnectionError} */
export function withoutPadding(payload: Buffer): Buffer {
  if (payload.length === 0) {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'A padded frame does not say how much padding it has.');
  }
  const end = payload.length - payload[0];
  if (end < 1) {
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A frame has more padding than payload.');
  }
  return payload.subarray(1, end);
}
