/** The connection preface of both sides. Rules: RFC 9113, section 3.4. */
import { settingsFrame, windowUpdateFrame } from './frame-writer.ts';
import { type ConnectionLimits } from './options.ts';
import { ConnectionError, DEFAULT_WINDOW_BYTES, Http2ErrorCode, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';

/** The first bytes that a side sends: PREFACE (clients only), its settings, and the window of the connection. */
export function connectionPreface(limits: ConnectionLimits, isServer: boolean): Uint8Array[] {
  const settings = settingsFrame([
    [Setting.INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
    [Setting.MAX_FRAME_SIZE, limits.frameBytes],
    [Setting.MAX_HEADER_LIST_SIZE, limits.headerListBytes],
    isServer ? [Setting.MAX_CONCURRENT_STREAMS, limits.maxStreams] : [Setting.ENABLE_PUSH, 0],
  ]);
  const preface = isServer ? [settings] : [PREFACE, settings];
  const increment = limits.connectionWindowBytes - DEFAULT_WINDOW_BYTES;
  return increment > 0 ? [...preface, windowUpdateFrame(0, increment)] : preface;
}

/** Checks and removes the bytes that a client sends before its first frame. */
export class PrefaceReader {
  #missing: number;

  constructor(isServer: boolean) {
    this.#missing = isServer ? PREFACE.length : 0;
  }

  /**
   * @returns The bytes of the chunk after the preface.
   * @throws {ConnectionError} when the peer does not send a preface.
   */
  strip(chunk: Buffer): Buffer {
    if (this.#missing === 0) {
      return chunk;
    }
    const at = PREFACE.length - this.#missing;
    const part = chunk.subarray(0, this.#missing);
    if (!part.equals(PREFACE.subarray(at, at + part.length))) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'The peer does not speak HTTP/2.');
    }
    this.#missing -= part.length;
    return chunk.subarray(part.length);
  }
}
