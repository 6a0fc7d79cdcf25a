/**
 * Finds secrets that were probably copied wrongly. The result is only a warning, because a provider may accept any
 * string as a secret.
 */

/** Codes of the messages about secrets that were probably copied wrongly. */
export type SecretWarning =
  | 'secret-in-quotes'
  | 'secret-not-replaced'
  | 'secret-is-masked'
  | 'secret-is-assignment'
  | 'secret-is-json'
  | 'secret-with-double-dollar'
  | 'secret-has-invisible-character';

/** The first pattern that matches is used. Each takes linear time. */
const SHAPES: ReadonlyArray<readonly [SecretWarning, RegExp]> = [
  ['secret-in-quotes', /^(["'`]).*\1$|^[\u201c\u201e].*[\u201c\u201d]$|^\u2018.*\u2019$/s],
  // `$NAME`, `${NAME}`, or an expression of Grafana such as `$__file{/run/secrets/key}`.
  ['secret-not-replaced', /^(?:\$[a-z_]\w*|\$\{[a-z_]\w*\}|\$__\w+\{[^{}]*\})$/i],
  ['secret-is-masked', /^(?:[*\u2022\u25cf]+|\.{4,})$/],
  // A line of a .env file or of a shell script. The names of secrets contain one of these words.
  ['secret-is-assignment', /^(?:export )?[a-z_]{0,40}(?:secret|password|token)[a-z_]{0,40}=[^=]/i],
  ['secret-is-json', /^\{\s*"[^"]*"\s*:.*\}$/s],
  // Provisioning files write `$` as `$$`. Grafana replaces it when it reads the file.
  ['secret-with-double-dollar', /\$\$/],
  // Characters without a glyph: zero-width spaces and joiners, marks of the writing direction, the byte order mark.
  ['secret-has-invisible-character', /\p{Cf}/u],
];

/** The first warning about a secret. Undefined if there is no warning. @param secret Without white space around it. */
export function secretWarning(secret: string): SecretWarning | undefined {
  return SHAPES.find(([, shape]) => shape.test(secret))?.[0];
}
