/**
 * Maps and sets whose keys are strings from outside: from telemetry, servers and users.
 *
 * V8 hashes a string of more than 16,383 characters by its length only. A `Map`, a `Set` or an object compares each
 * such key with all other keys of its length, which takes quadratic time. So keys have at most 1,000 characters here. A
 * longer string is split into parts of `PART_CHARACTERS`. Each part gets a number. In the map of these numbers, the key
 * of a part is the number of the previous part, followed by the characters of the part. The number of the last part
 * stands for the whole string.
 */

/** Maximum number of UTF-16 units of a key of a `Map`, a `Set` or an object. */
export const MAX_KEY_CHARACTERS = 1000;

const PART_CHARACTERS = 900;
/** In the key of a first part, stands for the previous part. As a result of `find`, means that no string was found. */
const NONE = -1;

/** A string, or the number of a string that is too long for a key. */
type Key = string | number;

/**
 * A part of one or more added strings. The parts from the first part to this part are the same in all of these strings.
 */
interface Part {
  number: number;
  /** Number of these strings. */
  uses: number;
}

/** Numbers the strings that are too long for a key. */
class LongStrings {
  readonly #parts = new Map<string, Part>();
  /** The strings that were added, by their numbers. */
  readonly #strings = new Map<number, string>();
  #next = 0;

  has(number: number): boolean {
    return this.#strings.has(number);
  }

  /** The added string with this number. */
  get(number: number): string | undefined {
    return this.#strings.get(number);
  }

  /**
   * The number of the string's last part. `NONE` if no added string begins with these parts. The number may belong to
   * the beginning of a longer string: `has` says whether the string itself was added.
   */
  find(string: string): number {
    let number = NONE;
    for (const key of partsOf(string, () => number)) {
      number = this.#parts.get(key)?.number ?? NONE;
      if (number === NONE) {
        break;
      }
    }
    return number;
  }

  /** Adds a string that was not added before. @returns Its number. */
  add(string: string): number {
    let number = NONE;
    for (const key of partsOf(string, () => number)) {
      const part = this.#parts.get(key) ?? { number: this.#next++, uses: 0 };
      part.uses++;
      this.#parts.set(key, part);
      ({ number } = part);
    }
    this.#strings.set(number, string);
    return number;
  }

  /** Removes a string if it was added. */
  delete(string: string): void {
    if (!this.#strings.delete(this.find(string))) {
      return;
    }
    let number = NONE;
    for (const key of partsOf(string, () => number)) {
      const part = this.#parts.get(key);
      if (part !== undefined && --part.uses === 0) {
        this.#parts.delete(key);
      }
      number = part?.number ?? NONE;
    }
  }
}

/** The keys of the parts of a string. @param before Returns the number of the previous part. */
function* partsOf(string: string, before: () => number): Generator<string> {
  for (let at = 0; at < string.length; at += PART_CHARACTERS) {
    yield `${before()} ${string.slice(at, at + PART_CHARACTERS)}`;
  }
}

/** A `Map` with strings of any length as keys, in the order of their first insertion. */
export class StringMap<V> implements ReadonlyMap<string, V> {
  readonly #values = new Map<Key, V>();
  /**
   * The long strings, whose numbers are keys of `#values`. Undefined until the first long string is added, because most
   * maps have no long strings.
   */
  #long: LongStrings | undefined;

  constructor(entries: Iterable<readonly [string, V]> = []) {
    for (const [key, value] of entries) {
      this.set(key, value);
    }
  }

  get size(): number {
    return this.#values.size;
  }

  get(string: string): V | undefined {
    return this.#values.get(this.#find(string));
  }

  has(string: string): boolean {
    return this.#values.has(this.#find(string));
  }

  set(string: string, value: V): this {
    const key = this.#find(string);
    this.#values.set(typeof key === 'string' || this.#long?.has(key) ? key : this.#add(string), value);
    return this;
  }

  delete(string: string): boolean {
    const key = this.#find(string);
    if (typeof key === 'number') {
      this.#long?.delete(string);
    }
    return this.#values.delete(key);
  }

  clear(): void {
    [...this.keys()].forEach((string) => this.delete(string));
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) {
      callback(value, key, this);
    }
  }

  *entries(): MapIterator<[string, V]> {
    for (const [key, value] of this.#values) {
      yield [this.#stringOf(key), value];
    }
  }

  *keys(): MapIterator<string> {
    for (const key of this.#values.keys()) {
      yield this.#stringOf(key);
    }
  }

  values(): MapIterator<V> {
    return this.#values.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }

  #find(string: string): Key {
    return string.length <= MAX_KEY_CHARACTERS ? string : (this.#long?.find(string) ?? NONE);
  }

  #add(string: string): number {
    this.#long ??= new LongStrings();
    return this.#long.add(string);
  }

  #stringOf(key: Key): string {
    return typeof key === 'string' ? key : (this.#long?.get(key) ?? '');
  }
}

/** A `Set` of strings of any length, in the order of their first insertion. */
export class StringSet implements ReadonlySet<string> {
  readonly #strings = new StringMap<true>();

  constructor(strings: Iterable<string> = []) {
    for (const string of strings) {
      this.add(string);
    }
  }

  get size(): number {
    return this.#strings.size;
  }

  has(string: string): boolean {
    return this.#strings.has(string);
  }

  add(string: string): this {
    this.#strings.set(string, true);
    return this;
  }

  delete(string: string): boolean {
    return this.#strings.delete(string);
  }

  forEach(callback: (string: string, same: string, set: ReadonlySet<string>) => void): void {
    for (const string of this) {
      callback(string, string, this);
    }
  }

  *entries(): SetIterator<[string, string]> {
    for (const string of this) {
      yield [string, string];
    }
  }

  keys(): SetIterator<string> {
    return this.#strings.keys();
  }

  values(): SetIterator<string> {
    return this.keys();
  }

  [Symbol.iterator](): SetIterator<string> {
    return this.keys();
  }
}
