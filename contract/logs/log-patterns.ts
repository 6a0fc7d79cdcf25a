/**
 * Patterns of log lines: texts in which the words that contain digits are masked. The server masks and counts the lines
 * of a query, and the backend merges similar texts.
 */
import { type InferOutput, picklist } from 'valibot';
import { missingOr, objectOf } from '../schemas';

/**
 * Results of a query with the format _Log patterns_. `table`: one row for each pattern. `over-time`: the lines of the
 * most frequent patterns over time. `new`: one number, the masked texts that no line before the range has.
 * `new-list`: the number of lines of each of these texts.
 */
export const PATTERN_RESULTS = ['table', 'over-time', 'new', 'new-list'] as const;
export type PatternResult = (typeof PATTERN_RESULTS)[number];
export const DEFAULT_PATTERN_RESULT: PatternResult = 'table';

/** The order of the table. `new`: patterns without earlier lines first. `rare`: those with the fewest lines first. */
export const PATTERN_ORDERS = ['lines', 'new', 'rare'] as const;
export type PatternOrder = (typeof PATTERN_ORDERS)[number];
export const DEFAULT_PATTERN_ORDER: PatternOrder = 'lines';

/** Schema of the options that a query with the format _Log patterns_ has. */
export const patternOptions = objectOf({
  /** Default: `DEFAULT_PATTERN_RESULT`. */
  result: missingOr(picklist(PATTERN_RESULTS)),
  /** Default: `DEFAULT_PATTERN_ORDER`. */
  order: missingOr(picklist(PATTERN_ORDERS)),
});

export type PatternOptions = InferOutput<typeof patternOptions>;

const UUID = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';
const WORD_WITH_DIGIT = '[A-Za-z0-9_]*[0-9][A-Za-z0-9_]*';

/** The regular expression of the parts that are masked, in the syntax of Rust and of JavaScript. */
export const MASKED = `${UUID}|${WORD_WITH_DIGIT}`;
/** Stands for a masked part in a text. */
export const MASK = '<*>';
/** Stands in a pattern for a word in which the merged texts differ. */
export const ANY_WORD = '<…>';

/** Characters of a line that count for its pattern. */
export const PATTERN_CHARACTERS = 1000;

const WORD_CHARACTER = /[A-Za-z0-9_]/;
/** Characters with a meaning in regular expressions, except `$`. */
const SPECIAL = /[\\^.*+?()[\]{}|]/g;
const MASK_OR_ANY_WORD = /<\*>|<…>/g;
const ONLY_MASK = /<\*>/g;
/** The end of the text, like `$`. Expressions have no `$`, because Grafana replaces `$name` in links and queries. */
const END = String.raw`\z`;

/**
 * A regular expression for the lines of a pattern, in the syntax of Rust. The text must match from its start on.
 *
 * @param pattern  Text with `MASK` and, if texts were merged, `ANY_WORD`.
 * @param isMerged True: white space of any length separates the words.
 * @param isCut    True if the text may go on after the end of the pattern.
 */
export function patternExpression(pattern: string, { isMerged, isCut }: { isMerged: boolean; isCut: boolean }): string {
  const parts: string[] = ['^'];
  let at = 0;
  for (const found of pattern.matchAll(isMerged ? MASK_OR_ANY_WORD : ONLY_MASK)) {
    parts.push(literal(pattern.slice(at, found.index), isMerged));
    at = found.index + found[0].length;
    const isInWord = WORD_CHARACTER.test(pattern[found.index - 1] ?? '') || WORD_CHARACTER.test(pattern[at] ?? '');
    parts.push(found[0] === ANY_WORD ? String.raw`\S+` : isInWord ? `(?:${UUID}|<\\*>)` : `(?:${MASKED}|<\\*>)`);
  }
  parts.push(literal(pattern.slice(at), isMerged), isCut ? '' : END);
  return parts.join('');
}

function literal(text: string, isMerged: boolean): string {
  const escaped = text.replace(SPECIAL, String.raw`\$&`).replaceAll('$', String.raw`\x24`);
  return isMerged ? escaped.replace(/\s+/g, String.raw`\s+`) : escaped;
}
