/**
 * Puts header blocks together, which may come in several frames, and decodes them.
 *
 * Each block is decoded, also one that nobody wants: the next one builds on it. Rules: RFC 9113, section 4.3.
 */
import { withoutPadding } from './frame-reader.ts';
import { HpackDecoder } from './hpack/hpack-decoder.ts';
import { HpackError } from './hpack/hpack-error.ts';
import { type HeaderField } from './hpack/header-field.ts';
import {
  ConnectionError,
  DEFAULT_FRAME_BYTES,
  DEFAULT_TABLE_BYTES,
  ErrorCode,
  Flag,
  FloodError,
  FrameType,
} from './protocol.ts';

export interface HeaderBlock {
  streamId: number;
  /** Undefined when the list is longer than this side takes. */
  fields: readonly HeaderField[] | undefined;
  isEnd: boolean;
  /** Length of the block, compressed. */
  bytes: number;
}

interface PartialBlock {
  streamId: number;
  isEnd: boolean;
  parts: Buffer[];
  bytes: number;
}

/** Frames that one block may come in, beside those that it needs: many small ones cost more than they carry. */
const SPARE_FRAMES = 8;

const PRIORITY_BYTES = 5;

export class HeaderBlocks {
  readonly #maxListBytes: number;
  readonly #decoder: HpackDecoder;
  readonly #maxFrames: number;
  #partial: PartialBlock | undefined;

  /** @param maxListBytes Longest list of fields, decoded; a block is never longer than that either. */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
    this.#maxFrames = Math.ceil(maxListBytes / DEFAULT_FRAME_BYTES) + SPARE_FRAMES;
    this.#decoder = new HpackDecoder({ maxTableBytes: DEFAULT_TABLE_BYTES, maxListBytes });
  }

  /** @throws {ConnectionError} in the middle of a block, where no other frame may come. */
  expectNone(): void {
    if (this.#partial !== undefined) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A header block is not complete.');
    }
  }

  /**
   * @returns The block that the frame completes.
   * @throws {ConnectionError}
   */
  take(type: number, flags: number, streamId: number, payload: Buffer): HeaderBlock | undefined {
    if (type === FrameType.CONTINUATION) {
      return this.#goOn(flags, streamId, payload);
    }
    this.expectNone();
    if (type !== FrameType.HEADERS) {
      return undefined;
    }
    const part = contentOf(flags, payload);
    const isEnd = (flags & Flag.END_STREAM) !== 0;
    return this.#add({ streamId, isEnd, parts: [], bytes: 0 }, flags, part);
  }

  #goOn(flags: number, streamId: number, payload: Buffer): HeaderBlock | undefined {
    const partial = this.#partial;
    if (partial?.streamId !== streamId) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, 'A frame continues a header block that did not begin.');
    }
    return this.#add(partial, flags, payload);
  }

  #add(block: PartialBlock, flags: number, part: Buffer): HeaderBlock | undefined {
    block.bytes += part.length;
    if (block.bytes > this.#maxListBytes || block.parts.length >= this.#maxFrames) {
      throw new FloodError('headers');
    }
    if ((flags & Flag.END_HEADERS) === 0) {
      // Frames are views of what is read next.
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
        throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, reason.message);
      }
      throw reason;
    }
  }
}

/** A HEADERS frame without its padding and its priority, which means nothing any more. */
function contentOf(flags: number, payload: Buffer): Buffer {
  const content = (flags & Flag.PADDED) === 0 ? payload : withoutPadding(payload);
  if ((flags & Flag.PRIORITY) === 0) {
    return content;
  }
  if (content.length < PRIORITY_BYTES) {
    throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, 'A HEADERS frame is cut.');
  }
  return content.subarray(PRIORITY_BYTES);
}
