/**
 * Writes the right side of a comparison with a variable, which may have several values, no value or All. Escapes values
 * that are not patterns.
 *
 * `=` and `!=` with several values become `IN` and `NOT IN`. LIKE patterns and regular expressions match any of the
 * values. The other operators can compare with one value only. For these operators, several values become the macro
 * `$__severalValues`, which makes the query fail.
 */
import { escapeLiteral, quoteLiteral } from '../../../contract/sql/sql-names';
import { type Comparison } from './conditions';

/**
 * The right side as the author wrote it: one reference to a variable, and the rest of the literal around the reference.
 */
export interface RightSide {
  /** Name of the variable. */
  name: string;
  /** Undefined if the reference has no format. */
  format: string | undefined;
  /** True for a string literal `'…'`, false for code. */
  isString: boolean;
  /** The parts of the literal before and after the reference, without the outer quotes. Empty in code. */
  before: string;
  after: string;
}

/** The selected values of the variable. */
export interface Selection {
  values: readonly unknown[];
  /** True if All is selected, and the author has set no custom all value. */
  isAll: boolean;
  /** True if All is selected in a variable whose list contains every value of its column. */
  isEverything: boolean;
  /**
   * True if the variable lists the values of a query, and may have several of them or All. Such values are not
   * patterns.
   */
  isData: boolean;
}

/**
 * SQL that replaces the operator and the right side. Each of several `tails` is written after a copy of the left side.
 * `joiner` joins the resulting conditions.
 */
export type Replacement = { tail: string } | { tails: readonly string[]; joiner: 'OR' | 'AND' };

/** A condition that is true for every row: the comparison with NULL gives NULL, and `NULL IS NULL` is true. */
const EVERY_ROW: Replacement = { tail: ' IN (NULL) IS NULL' };
/** NULL for every row, so no row fulfils the condition. */
const NO_ROW: Replacement = { tail: ' IN (NULL)' };

const LIKE_ESCAPE = "'\\'";

/** The string with the operators of regular expressions escaped. */
function escapeRegex(value: string): string {
  return value.replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');
}

/** The string with the wildcards of LIKE escaped by backslashes. */
function escapeLike(value: string): string {
  return value.replace(/[\\%_]/g, '\\$&');
}

/** True for a format whose values are inserted as if there were no format. */
function isPlain({ format }: RightSide): boolean {
  return format === undefined || format === 'sqlstring' || format === 'singlequote';
}

/**
 * True if only wildcards, anchors and parentheses surround the variable. If All is selected, such a pattern matches
 * every row.
 */
function isWholePattern({ before, after }: RightSide): boolean {
  return /^[%^(]*$/.test(before.replace('.*', '')) && /^[%$)]*$/.test(after.replace('.*', ''));
}

function itemSql(value: unknown, { isString, before, after }: RightSide): string {
  return isString || typeof value !== 'number' ? quoted(String(value), before, after) : String(value);
}

/** @param before Part of the literal before the value, with quotes already doubled. The same applies to `after`. */
function quoted(value: string, before: string, after: string): string {
  return `'${before}${escapeLiteral(value)}${after}'`;
}

function equality(comparison: Comparison, side: RightSide, { values }: Selection): Replacement | undefined {
  if (values.length < 2 || !isPlain(side)) {
    return undefined;
  }
  const list = values.map((value) => itemSql(value, side)).join(',');
  return { tail: ` ${comparison.isNegated ? 'NOT IN' : 'IN'} (${list})` };
}

/** An operator and a right side that make the query fail, because the variable has several values. */
export function severalValues({ operator }: Comparison, { name }: RightSide): string {
  return ` ${operator} $__severalValues(${quoteLiteral(name)})`;
}

function order(comparison: Comparison, side: RightSide, { values }: Selection): Replacement | undefined {
  return values.length < 2 ? undefined : { tail: severalValues(comparison, side) };
}

function like(comparison: Comparison, side: RightSide, { values, isData }: Selection): Replacement | undefined {
  const { operator, escape, isNegated } = comparison;
  const isEscaped = isData && (escape === undefined || escape === LIKE_ESCAPE);
  const escaped = values.map((value) => (isEscaped ? escapeLike(String(value)) : String(value)));
  const isSame = escaped.every((value, index) => value === String(values[index]));
  if (side.format !== undefined || !side.isString || (values.length < 2 && isSame)) {
    return undefined;
  }
  const clause = escape === undefined ? (isSame ? '' : ` ESCAPE ${LIKE_ESCAPE}`) : ` ESCAPE ${escape}`;
  const tails = escaped.map((value) => ` ${operator} ${quoted(value, side.before, side.after)}${clause}`);
  return tails.length === 1 ? { tail: tails[0] } : { tails, joiner: isNegated ? 'AND' : 'OR' };
}

function regex({ operator }: Comparison, side: RightSide, { values, isData }: Selection): Replacement | undefined {
  const isFormatted = side.isString && side.format === 'regex';
  const isEscaped = isData || isFormatted;
  if ((side.format !== undefined && !isFormatted) || (values.length < 2 && !isEscaped)) {
    return undefined;
  }
  const escaped = values.map((value) => (isEscaped ? escapeRegex(String(value)) : String(value)));
  // DataFusion reads a pattern without operators as a LIKE pattern, in which backslashes are escapes. Parentheses
  // prevent this.
  const isGroup = escaped.length > 1 || escaped[0].includes('\\\\');
  const pattern = isGroup ? `(${escaped.join('|')})` : escaped[0];
  return { tail: ` ${operator} ${quoted(pattern, side.before, side.after)}` };
}

const WRITERS = { equality, order, like, regex };

/**
 * SQL for the operator and the right side of a comparison with a variable.
 *
 * @returns undefined if inserting the value is enough, for example for `=` with one value.
 */
export function comparedSql(comparison: Comparison, side: RightSide, selection: Selection): Replacement | undefined {
  const { kind, isNegated } = comparison;
  const isWhole = isWholePattern(side) && (isPlain(side) || (kind === 'regex' && side.format === 'regex'));
  if (isWhole && !isNegated && (selection.isEverything || (kind === 'order' && selection.isAll))) {
    return EVERY_ROW;
  }
  if (isWhole && selection.values.length === 0) {
    return isNegated ? EVERY_ROW : NO_ROW;
  }
  return selection.values.length === 0 ? undefined : WRITERS[kind](comparison, side, selection);
}
