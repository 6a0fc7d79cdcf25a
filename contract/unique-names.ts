/** Makes names unique by appending numbers. */
import { StringMap, StringSet } from './string-map';

/**
 * The names that are taken. Thousands of names may have the same base. So for each base, a number is tried only once.
 */
export class UniqueNames {
  readonly #taken: StringSet;
  readonly #separator: string;
  /** By base: the next number to try. All smaller numbers from 2 on are taken. */
  readonly #numbers = new StringMap<number>();

  /** @param separator Between the base of a name and its number. */
  constructor(taken: readonly string[], separator: string) {
    this.#taken = new StringSet(taken);
    this.#separator = separator;
  }

  /**
   * Adds and returns a unique name: the name itself if it is free, else `base` with the lowest free number from 2 on.
   */
  add(name: string, base = name): string {
    let unique = name;
    let number = this.#numbers.get(base) ?? 2;
    for (; this.#taken.has(unique); number++) {
      unique = `${base}${this.#separator}${number}`;
    }
    this.#numbers.set(base, number);
    this.#taken.add(unique);
    return unique;
  }
}
