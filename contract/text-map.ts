/**
 * Maps and sets whose keys are strings from outside: from telemetry, servers and users.
 *
 * V8 hashes a string of more than 16,383 characters by its length only. In a `Map`, a `Set` or an object, each such key
 * is compared with all others of its length, which takes quadratic time. So keys have at most 1,000 characters here. A
 * longer string is known by a number: its parts of up to `PART_CHARACTERS` are keys, each together with the number of
 * the parts before it. Two strings are the same key only if they are equal.
 */

/** UTF-16 units of a key of a `Map`, a `Set` or an object. */
export const MAX_KEY_CHARACTERS = 1000;

const PART_CHARACTERS = 900;
const NONE = -1;

/** A string, or the number of a longer one. */
type Key = string | number;

/** The parts of strings before and including this one. */
interface Part {
  number: number;
  /** Strings that begin with these parts. */
  uses: number;
}

/** Numbers the strings that are too long for a key. */
class LongTexts {
  readonly #parts = new Map<string, Part>();
  #next = 0;

  /** The number of a string. `NONE` if no string begins with its parts. */
  find(text: string): number {
    let number = NONE;
    for (const key of partsOf(text, () => number)) {
      number = this.#parts.get(key)?.number ?? NONE;
      if (number === NONE) {
        break;
      }
    }
    return number;
  }

  /** Adds a string that is not known. @returns Its number. */
  add(text: string): number {
    let number = NONE;
    for (const key of partsOf(text, () => number)) {
      const part = this.#parts.get(key) ?? { number: this.#next++, uses: 0 };
      part.uses++;
      this.#parts.set(key, part);
      ({ number } = part);
    }
    return number;
  }

  /** Removes a string that was added. */
  delete(text: string): void {
    let number = NONE;
    for (const key of partsOf(text, () => number)) {
      const part = this.#parts.get(key);
      if (part !== undefined && --part.uses === 0) {
        this.#parts.delete(key);
      }
      number = part?.number ?? NONE;
    }
  }
}

/** The keys of the parts of a string. @param before Number of the parts so far. */
function* partsOf(text: string, before: () => number): Generator<string> {
  for (let at = 0; at < text.length; at += PART_CHARACTERS) {
    yield `${before()} ${text.slice(at, at + PART_CHARACTERS)}`;
  }
}

/** A `Map` with strings of any length as keys, in the order of their first insertion. */
export class TextMap<V> implements ReadonlyMap<string, V> {
  readonly #values = new Map<Key, V>();
  readonly #long = new LongTexts();
  /** The strings of the keys that are numbers. */
  readonly #texts = new Map<number, string>();

  constructor(entries: Iterable<readonly [string, V]> = []) {
    for (const [key, value] of entries) {
      this.set(key, value);
    }
  }

  get size(): number {
    return this.#values.size;
  }

  get(text: string): V | undefined {
    return this.#values.get(this.#find(text));
  }

  has(text: string): boolean {
    return this.#values.has(this.#find(text));
  }

  set(text: string, value: V): this {
    const key = this.#find(text);
    this.#values.set(typeof key === 'string' || this.#texts.has(key) ? key : this.#add(text), value);
    return this;
  }

  delete(text: string): boolean {
    const key = this.#find(text);
    if (typeof key === 'number' && this.#texts.delete(key)) {
      this.#long.delete(text);
    }
    return this.#values.delete(key);
  }

  clear(): void {
    [...this.keys()].forEach((text) => this.delete(text));
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) {
      callback(value, key, this);
    }
  }

  *entries(): MapIterator<[string, V]> {
    for (const [key, value] of this.#values) {
      yield [this.#textOf(key), value];
    }
  }

  *keys(): MapIterator<string> {
    for (const key of this.#values.keys()) {
      yield this.#textOf(key);
    }
  }

  values(): MapIterator<V> {
    return this.#values.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  #find(text: string): Key {
    return text.length <= MAX_KEY_CHARACTERS ? text : this.#long.find(text);
  }

  #add(text: string): number {
    const number = this.#long.add(text);
    this.#texts.set(number, text);
    return number;
  }

  #textOf(key: Key): string {
    return typeof key === 'string' ? key : (this.#texts.get(key) ?? '');
  }
}

/** A `Set` of strings of any length, in the order of their first insertion. */
export class TextSet implements ReadonlySet<string> {
  readonly #texts = new TextMap<true>();

  constructor(texts: Iterable<string> = []) {
    for (const text of texts) {
      this.add(text);
    }
  }

  get size(): number {
    return this.#texts.size;
  }

  has(text: string): boolean {
    return this.#texts.has(text);
  }

  add(text: string): this {
    this.#texts.set(text, true);
    return this;
  }

  delete(text: string): boolean {
    return this.#texts.delete(text);
  }

  forEach(callback: (text: string, same: string, set: ReadonlySet<string>) => void): void {
    for (const text of this) {
      callback(text, text, this);
    }
  }

  *entries(): SetIterator<[string, string]> {
    for (const text of this) {
      yield [text, text];
    }
  }

  keys(): SetIterator<string> {
    return this.#texts.keys();
  }

  values(): SetIterator<string> {
    return this.keys();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.keys();
  }
}
