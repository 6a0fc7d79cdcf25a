/**
 * Converts JSONB, the format of properties in Micromegas, to JSON text.
 *
 * The JSON is written directly into the column, without JavaScript values. So integers keep all digits, and an object
 * of short strings costs little more than a copy. A value is rejected as a whole if any part of it violates the format,
 * or if bytes remain after its end. `jsonb-bytes.ts` describes the format.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { isUtf8 } from 'node:buffer';
import { ByteSink } from './byte-sink';
import { type JsonNumbers, PLAIN_NUMBERS } from './json-values';
import {
  ARRAY,
  INVALID,
  JsonbBytes,
  JsonbError,
  type JsonbProblem,
  kindOf,
  OBJECT,
  SCALAR,
  TOO_DEEP,
} from './jsonb-bytes';
import { formatExtension, numberJson } from './jsonb-scalars';

/** Maximum number of arrays and objects around an array or object. */
const MAX_DEPTH = 100;

/** Ends of sentences that start with the name of the column, see `ReportProblem`. */
export const JSONB_PROBLEMS: Readonly<Record<JsonbProblem, string>> = {
  invalid: 'holds values that are not valid JSONB',
  too_deep: `holds JSONB that is nested deeper than ${MAX_DEPTH} levels`,
};

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

/**
 * False if the bytes cannot be JSONB: their header is unknown, or announces more entries than fit into the bytes. Reads
 * only the header.
 */
export function hasJsonbHeader(bytes: Uint8Array): boolean {
  if (bytes.length < 4) {
    return false;
  }
  const header = new JsonbBytes(bytes).u32(0);
  const entries = header & 0x1fffffff;
  switch (kindOf(header)) {
    case ARRAY:
      return 4 + entries * 4 <= bytes.length;
    case OBJECT:
      return 4 + entries * 8 <= bytes.length;
    default:
      return header === SCALAR;
  }
}

/** Called for each pair of an object. `write` appends the JSON text of the value. */
export type JsonbPair = (key: string, write: (sink: ByteSink) => void) => void;

/**
 * Visits the pairs of a JSONB object.
 *
 * @returns False if the bytes are not a valid JSONB object, or are nested too deep. Even then, some pairs may have been
 *   visited. A value is checked only when `visit` calls `write`.
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
    visit(input.utf8(key, keySize), (sink) => new JsonbWriter(bytes, sink, numbers, true).entry(entry, start, 1));
    key += keySize;
    value += entry & 0x0fffffff;
  }
  return value === bytes.length;
}

class JsonbWriter {
  readonly #bytes: Uint8Array;
  readonly #sink: ByteSink;
  readonly #numbers: JsonNumbers;
  readonly #isVisiting: boolean;
  readonly #input: JsonbBytes;

  /** @param isVisiting True for the values of the object that `visitJsonbObject` visits. */
  constructor(bytes: Uint8Array, sink: ByteSink, numbers: JsonNumbers, isVisiting = false) {
    this.#bytes = bytes;
    this.#sink = sink;
    this.#numbers = numbers;
    this.#isVisiting = isVisiting;
    this.#input = new JsonbBytes(bytes);
  }

  document(): void {
    const header = this.#input.u32(0);
    let end: number;
    if (kindOf(header) !== SCALAR) {
      end = this.#container(0, 0);
    } else if (header !== SCALAR) {
      throw INVALID;
    } else {
      const entry = this.#input.u32(4);
      end = this.entry(entry, 8, 0);
    }
    if (end !== this.#bytes.length) {
      throw INVALID;
    }
  }

  /**
   * Writes the payload that begins at `at` and has the type and the size in `entry`.
   *
   * @param depth Number of arrays and objects around the payload.
   * @returns The position after the payload.
   */
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
        this.#sink.string(numberJson(this.#input, at, size, this.#isVisiting && depth === 1, this.#numbers));
        break;
      case 3:
        this.#word('false', size);
        break;
      case 4:
        this.#word('true', size);
        break;
      case 5:
        if (this.#container(at, depth) !== end) {
          throw INVALID;
        }
        break;
      case 6:
        this.#sink.string(JSON.stringify(formatExtension(this.#input, at, size)));
        break;
      default:
        throw INVALID;
    }
    return end;
  }

  #word(json: string, size: number): void {
    if (size !== 0) {
      throw INVALID;
    }
    this.#sink.string(json);
  }

  /** @param depth Number of arrays and objects around the array or object at `at`. */
  #container(at: number, depth: number): number {
    if (depth > MAX_DEPTH) {
      throw TOO_DEEP;
    }
    const header = this.#input.u32(at);
    const count = header & 0x1fffffff;
    switch (kindOf(header)) {
      case ARRAY:
        return this.#array(at + 4, count, depth + 1);
      case OBJECT:
        return this.#object(at + 4, count, depth + 1);
      default:
        throw INVALID;
    }
  }

  /** @param depth Number of arrays and objects around the elements. */
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

  /** @param depth Number of arrays and objects around the values. */
  #object(entries: number, count: number, depth: number): number {
    this.#input.need(entries, count * 8);
    let key = entries + count * 8;
    let at = key;
    for (let index = 0; index < count; index++) {
      const entry = this.#input.u32(entries + index * 4);
      if (entry >>> 28 !== 1) {
        throw INVALID;
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
      throw INVALID;
    }
    if (plain) {
      sink.byte(0x22);
      sink.copy(bytes, start, end);
      sink.byte(0x22);
    } else {
      sink.string(JSON.stringify(this.#input.utf8(start, end - start)));
    }
  }
}
