/**
 * Reads protobuf's wire format from one buffer, front to back. Rules: protobuf.dev "Encoding".
 *
 * The few messages of the proxy are read by hand: a library that knows messages by their description builds those
 * descriptions at each start, and they stay in memory.
 */

/** Wire types that may occur; the two group types are long gone. */
export const VARINT = 0;
const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Bytes of a 64-bit varint whose highest bit is set, so of every negative number. */
const LONGEST_VARINT = 10;

export interface Tag {
  field: number;
  wireType: number;
}

export class WireReader {
  readonly #bytes: Uint8Array;
  readonly #malformed: (what: string) => Error;
  #at = 0;

  /** @param malformed Makes the error for bytes that are no message: says what they do, as in `ends in the middle`. */
  constructor(bytes: Uint8Array, malformed: (what: string) => Error) {
    this.#bytes = bytes;
    this.#malformed = malformed;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  tag(): Tag {
    const tag = this.varint();
    return { field: Math.floor(tag / 8), wireType: tag % 8 };
  }

  /** An unsigned number. Values above 2^53 lose their low bits. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < LONGEST_VARINT; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) {
        throw this.#malformed('ends in the middle of a number');
      }
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
      scale *= 128;
    }
    throw this.#malformed('holds a number that does not end');
  }

  /** A number with sign, in two's complement of 64 bits. Exact between -2^53 and 2^53. */
  int(): number {
    const start = this.#at;
    const value = this.varint();
    const groups = this.#bytes.subarray(start, this.#at);
    return groups.length < LONGEST_VARINT || groups[LONGEST_VARINT - 1] % 2 === 0 ? value : negative(groups);
  }

  view(length: number): Uint8Array {
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) {
      throw this.#malformed(`is cut short: ${length} bytes announced, ${this.#bytes.length - start} there`);
    }
    this.#at = end;
    return this.#bytes.subarray(start, end);
  }

  skip(wireType: number): void {
    switch (wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.view(8);
        return;
      case LENGTH_DELIMITED:
        this.view(this.varint());
        return;
      case FIXED32:
        this.view(4);
        return;
      default:
        throw this.#malformed(`has a field of unknown kind ${wireType}`);
    }
  }
}

/** Counts down from -1, so that small negative numbers are exact. @param groups Of seven bits, lowest first. */
function negative(groups: Uint8Array): number {
  let below = 0;
  for (let index = LONGEST_VARINT - 2; index >= 0; index--) {
    below = below * 128 + (~groups[index] & 0x7f);
  }
  return -1 - below;
}
