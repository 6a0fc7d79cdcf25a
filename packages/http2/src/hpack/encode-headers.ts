/**
 * Writes a header block that leaves the peer's table alone: a field of the static table as its index, every other as a
 * literal that nobody on the way may remember either. So no state has to be kept in step with the peer, and no secret,
 * by whatever name it goes, can be guessed from the size of what is sent after it (RFC 7541 7.1).
 *
 * Rules: RFC 7541 5 and 6.
 */
import { type HeaderField } from './header-field.ts';
import { staticFieldIndex, staticNameIndex } from './static-table.ts';

/** First bits of a field. The bits below hold a number. */
const INDEXED = 0x80;
const NEVER_INDEXED = 0x10;
const LITERAL_MASK = 0x0f;
const LENGTH_MASK = 0x7f;

/**
 * Says that the table stays empty. Due before the first block after the peer has made SETTINGS_HEADER_TABLE_SIZE smaller
 * than 4096 (RFC 7541 4.2), and harmless elsewhere.
 */
export const EMPTY_TABLE = Buffer.of(0x20);

/** What does not fit into a byte. Cut down to one, it could become the end of a line. */
const NO_BYTE = /[^\0-\xff]/;

/**
 * @param fields Names in lower case, pseudo-headers first. Checked for nothing but being bytes.
 * @throws {RangeError} if a name or value holds a character beyond latin1
 */
export function encodeHeaders(fields: Iterable<HeaderField>): Buffer {
  // The engine joins strings faster than a buffer could be filled field by field.
  let block = '';
  for (const field of fields) {
    block += encodeField(field);
  }
  if (NO_BYTE.test(block)) {
    throw new RangeError('a header field holds a character that is no byte');
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

function encodeString(text: string): string {
  return encodeInteger(0, LENGTH_MASK, text.length) + text;
}

/** @param pattern bits of the first byte above `mask`; the bits of `mask` hold the number, or its start */
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
