/**
 * Finds the unit of a table in its string column `unit`, if all rows have the same unit. Results with measures have
 * this column.
 */
import { type MemoryAccount } from '../../observe/memory/memory-account';
import { type Vector } from '../arrow-ipc';
import { isStringColumn, type ResultColumn, vectorOf } from './result-columns';
import { NULL_CODE, StringCodes } from './string-codes';

/** Finds the unit in the batches of one result. */
export class UnitColumn {
  readonly #column: ResultColumn;
  readonly #codes: StringCodes;
  #code: number | undefined;
  #isMixed = false;

  private constructor(column: ResultColumn, memory: MemoryAccount) {
    this.#column = column;
    this.#codes = StringCodes.ofBytes(column.type, memory);
  }

  /** Undefined if the result has no string column `unit`. */
  static find(columns: readonly ResultColumn[], memory: MemoryAccount): UnitColumn | undefined {
    const column = columns.find((candidate) => isUnitColumn(candidate));
    return column === undefined ? undefined : new UnitColumn(column, memory);
  }

  add(batch: readonly Vector[]): void {
    if (this.#isMixed) {
      return;
    }
    const codes = this.#codes.codes(vectorOf(this.#column, batch));
    this.#code ??= codes[0];
    this.#isMixed = codes.some((code) => code !== this.#code);
  }

  /** The unit of all rows so far. Undefined if the rows have no unit, or different units. */
  get unit(): string | undefined {
    const code = this.#code;
    return this.#isMixed || code === undefined || code === NULL_CODE ? undefined : this.#codes.string(code);
  }
}

/** True for a string column whose name is `unit`, in any letter case. */
export function isUnitColumn(column: ResultColumn): boolean {
  return column.name.toLowerCase() === 'unit' && isStringColumn(column);
}
