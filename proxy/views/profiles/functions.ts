/** The functions of a profile, by number. */
import { StringMap } from '../../../contract/string-map';
import { PairIndex } from '../../frames/data-frames/pair-index';
import { truncateString } from '../../base/errors/truncate-string';
import { type MemoryAccount } from '../../observe/memory/memory-account';

interface ProfiledFunction {
  name: string;
  target: string;
  file: string;
  line: number;
  /** True for a name that is not a function, such as a thread. */
  isGroup: boolean;
}

/** The function number of calls that are not shown separately. */
export const OTHER = 0;

/**
 * Maximum number of functions. Functions and threads together are at most 65,536, so that a flame graph can store a
 * function name as a 16-bit index.
 */
const MAX_FUNCTIONS = 60_000;
/** Maximum number of characters of all names, targets and files together. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
/** Maximum length of one name, target or file. Longer strings are truncated. */
const MAX_NAME_CHARACTERS = 500;
/** Bytes of the objects of a function, without its strings. */
const FUNCTION_BYTES = 400;

/**
 * The functions by number. A function is identified by its name and its position in a file. Functions are numbered in
 * the order of their first calls.
 */
export class Functions {
  readonly list: ProfiledFunction[] = [{ name: '(other)', target: '', file: '', line: 0, isGroup: true }];
  readonly #strings = new StringMap<number>();
  readonly #places: PairIndex;
  readonly #functions: PairIndex;
  /** For each entry in `#functions`: the number of the function. */
  readonly #numbers: number[] = [];
  #characters = 0;
  #dropped = 0;

  constructor(memory: MemoryAccount) {
    this.#places = new PairIndex(memory);
    this.#functions = new PairIndex(memory);
  }

  /** Number of calls of functions beyond the limit. These calls get the number `OTHER`. */
  get droppedCalls(): number {
    return this.#dropped;
  }

  /** An estimate of the bytes of the JavaScript objects. */
  get heapBytes(): number {
    return this.list.length * FUNCTION_BYTES + this.#characters * 2;
  }

  /** The number of a function. @param target Decoded only for a new function. */
  of(name: string, file: string, line: number, target: () => string): number {
    if (this.list.length >= MAX_FUNCTIONS || this.#characters > MAX_CHARACTERS) {
      return this.#known(name, file, line);
    }
    const place = this.#places.add(this.#codeOf(name), this.#codeOf(file));
    const pair = this.#functions.add(place, line | 0);
    if (pair === this.#numbers.length) {
      this.#numbers.push(this.#add({ name, target: target(), file, line, isGroup: false }));
    }
    return this.#numbers[pair];
  }

  /** Adds an entry that is not a function, such as a thread. @returns Its number. */
  addGroup(name: string): number {
    return this.#add({ name, target: '', file: '', line: 0, isGroup: true });
  }

  #known(name: string, file: string, line: number): number {
    const [nameCode, fileCode] = [this.#strings.get(name) ?? -1, this.#strings.get(file) ?? -1];
    const place = nameCode < 0 || fileCode < 0 ? -1 : this.#places.find(nameCode, fileCode);
    const pair = place < 0 ? -1 : this.#functions.find(place, line | 0);
    this.#dropped += pair < 0 ? 1 : 0;
    return pair < 0 ? OTHER : this.#numbers[pair];
  }

  #codeOf(string: string): number {
    const known = this.#strings.get(string);
    if (known !== undefined) {
      return known;
    }
    const code = this.#strings.size;
    this.#strings.set(string, code);
    this.#characters += string.length;
    return code;
  }

  #add(added: ProfiledFunction): number {
    const [name, target, file] = [added.name, added.target, added.file].map(shortened);
    this.#characters += name.length + target.length + file.length;
    this.list.push({ ...added, name, target, file });
    return this.list.length - 1;
  }
}

function shortened(string: string): string {
  return truncateString(string, MAX_NAME_CHARACTERS);
}
