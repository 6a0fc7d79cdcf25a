/** Finds the use of a literal: a value that is compared with a column, or the argument of a function. */
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { enclosingBrackets } from './calls';
import { type NamedColumn } from './scope-columns';
import { tokenName } from './outline-level';

/** A column, or a property in a JSON column. */
export interface ValueOwner extends NamedColumn {
  /** Key of the property. */
  property?: string;
}

/** True for a column with the name `level`. In the tables of log entries, its values are the numbers of levels. */
export function isLevelColumn(owner: ValueOwner | undefined): boolean {
  return owner?.name === 'level' && owner.property === undefined;
}

/** The argument of a function. */
export interface ArgumentContext {
  /** Name in lower case; macros with their dollar sign. */
  name: string;
  /** From 0. */
  index: number;
  /** Tokens of the preceding arguments. */
  before: SqlToken[];
}

const OPERATORS = new Set(['=', '<', '>', '!', '~', '*']);

/** The column that ends before the token at `end`. */
export function columnBefore(tokens: readonly SqlToken[], end: number): NamedColumn | undefined {
  const name = tokenName(tokens[end - 1]);
  if (name === undefined) {
    return undefined;
  }
  const qualifier = tokens[end - 2]?.raw === '.' ? tokenName(tokens[end - 3]) : undefined;
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

/** The column, or `property_get(column, 'key')`, that ends before the token at `end`. */
function ownerBefore(tokens: readonly SqlToken[], end: number, enclosing: readonly number[]): ValueOwner | undefined {
  if (tokens[end - 1]?.raw !== ')') {
    return columnBefore(tokens, end);
  }
  const open = enclosing[end - 1];
  const key = tokens[end - 2];
  if (!isSqlWord(tokens[open - 1], 'property_get') || key?.kind !== 'string' || tokens[end - 3]?.raw !== ',') {
    return undefined;
  }
  const column = columnBefore(tokens, end - 3);
  return column && { ...column, property: sqlTokenValue(key) };
}

/**
 * The column that is compared with the literal at `next`. The tokens before `next` must end with a comparison operator,
 * or inside an IN list.
 *
 * @param tokens    Without comments.
 * @param next      Index of the literal. Default: after the last token.
 * @param enclosing The brackets that contain the tokens. A caller that reads many literals passes them.
 */
export function comparedBefore(
  tokens: readonly SqlToken[],
  next = tokens.length,
  enclosing = enclosingBrackets(tokens)
): ValueOwner | undefined {
  let end = next;
  const last = tokens[end - 1];
  if (last?.raw === '(' || last?.raw === ',') {
    while (end > 0 && (tokens[end - 1].raw === ',' || /^(string|number|placeholder)$/.test(tokens[end - 1].kind))) {
      end--;
    }
    if (tokens[end - 1]?.raw !== '(' || !isSqlWord(tokens[end - 2], 'in')) {
      return undefined;
    }
    end -= 2;
  } else if (isSqlWord(last, 'like', 'ilike')) {
    end--;
  } else {
    while (OPERATORS.has(tokens[end - 1]?.raw)) {
      end--;
    }
    if (end === next) {
      return undefined;
    }
  }
  return ownerBefore(tokens, isSqlWord(tokens[end - 1], 'not') ? end - 1 : end, enclosing);
}

/** The function call that is still open after the tokens, and the index of the argument at this place. */
export function argumentBefore(tokens: readonly SqlToken[]): ArgumentContext | undefined {
  let depth = 0;
  let index = 0;
  for (let at = tokens.length - 1; at > 0; at--) {
    const { raw } = tokens[at];
    if (raw === ')') {
      depth++;
    } else if (raw === ',' && depth === 0) {
      index++;
    } else if (raw === '(' && depth > 0) {
      depth--;
    } else if (raw === '(') {
      const before = tokens[at - 1];
      const name = before.kind === 'placeholder' ? before.raw : tokenName(before);
      return name === undefined ? undefined : { name, index, before: tokens.slice(at + 1) };
    }
  }
  return undefined;
}
