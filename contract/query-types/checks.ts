/** Checks of values whose shape nobody has checked. */

/** UTF-16 units of a text in a request. */
export const MAX_TEXT_CHARACTERS = 1000;

export type Check = (value: unknown) => boolean;

export function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARACTERS;
}

/** True for a text that is not blank. */
export function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

export function isOneOf<T extends string>(words: readonly T[]) {
  return (value: unknown): value is T => words.some((word) => word === value);
}

/** True for finite numbers from `least` to `greatest`, both inclusive. */
export function isNumberIn(least: number, greatest: number): Check {
  return (value) => typeof value === 'number' && value >= least && value <= greatest;
}

/** Undefined, null and the empty text mean the same as a missing field. */
export function isMissingOr(check: Check): Check {
  return (value) => value === undefined || value === null || value === '' || check(value);
}

export function listOf(check: Check, maxEntries: number): Check {
  return (value) => Array.isArray(value) && value.length <= maxEntries && value.every(check);
}
