/**
 * Text that somebody else wrote (a server, an identity provider, a result, a query), made safe to show and to log.
 *
 * Control characters can rewrite the line of a terminal, and marks of direction can make a text read as another one.
 */

/** Longest text of a server or provider that is shown, in code points. */
const MAX_FOREIGN_CHARACTERS = 2000;

/** Longest name (of a column, a label, a macro) inside a sentence, in code points. */
const MAX_NAME_CHARACTERS = 100;

/** C0, DEL and C1 without tab and line feed; what Unicode reads as a line break; overrides and marks of direction. */
const UNSAFE = /[^\P{Cc}\t\n]|[\u2028\u2029\p{Bidi_Control}]/gu;

/** And line feeds. */
const PRINTABLE_ASCII = /^[ -~\n]*$/;

/**
 * The text without control characters and marks of direction, cut to a number of code points. Line feeds stay.
 *
 * @param maxCharacters Code points, the ellipsis included.
 */
export function foreignText(text: string, maxCharacters = MAX_FOREIGN_CHARACTERS): string {
  // Fast path for most texts: each field of each log line passes here.
  if (text.length <= maxCharacters && PRINTABLE_ASCII.test(text)) {
    return text;
  }
  // A code point has at most two units: what is dropped here would not be shown, and costs nothing.
  const head = text.length > 2 * maxCharacters ? text.slice(0, 2 * maxCharacters) : text;
  const clean = head.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(UNSAFE, '');
  const isWhole = head.length === text.length;
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

/** A text on one line. @param maxCharacters Code points, the ellipsis included. */
export function shortText(text: string, maxCharacters = MAX_NAME_CHARACTERS): string {
  return foreignText(text, maxCharacters).replace(/\s+/g, ' ');
}

/** A name in double quotes, for a sentence. */
export function quotedName(name: string): string {
  return `"${shortText(name)}"`;
}

/** Items of a list that a sentence names. */
const MAX_LISTED = 20;

/** The first items of a list, each as `textOf` says it: `a, b, c and 7 more`. */
export function listText<T>(items: readonly T[], textOf: (item: T) => string): string {
  const shown = items.slice(0, MAX_LISTED).map(textOf).join(', ');
  return items.length > MAX_LISTED ? `${shown} and ${items.length - MAX_LISTED} more` : shown;
}
