/**
 * Writes protobuf's wire format: fields one by one, so that a message can be assembled from pieces.
 *
 * Rules: protobuf.dev "Encoding". Varints here are lengths and small numbers, exact up to 2^53.
 */

import { LENGTH_DELIMITED, VARINT } from './wire-reader';

function varintBytes(value: number): number {
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

/** A whole field of bytes, or of a message that is encoded already. */
export function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([fieldHeader(field, bytes.length), bytes]);
}

/** A whole field of text. */
export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, Buffer.from(text));
}

/** A whole field that holds a non-negative number. */
export function numberField(field: number, value: number): Uint8Array {
  return Uint8Array.from([(field << 3) | VARINT, ...varint(value)]);
}
