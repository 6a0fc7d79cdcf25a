/** Replaces names of log levels in the value of a variable by numbers, because the column `level` has numbers. */
import { LEVEL_NAMES, LEVEL_TABLES } from '../../../contract/builder/condition-sql';
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { enclosingBrackets } from '../sql/calls';
import { comparedBefore, isLevelColumn } from '../sql/literal-context';

function levelNumber(value: unknown): number | undefined {
  const index = typeof value === 'string' ? LEVEL_NAMES.indexOf(value.toLowerCase()) : -1;
  return index < 0 ? undefined : index + 1;
}

/** True for the name of a level, and for a list that contains such a name. */
export function hasLevelName(value: unknown): boolean {
  return [value].flat().some((item) => levelNumber(item) !== undefined);
}

/** The number of a level, or the numbers of a list of levels. Other values are returned unchanged. */
export function withLevelNumbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => levelNumber(item) ?? item) : (levelNumber(value) ?? value);
}

/**
 * Finds values that are compared with the level of log entries. Finds none in SQL that defines its own column `level`.
 */
export class LevelComparisons {
  readonly #code: readonly SqlToken[];
  /** For each token, the index of the bracket that contains it. Empty for SQL that reads no levels. */
  readonly #enclosing: readonly number[];
  /** Undefined for SQL that reads no levels. */
  readonly #indexes: ReadonlyMap<SqlToken, number> | undefined;

  /** @param code Tokens of the whole SQL, without comments. */
  constructor(code: readonly SqlToken[]) {
    this.#code = code;
    const hasLevels =
      code.some((token) => LEVEL_TABLES.includes(sqlTokenValue(token))) &&
      !code.some((token, index) => isSqlWord(token, 'as') && code[index + 1]?.raw.toLowerCase() === 'level');
    this.#enclosing = hasLevels ? enclosingBrackets(code) : [];
    this.#indexes = hasLevels ? new Map<SqlToken, number>(code.map((token, index) => [token, index])) : undefined;
  }

  /** True if the value of this token is compared with the level. */
  has(value: SqlToken): boolean {
    const index = this.#indexes?.get(value);
    if (index === undefined) {
      return false;
    }
    // The other items of a list are compared with the same column as its first item.
    const isOtherItem = this.#code[index - 1]?.raw === ',';
    const first = isOtherItem ? this.#enclosing[index] + 1 : index;
    return isLevelColumn(comparedBefore(this.#code, first, this.#enclosing));
  }
}
