/**
 * Encodes header blocks without the dynamic table. A field of the static table becomes its index. Other fields become
 * literals that neither the peer nor a proxy may index.
 *
 * So this side keeps no state for the peer. The size of a block reveals nothing about the secrets of earlier blocks
 * (RFC 7541, section 7.1).
 *
 * Rules: RFC 7541, sections 5 and 6.
 */
import { type HeaderField } from './header-field.ts';
import { staticFieldIndex, staticNameIndex } from './tables.ts';

/** The first bits of a field. The bits below them hold an integer. */
const INDEXED = 0x80;
const NEVER_INDEXED = 0x10;
const LITERAL_MASK = 0x0f;
const LENGTH_MASK = 0x7f;

/**
 * Sets the size of the table to 0. Must precede the first block after the peer has announced a
 * SETTINGS_HEADER_TABLE_SIZE below 4,096 (RFC 7541, section 4.2), and is allowed before any block.
 */
export const EMPTY_TABLE = Buffer.of(0x20);

/**
 * NUL and line breaks, which no field may contain (RFC 9113, section 8.2.1), and characters that do not fit into one
 * byte. Truncated to a byte, they could become line breaks.
 */
const FORBIDDEN = /[\0\r\n]|[^\0-\xff]/;

/**
 * @param fields Names in lower case, pseudo-headers first. This is not checked.
 * @returns One complete header block.
 * @throws {RangeError} for a name or value with NUL, a line break, or a character above U+00FF.
 */
export function encodeHeaders(fields: Iterable<HeaderField>): Buffer {
  // V8 appends to a string faster than this code could fill a buffer.
  let block = '';
  for (const field of fields) {
    block += encodeField(field);
  }
  return Buffer.from(block, 'latin1');
}

function encodeField(field: HeaderField): string {
  const [name, value] = field;
  const nameIndex = staticNameIndex(name);
  const index = staticFieldIndex(field, nameIndex);
  return index > 0 ? String.fromCharCode(INDEXED | index) : encodeLiteral(nameIndex, name, value);
}

function encodeLiteral(nameIndex: number, name: string, value: string): string {
  const start = encodeInteger(NEVER_INDEXED, LITERAL_MASK, nameIndex);
  return (nameIndex > 0 ? start : start + encodeString(name)) + encodeString(value);
}

function encodeString(value: string): string {
  if (FORBIDDEN.test(value)) {
    throw new RangeError('A header field has NUL, a line break, or a character above U+00FF.');
  }
  return encodeInteger(0, LENGTH_MASK, value.length) + value;
}

/** @param pattern The bits of the first byte above `mask`. The bits of `mask` hold the integer, or its start. */
function encodeInteger(pattern: number, mask: number, value: number): string {
  if (value < mask) {
    return String.fromCharCode(pattern | value);
  }
  let bytes = String.fromCharCode(pattern | mask);
  let rest = value - mask;
  for (; rest > 0x7f; rest >>>= 7) {
    bytes += String.fromCharCode((rest & 0x7f) | 0x80);
  }
  return bytes + String.fromCharCode(rest);
}
