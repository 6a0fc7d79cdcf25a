/**
 * The first characters of a string as a copy. `slice` would keep the memory of the whole string, which is often the
 * value of a dictionary and may have megabytes.
 *
 * @param maxCharacters UTF-16 units.
 * @returns The same string if it is not longer; else a copy, in which a surrogate without its pair becomes U+FFFD.
 */
export function firstCharacters(string: string, maxCharacters: number): string {
  return string.length <= maxCharacters ? string : Buffer.from(string.slice(0, maxCharacters)).toString();
}

/**
 * A name as it is shown. A name that is too long becomes a copy of its first characters, with an ellipsis.
 * @param maxCharacters UTF-16 units.
 */
export function truncateString(string: string, maxCharacters: number): string {
  return string.length <= maxCharacters ? string : `${firstCharacters(string, maxCharacters)}…`;
}
