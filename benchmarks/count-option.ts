/**
 * Reads the value of an option that is a count.
 *
 * @param option Name of the option in the error message, such as `--rounds`.
 * @param least Smallest value. Default: 1.
 * @throws {Error} If the value is not a whole number, or is less than `least`.
 */
export function countOption(option: string, value: string, least = 1): number {
  const count = Number(value);
  if (value.trim() === '' || !Number.isSafeInteger(count) || count < least) {
    throw new Error(`${option} must be a whole number of at least ${least}, not "${value}".`);
  }
  return count;
}
