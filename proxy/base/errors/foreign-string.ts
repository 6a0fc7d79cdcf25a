/**
 * Makes strings from a server, an identity provider, a result or a query safe to show and to log.
 *
 * Control characters can rewrite a line in a terminal, and direction marks can change the apparent order of characters.
 */

/** Maximum length of a string from a server or provider, in code points. */
const MAX_FOREIGN_CHARACTERS = 2000;

/** Maximum length of a name (of a column, a label, a macro) in a sentence, in code points. */
const MAX_NAME_CHARACTERS = 100;

/** Control characters except tab and line feed; Unicode line breaks; direction marks and overrides. */
const UNSAFE = /[^\P{Cc}\t\n]|[\u2028\u2029\p{Bidi_Control}]/gu;

/** A string that contains nothing unsafe, for a fast check: printable ASCII and line feeds. */
const PRINTABLE_ASCII = /^[ -~\n]*$/;

/**
 * The string without control characters and direction marks, truncated to a number of code points. Line feeds stay.
 *
 * @param maxCharacters Code points, including the ellipsis.
 */
export function foreignString(string: string, maxCharacters = MAX_FOREIGN_CHARACTERS): string {
  // Fast path for most strings: every field of every log line is passed through this function.
  if (string.length <= maxCharacters && PRINTABLE_ASCII.test(string)) {
    return string;
  }
  // A code point has at most two UTF-16 units, so the first 2 × max units contain at least max code points.
  const head = string.length > 2 * maxCharacters ? string.slice(0, 2 * maxCharacters) : string;
  const clean = head.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(UNSAFE, '');
  const isWhole = head.length === string.length;
  if (isWhole && clean.length <= maxCharacters) {
    return clean;
  }
  const characters = Array.from(clean);
  return isWhole && characters.length <= maxCharacters
    ? clean
    : `${characters
        .slice(0, maxCharacters - 1)
        .join('')
        .trimEnd()}…`;
}

/** The result of `foreignString` on one line. @param maxCharacters Code points, including the ellipsis. */
export function foreignLine(string: string, maxCharacters = MAX_NAME_CHARACTERS): string {
  return foreignString(string, maxCharacters).replace(/\s+/g, ' ');
}

/** The result of `foreignLine` for a name, in double quotes. */
export function shownName(name: string): string {
  return `"${foreignLine(name)}"`;
}

/** Maximum number of list items in a sentence. */
const MAX_LISTED = 20;

/** The first items of a list, for example `a, b, c and 7 more`. */
export function joinedList<T>(items: readonly T[], stringOf: (item: T) => string): string {
  const shown = items.slice(0, MAX_LISTED).map(stringOf).join(', ');
  return items.length > MAX_LISTED ? `${shown} and ${items.length - MAX_LISTED} more` : shown;
}
