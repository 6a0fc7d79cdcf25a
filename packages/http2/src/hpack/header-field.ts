/** Header fields: their type and size, Latin-1 decoding, and the error for malformed header blocks. */

/** Name in lower case, and value. Each character is one byte (Latin-1). */
export type HeaderField = readonly [name: string, value: string];

/**
 * The size of a field. It counts towards the size of the dynamic table (RFC 7541, section 4.1), and towards the limit
 * of a header list (RFC 9113, section 6.5.2).
 */
export function fieldBytes([name, value]: HeaderField): number {
  return name.length + value.length + 32;
}

/** Up to this length, appending characters is faster than a call of `Buffer.toString`. */
const SHORT_STRING = 6;

/** Decodes the bytes from `start` (inclusive) to `end` (exclusive) as Latin-1. */
export function latin1(bytes: Buffer, start: number, end: number): string {
  if (end - start > SHORT_STRING) {
    return bytes.toString('latin1', start, end);
  }
  let value = '';
  for (let at = start; at < end; at++) {
    value += String.fromCharCode(bytes[at]);
  }
  return value;
}

/**
 * A header block violates RFC 7541. The tables of the two sides may differ afterwards, so the connection must end with
 * COMPRESSION_ERROR. The message quotes nothing of the block.
 */
export class HpackError extends Error {
  override readonly name = 'HpackError';
}
