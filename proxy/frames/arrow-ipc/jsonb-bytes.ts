/**
 * Reads the bytes of JSONB values, and checks bounds.
 *
 * @see Databend's `jsonb` format, version 0.5. All numbers are big-endian. A value is a header, its entries, then their
 *   payloads. The low 28 bits of an entry are the length of its payload.
 */
import { isUtf8 } from 'node:buffer';

/** Kinds of headers, see `kindOf`. */
export const ARRAY = 0x80000000;
export const OBJECT = 0x40000000;
export const SCALAR = 0x20000000;

/** The reason why a value was not converted. */
export type JsonbProblem = 'invalid' | 'too_deep';

/** Thrown while a value is read. `jsonb.ts` catches it. */
export class JsonbError extends Error {
  constructor(readonly problem: JsonbProblem) {
    super();
  }
}

/**
 * Both errors are created only once: a new `Error` records its stack, and that takes longer than reading most values.
 */
export const INVALID = new JsonbError('invalid');
export const TOO_DEEP = new JsonbError('too_deep');

/** `ARRAY`, `OBJECT` or `SCALAR`, from the header of a valid value. */
export function kindOf(header: number): number {
  return (header & 0xe0000000) >>> 0;
}

/** The bytes of one value. The methods throw a `JsonbError` for positions outside of the value and invalid UTF-8. */
export class JsonbBytes {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  need(at: number, size: number): void {
    if (at + size > this.bytes.length) {
      throw INVALID;
    }
  }

  u32(at: number): number {
    this.need(at, 4);
    return this.view.getUint32(at);
  }

  utf8(at: number, size: number): string {
    this.need(at, size);
    const part = this.bytes.subarray(at, at + size);
    if (!isUtf8(part)) {
      throw INVALID;
    }
    return Buffer.from(part.buffer, part.byteOffset, size).toString('utf8');
  }

  /** A two's complement number of `size` bytes. */
  signed(at: number, size: number): bigint {
    return BigInt.asIntN(size * 8, this.unsigned(at, size));
  }

  unsigned(at: number, size: number): bigint {
    this.need(at, size);
    let value = 0n;
    for (let index = 0; index < size; index++) {
      value = (value << 8n) | BigInt(this.bytes[at + index]);
    }
    return value;
  }
}
