/** How each side of a connection introduces itself. Rules: RFC 9113, sections 3.4 and 6.5. */
import { settingsFrame, windowUpdateFrame } from './frames.ts';
import { ConnectionError, DEFAULT_WINDOW_BYTES, ErrorCode, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';

/** What this side allows its peer. */
export interface ConnectionLimits {
  /** Bytes that the peer may send ahead, on one stream and on all: at least the 65,535 that it may before it knows. */
  streamWindowBytes: number;
  connectionWindowBytes: number;
  /** Longest frame: at least 16,384 bytes. */
  frameBytes: number;
  /** Longest list of header fields, in the count of RFC 9113, section 6.5.2. */
  headerListBytes: number;
  /** Requests at once (server only). */
  maxStreams: number;
}

/** What goes out first. */
export function greeting(limits: ConnectionLimits, isServer: boolean): Uint8Array[] {
  const settings = settingsFrame([
    [Setting.INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
    [Setting.MAX_FRAME_SIZE, limits.frameBytes],
    [Setting.MAX_HEADER_LIST_SIZE, limits.headerListBytes],
    isServer ? [Setting.MAX_CONCURRENT_STREAMS, limits.maxStreams] : [Setting.ENABLE_PUSH, 0],
  ]);
  const first = isServer ? [settings] : [PREFACE, settings];
  const wider = limits.connectionWindowBytes - DEFAULT_WINDOW_BYTES;
  return wider > 0 ? [...first, windowUpdateFrame(0, wider)] : first;
}

/** Reads over what a client says before its first frame. */
export class PrefaceReader {
  #missing: number;

  constructor(isServer: boolean) {
    this.#missing = isServer ? PREFACE.length : 0;
  }

  /** @returns The frames in the chunk. @throws {ConnectionError} */
  framesOf(chunk: Buffer): Buffer {
    if (this.#missing === 0) {
      return chunk;
    }
    const at = PREFACE.length - this.#missing;
    const part = chunk.subarray(0, this.#missing);
    if (!part.equals(PREFACE.subarray(at, at + part.length))) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'The peer does not speak HTTP/2.');
    }
    this.#missing -= part.length;
    return chunk.subarray(part.length);
  }
}
