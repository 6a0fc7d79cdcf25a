/**
 * Converts JSONB, the format of properties in Micromegas, to JSON text.
 *
 * The JSON is written directly into the column, without JavaScript values. So integers keep all digits, and an object
 * of short strings costs little more than a copy. A value is rejected as a whole if it violates the format anywhere, or
 * if bytes remain after its end. No bytes outside of the value are read.
 *
 * @see Databend's `jsonb` format, version 0.5. All numbers are big-endian. A value is a header, its entries, then their
 *   payloads. The low 28 bits of an entry are the length of its payload.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { isUtf8 } from 'node:buffer';
import { ByteSink } from './byte-sink';
import {
  decimalJson,
  integerJson,
  type JsonNumbers,
  formatNumber,
  PLAIN_NUMBERS,
  formatWholeFloat,
} from './json-values';
import { formatDate, formatDecimal, formatInterval, formatTimestamp } from './format-value';

const MAX_DEPTH = 100;

/** Digits of the widest decimal. With a larger scale a few bytes would expand to a long string of zeros. */
const MAX_SCALE = 76;

const ARRAY = 0x80000000;
const OBJECT = 0x40000000;
const SCALAR = 0x20000000;

/** Why a value was not converted. */
export type JsonbProblem = 'invalid' | 'too_deep';

/** Ends of sentences whose subject is a column. */
export const JSONB_PROBLEMS: Readonly<Record<JsonbProblem, string>> = {
  invalid: 'holds values that are not valid JSONB',
  too_deep: `holds JSONB that is nested deeper than ${MAX_DEPTH} levels`,
};

/** Depth of the values of an object that `visitJsonbObject` visits. */
const OUTERMOST = 1;

/** Thrown and caught in this file only. */
class JsonbError extends Error {
  constructor(readonly problem: JsonbProblem = 'invalid') {
    super();
  }
}

/**
 * Appends the JSON text of a JSONB value.
 *
 * @param numbers How to write numbers that browsers would round.
 * @returns Undefined if the JSON was appended, else the reason why nothing was appended. A value that is nested too
 *   deep may also be invalid below that depth.
 */
export function writeJsonb(
  bytes: Uint8Array,
  sink: ByteSink,
  numbers: JsonNumbers = PLAIN_NUMBERS
): JsonbProblem | undefined {
  const before = sink.length;
  const problem = problemOf(() => new JsonbWriter(bytes, sink, numbers).document());
  if (problem !== undefined) {
    sink.truncate(before);
  }
  return problem;
}

/** True for a JSONB value, even if it is nested too deep for `writeJsonb`. */
export function isJsonb(bytes: Uint8Array, memory: MemoryAccount): boolean {
  const sink = new ByteSink(memory, bytes.length * 2);
  const problem = writeJsonb(bytes, sink);
  sink.free();
  return problem !== 'invalid';
}

/** Callback for a pair of an object: the key, and a function that appends the JSON text of the value. */
export type JsonbPair = (key: string, write: (sink: ByteSink) => void) => void;

/**
 * Visits the pairs of a JSONB object.
 *
 * @returns False if the bytes are not a JSONB object. A pair with an invalid value also ends the visit with false.
 */
export function visitJsonbObject(bytes: Uint8Array, visit: JsonbPair, numbers: JsonNumbers = PLAIN_NUMBERS): boolean {
  let isObject = false;
  return problemOf(() => (isObject = visitPairs(bytes, visit, numbers))) === undefined && isObject;
}

function problemOf(read: () => void): JsonbProblem | undefined {
  try {
    read();
    return undefined;
  } catch (reason) {
    if (reason instanceof JsonbError) {
      return reason.problem;
    }
    throw reason;
  }
}

function visitPairs(bytes: Uint8Array, visit: JsonbPair, numbers: JsonNumbers): boolean {
  const input = new JsonbBytes(bytes);
  const header = input.u32(0);
  if (kindOf(header) !== OBJECT) {
    return false;
  }
  const pairs = header & 0x1fffffff;
  input.need(4, pairs * 8);
  let key = 4 + pairs * 8;
  let value = key;
  for (let index = 0; index < pairs; index++) {
    value += input.u32(4 + index * 4) & 0x0fffffff;
  }
  for (let index = 0; index < pairs; index++) {
    const keySize = input.u32(4 + index * 4) & 0x0fffffff;
    const entry = input.u32(4 + (pairs + index) * 4);
    const start = value;
    visit(input.utf8(key, keySize), (sink) => new JsonbWriter(bytes, sink, numbers).entry(entry, start, OUTERMOST));
    key += keySize;
    value += entry & 0x0fffffff;
  }
  return value === bytes.length;
}

