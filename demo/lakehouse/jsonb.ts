/**
 * Encodes JSON in Micromegas's format for properties.
 *
 * The format is that of the Databend `jsonb` crate 0.5: a big-endian header, one entry per element, then the payloads.
 * Object keys are sorted by their bytes. Integers are written as signed, as Micromegas does for OTLP attributes.
 */

const ARRAY = 0x8000_0000;
const OBJECT = 0x4000_0000;
const SCALAR = 0x2000_0000;

const NULL_ENTRY = 0x0000_0000;
const STRING_ENTRY = 0x1000_0000;
const NUMBER_ENTRY = 0x2000_0000;
const FALSE_ENTRY = 0x3000_0000;
const TRUE_ENTRY = 0x4000_0000;
const CONTAINER_ENTRY = 0x5000_0000;

const SIGNED_NUMBER = 0x40;
const FLOAT_NUMBER = 0x60;

type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };

/** Strings and numbers of JSON. A string is matched as a whole, so the digits in it are not taken for a number. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Maximum number of digits of an integer that JavaScript numbers always represent exactly. */
const EXACT_DIGITS = 15;
/** Prefix of a string that stands for an integer. The strings of the demo do not contain the character `\0`. */
const INTEGER_MARK = '\0int:';

interface Element {
  /** Type bits only; the payload's length is added when the entry is written. */
  entry: number;
  payload: Buffer;
}

/**
 * The JSONB bytes of a JSON value.
 *
 * @param json One JSON value. @throws {SyntaxError} if the string is not JSON.
 */
export function encodeJsonString(json: string): Uint8Array {
  return encodeJsonb(JSON.parse(markLongIntegers(json)) as Json);
}

/**
 * JavaScript may round long integers. So this function replaces them by strings with a mark, and the encoder writes the
 * lower 64 bits of these integers.
 */
function markLongIntegers(json: string): string {
  if (!/\d{16}/.test(json)) {
    return json;
  }
  return json.replace(STRING_OR_NUMBER, (part) =>
    part.length > EXACT_DIGITS && /^-?\d+$/.test(part) ? JSON.stringify(INTEGER_MARK + part) : part
  );
}

/** The JSONB bytes of a parsed JSON value. */
export function encodeJsonb(value: Json): Uint8Array {
  const element = toElement(value);
  return element.entry === CONTAINER_ENTRY ? element.payload : assemble(SCALAR, [element]);
}

function toElement(value: Json): Element {
  if (value === null) {
    return { entry: NULL_ENTRY, payload: Buffer.alloc(0) };
  }
  if (typeof value === 'boolean') {
    return { entry: value ? TRUE_ENTRY : FALSE_ENTRY, payload: Buffer.alloc(0) };
  }
  if (typeof value === 'string' && value.startsWith(INTEGER_MARK)) {
    return toElement(BigInt(value.slice(INTEGER_MARK.length)));
  }
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(9);
    bytes[0] = SIGNED_NUMBER;
    bytes.writeBigInt64BE(BigInt.asIntN(64, value), 1);
    return { entry: NUMBER_ENTRY, payload: bytes };
  }
  if (typeof value === 'string') {
    return { entry: STRING_ENTRY, payload: Buffer.from(value) };
  }
  if (typeof value === 'number') {
    return { entry: NUMBER_ENTRY, payload: encodeNumber(value) };
  }
  return { entry: CONTAINER_ENTRY, payload: Array.isArray(value) ? encodeArray(value) : encodeObject(value) };
}

function encodeArray(values: Json[]): Buffer {
  return assemble(ARRAY + values.length, values.map(toElement));
}

function encodeObject(value: { [key: string]: Json }): Buffer {
  const pairs = Object.entries(value).map(([key, child]) => ({ key: Buffer.from(key), child }));
  pairs.sort((a, b) => Buffer.compare(a.key, b.key));
  const keys = pairs.map(({ key }) => ({ entry: STRING_ENTRY, payload: key }));
  return assemble(OBJECT + pairs.length, [...keys, ...pairs.map(({ child }) => toElement(child))]);
}

function assemble(header: number, elements: Element[]): Buffer {
  const heads = Buffer.alloc(4 + 4 * elements.length);
  heads.writeUInt32BE(header, 0);
  elements.forEach(({ entry, payload }, index) => heads.writeUInt32BE(entry + payload.length, 4 + 4 * index));
  return Buffer.concat([heads, ...elements.map(({ payload }) => payload)]);
}

function encodeNumber(value: number): Buffer {
  if (value === 0) {
    return Buffer.of(0);
  }
  if (!Number.isSafeInteger(value)) {
    const bytes = Buffer.alloc(9);
    bytes[0] = FLOAT_NUMBER;
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  const width = [1, 2, 4].find((size) => Math.abs(value + 0.5) < 2 ** (size * 8 - 1)) ?? 8;
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = SIGNED_NUMBER;
  if (width === 8) {
    bytes.writeBigInt64BE(BigInt(value), 1);
  } else {
    bytes.writeIntBE(value, 1, width);
  }
  return bytes;
}
