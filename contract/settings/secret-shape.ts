/**
 * Finds secrets that were probably copied wrongly. The result is only a warning, because a provider may accept any
 * string as a secret.
 */

/** Codes of the messages about secrets that were probably copied wrongly. */
export type SecretWarning = 'secret-in-quotes' | 'secret-not-replaced' | 'secret-has-invisible-character';

const QUOTED = /^(["'`]).*\1$|^[\u201c\u201e].*[\u201c\u201d]$|^\u2018.*\u2019$/s;
/** `$NAME`, `${NAME}`, or an expression of Grafana such as `$__file{/run/secrets/key}`. */
const NOT_REPLACED = /^(?:\$[a-z_]\w*|\$\{[a-z_]\w*\}|\$__\w+\{[^{}]*\})$/i;
/** Characters without a glyph: zero-width spaces and joiners, marks of the writing direction, the byte order mark. */
const INVISIBLE = /\p{Cf}/u;

/** The first warning about a secret. Undefined if there is no warning. @param secret Without white space around it. */
export function secretWarning(secret: string): SecretWarning | undefined {
  if (secret.length > 1 && QUOTED.test(secret)) {
    return 'secret-in-quotes';
  }
  if (NOT_REPLACED.test(secret)) {
    return 'secret-not-replaced';
  }
  return INVISIBLE.test(secret) ? 'secret-has-invisible-character' : undefined;
}