function kindOf(header: number): number {
  return (header & 0xe0000000) >>> 0;
}

class JsonbBytes {
  readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  need(at: number, size: number): void {
    if (at + size > this.bytes.length) {
      throw new JsonbError();
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
      throw new JsonbError();
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

class JsonbWriter {
  readonly #bytes: Uint8Array;
  readonly #sink: ByteSink;
  readonly #numbers: JsonNumbers;
  readonly #input: JsonbBytes;

  constructor(bytes: Uint8Array, sink: ByteSink, numbers: JsonNumbers) {
    this.#bytes = bytes;
    this.#sink = sink;
    this.#numbers = numbers;
    this.#input = new JsonbBytes(bytes);
  }

  document(): void {
    const header = this.#input.u32(0);
    let end: number;
    if (kindOf(header) !== SCALAR) {
      end = this.#container(0, 0);
    } else if (header !== SCALAR) {
      throw new JsonbError();
    } else {
      const entry = this.#input.u32(4);
      end = this.entry(entry, 8, 0);
    }
    if (end !== this.#bytes.length) {
      throw new JsonbError();
    }
  }

  /** Writes the payload at `at` that `entry` describes. @returns The position after it. */
  entry(entry: number, at: number, depth: number): number {
    const size = entry & 0x0fffffff;
    this.#input.need(at, size);
    const end = at + size;
    switch (entry >>> 28) {
      case 0:
        this.#word('null', size);
        break;
      case 1:
        this.#string(at, end);
        break;
      case 2:
        this.#sink.string(this.#number(at, size, depth));
        break;
      case 3:
        this.#word('false', size);
        break;
      case 4:
        this.#word('true', size);
        break;
      case 5:
        if (this.#container(at, depth + 1) !== end) {
          throw new JsonbError();
        }
        break;
      case 6:
        this.#sink.string(JSON.stringify(this.#extension(at, size)));
        break;
      default:
        throw new JsonbError();
    }
    return end;
  }

  #word(json: string, size: number): void {
    if (size !== 0) {
      throw new JsonbError();
    }
    this.#sink.string(json);
  }

  #container(at: number, depth: number): number {
    if (depth > MAX_DEPTH) {
      throw new JsonbError('too_deep');
    }
    const header = this.#input.u32(at);
    const count = header & 0x1fffffff;
    switch (kindOf(header)) {
      case ARRAY:
        return this.#array(at + 4, count, depth);
      case OBJECT:
        return this.#object(at + 4, count, depth);
      default:
        throw new JsonbError();
    }
  }

  #array(entries: number, count: number, depth: number): number {
    this.#input.need(entries, count * 4);
    let at = entries + count * 4;
    this.#sink.byte(0x5b);
    for (let index = 0; index < count; index++) {
      if (index > 0) {
        this.#sink.byte(0x2c);
      }
      at = this.entry(this.#input.u32(entries + index * 4), at, depth);
    }
    this.#sink.byte(0x5d);
    return at;
  }

  #object(entries: number, count: number, depth: number): number {
    this.#input.need(entries, count * 8);
    let key = entries + count * 8;
    let at = key;
    for (let index = 0; index < count; index++) {
      const entry = this.#input.u32(entries + index * 4);
      if (entry >>> 28 !== 1) {
        throw new JsonbError();
      }
      at += entry & 0x0fffffff;
    }
    this.#input.need(key, at - key);
    this.#sink.byte(0x7b);
    for (let index = 0; index < count; index++) {
      if (index > 0) {
        this.#sink.byte(0x2c);
      }
      const keyEnd = key + (this.#input.u32(entries + index * 4) & 0x0fffffff);
      this.#string(key, keyEnd);
      key = keyEnd;
      this.#sink.byte(0x3a);
      at = this.entry(this.#input.u32(entries + (count + index) * 4), at, depth);
    }
    this.#sink.byte(0x7d);
    return at;
  }

  #string(start: number, end: number): void {
    const bytes = this.#bytes;
    const sink = this.#sink;
    let plain = true;
    let ascii = true;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      plain &&= byte >= 0x20 && byte !== 0x22 && byte !== 0x5c;
      ascii &&= byte < 0x80;
    }
    if (!ascii && !isUtf8(bytes.subarray(start, end))) {
      throw new JsonbError();
    }
    if (plain) {
      sink.byte(0x22);
      sink.copy(bytes, start, end);
      sink.byte(0x22);
    } else {
      sink.string(JSON.stringify(this.#input.utf8(start, end - start)));
    }
  }

  /** JSON has no NaN and no infinities: they become strings. */
  #number(at: number, size: number, depth: number): string {
    this.#input.need(at, 1);
    const width = size - 1;
    switch (size === 0 ? -1 : this.#bytes[at]) {
      case 0x00:
        return sized('0', width === 0);
      case 0x10:
        return sized('"NaN"', width === 0);
      case 0x20:
        return sized('"Infinity"', width === 0);
      case 0x30:
        return sized('"-Infinity"', width === 0);
      case 0x40:
        return this.#integer(at + 1, width, true);
      case 0x50:
        return this.#integer(at + 1, width, false);
      case 0x60:
        return this.#float(at + 1, width, depth);
      case 0x70:
        return this.#decimal(at + 1, width);
      default:
        throw new JsonbError();
    }
  }

  #integer(at: number, width: number, signed: boolean): string {
    const { view } = this.#input;
    switch (width) {
      case 1:
        return String(signed ? view.getInt8(at) : view.getUint8(at));
      case 2:
        return String(signed ? view.getInt16(at) : view.getUint16(at));
      case 4:
        return String(signed ? view.getInt32(at) : view.getUint32(at));
      case 8:
        return integerJson(signed ? view.getBigInt64(at) : view.getBigUint64(at), this.#numbers);
      default:
        throw new JsonbError();
    }
  }

  #float(at: number, width: number, depth: number): string {
    if (width !== 8) {
      throw new JsonbError();
    }
    const value = this.#input.view.getFloat64(at);
    const whole = depth === OUTERMOST && this.#numbers.quoteWholeFloats === true ? formatWholeFloat(value) : undefined;
    return whole === undefined ? formatNumber(value) : `"${whole}"`;
  }

