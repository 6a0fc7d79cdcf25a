/**
 * The few parts of protobuf's wire format that an answer assembled from pieces needs.
 *
 * Rules: protobuf.dev "Encoding". Varints here are lengths and small numbers, exact up to 2^53.
 */

/** Wire types: a number, and bytes preceded by their length. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

export function varintBytes(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    size++;
  }
  return size;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** What precedes a field of bytes, text or a message: its number, below 16, and its length. */
export function fieldHeader(field: number, length: number): Uint8Array {
  return Uint8Array.from([(field << 3) | LENGTH_DELIMITED, ...varint(length)]);
}

/** Bytes that a field of `length` bytes takes with its header. */
export function fieldBytes(length: number): number {
  return 1 + varintBytes(length) + length;
}

/** A whole field of text. */
export function textField(field: number, text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([fieldHeader(field, bytes.length), bytes]);
}

/** A whole field that holds a non-negative number. */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([(field << 3) | VARINT, ...varint(value)]);
}
