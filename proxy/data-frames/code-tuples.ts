import { type MemoryAccount } from '../memory/memory-account';
import { zeroInt32 } from '../memory/typed-arrays';
import { PairIndex } from './pair-index';

/** Numbers the distinct tuples of codes, one code from each of some columns: one number per set of labels. */
export class CodeTuples {
  readonly #width: number;
  readonly #memory: MemoryAccount;
  readonly #pairs: PairIndex[];

  /**
   * @param width  Codes in a tuple.
   * @param memory Of the query.
   */
  constructor(width: number, memory: MemoryAccount) {
    this.#width = width;
    this.#memory = memory;
    this.#pairs = Array.from({ length: width }, () => new PairIndex(memory));
  }

  /** Tuples seen so far. Without columns there is one, the empty one. */
  get size(): number {
    return this.#pairs.at(-1)?.size ?? 1;
  }

  /** The number of each row's tuple, given the codes of each column. Takes the place of the first column's codes. */
  add(codes: readonly Int32Array[], rows: number): Int32Array {
    const [ids = zeroInt32(this.#memory, rows)] = codes;
    codes.forEach((column, position) => {
      const pairs = this.#pairs[position];
      for (let row = 0; row < rows && pairs !== undefined; row++) {
        ids[row] = pairs.add(position === 0 ? 0 : (ids[row] ?? 0), column[row] ?? 0);
      }
    });
    return ids;
  }

  /** The codes of a tuple. */
  codes(id: number): number[] {
    const codes: number[] = [];
    let at = id;
    for (let position = this.#width - 1; position >= 0; position--) {
      codes[position] = this.#pairs[position]?.second(at) ?? 0;
      at = this.#pairs[position]?.first(at) ?? 0;
    }
    return codes;
  }
}
