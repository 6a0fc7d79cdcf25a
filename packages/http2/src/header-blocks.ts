/**
 * Joins the frames of header blocks, and decodes the blocks.
 *
 * Every block is decoded, even if its stream is closed, because each block changes the header table, to which the next
 * block refers.
 *
 * Rules: RFC 9113, section 4.3.
 */
import { stripPadding } from './frame-reader.ts';
import { HpackDecoder } from './hpack/hpack-decoder.ts';
import { HpackError, type HeaderField } from './hpack/header-field.ts';
import {
  ConnectionError,
  DEFAULT_FRAME_BYTES,
  DEFAULT_TABLE_BYTES,
  Http2ErrorCode,
  Flag,
  FloodError,
  FrameType,
} from './protocol.ts';

/** The decoded headers or trailers of one stream. */
export interface HeaderBlock {
  streamId: number;
  /** Undefined when the list is longer than its limit. */
  fields: readonly HeaderField[] | undefined;
  /** True if the block ends the peer's side of the stream. */
  isEnd: boolean;
  /** Compressed length. */
  bytes: number;
}

interface PartialBlock {
  streamId: number;
  isEnd: boolean;
  parts: Buffer[];
  bytes: number;
}

/**
 * A block may have this many frames more than the longest list needs. The number is limited, because a small frame
 * causes more work than its length suggests.
 */
const SPARE_FRAMES = 8;

const PRIORITY_BYTES = 5;

/** Reads the header blocks that the peer of one connection sends. Cannot be used after an error. */
export class HeaderBlocks {
  readonly #maxListBytes: number;
  readonly #decoder: HpackDecoder;
  readonly #maxFrames: number;
  #partial: PartialBlock | undefined;

  /** @param maxListBytes Longest decoded list of fields, and longest compressed block. */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
    this.#maxFrames = Math.ceil(maxListBytes / DEFAULT_FRAME_BYTES) + SPARE_FRAMES;
    this.#decoder = new HpackDecoder({ maxTableBytes: DEFAULT_TABLE_BYTES, maxListBytes });
  }

  /** @throws {ConnectionError} inside of a block, where no other frame is allowed. */
  requireComplete(): void {
    if (this.#partial !== undefined) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'A header block is not complete.');
    }
  }

  /**
   * Takes any frame except DATA.
   *
   * @returns The block that the frame completes; undefined if it completes no block.
   * @throws {ConnectionError}
   */
  push(type: number, flags: number, streamId: number, payload: Buffer): HeaderBlock | undefined {
    if (type === FrameType.CONTINUATION) {
      return this.#continue(flags, streamId, payload);
    }
    this.requireComplete();
    if (type !== FrameType.HEADERS) {
      return undefined;
    }
    const part = blockPart(flags, payload);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    return this.#add({ streamId, isEnd, parts: [], bytes: 0 }, flags, part);
  }

  #continue(flags: number, streamId: number, payload: Buffer): HeaderBlock | undefined {
    const partial = this.#partial;
    if (partial?.streamId !== streamId) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, 'A CONTINUATION frame does not follow a HEADERS frame.');
    }
    return this.#add(partial, flags, payload);
  }

  #add(block: PartialBlock, flags: number, part: Buffer): HeaderBlock | undefined {
    block.bytes += part.length;
    if (block.bytes > this.#maxListBytes || block.parts.length >= this.#maxFrames) {
      throw new FloodError('headers');
    }
    if ((flags & Flag.END_HEADERS) === 0) {
      // A copy: the payload is valid during the call only.
      block.parts.push(Buffer.from(part));
      this.#partial = block;
      return undefined;
    }
    this.#partial = undefined;
    const whole = block.parts.length === 0 ? part : Buffer.concat([...block.parts, part]);
    return { streamId: block.streamId, isEnd: block.isEnd, bytes: block.bytes, fields: this.#decode(whole) };
  }

  #decode(block: Buffer): HeaderField[] | undefined {
    try {
      return this.#decoder.decode(block);
    } catch (reason) {
      if (reason instanceof HpackError) {
        throw new ConnectionError(Http2ErrorCode.COMPRESSION_ERROR, reason.message);
      }
      throw reason;
    }
  }
}

/** The part of a header block in a HEADERS frame: without padding, and without the deprecated priority. */
function blockPart(flags: number, payload: Buffer): Buffer {
  const content = (flags & Flag.PADDED) === 0 ? payload : stripPadding(payload);
  if ((flags & Flag.PRIORITY) === 0) {
    return content;
  }
  if (content.length < PRIORITY_BYTES) {
    throw new ConnectionError(Http2ErrorCode.FRAME_SIZE_ERROR, 'A HEADERS frame is truncated.');
  }
  return content.subarray(PRIORITY_BYTES);
}