  #decimal(at: number, width: number): string {
    // The scale is the last byte. In the older encoding, a precision byte precedes the scale.
    const digits = new Map<number, number>([
      [9, 8],
      [17, 16],
      [18, 16],
      [33, 32],
      [34, 32],
    ]).get(width);
    if (digits === undefined) {
      throw new JsonbError();
    }
    const scale = this.#bytes[at + width - 1];
    if (scale > MAX_SCALE) {
      throw new JsonbError();
    }
    return decimalJson(formatDecimal(this.#input.signed(at, digits), scale), this.#numbers);
  }

  #extension(at: number, size: number): string {
    this.#input.need(at, 1);
    const { view } = this.#input;
    const width = size - 1;
    switch (size === 0 ? -1 : this.#bytes[at]) {
      case 0x00:
        return Buffer.from(this.#bytes.subarray(at + 1, at + size)).toString('base64');
      case 0x10:
        return sizedBy(width === 4, () => formatDate(view.getInt32(at + 1)));
      case 0x20:
        return sizedBy(width === 8, () => formatTimestamp(view.getBigInt64(at + 1), 'microsecond'));
      case 0x30:
        // The time is in UTC. The offset of the original time zone is dropped.
        return sizedBy(width === 12 || width === 9, () => formatTimestamp(view.getBigInt64(at + 1), 'microsecond'));
      case 0x40:
        return sizedBy(width === 16, () =>
          formatInterval(view.getInt32(at + 1), view.getInt32(at + 5), view.getBigInt64(at + 9) * 1000n)
        );
      default:
        throw new JsonbError();
    }
  }
}

function sized(json: string, fits: boolean): string {
  return sizedBy(fits, () => json);
}

function sizedBy(fits: boolean, json: () => string): string {
  if (!fits) {
    throw new JsonbError();
  }
  return json();
}
