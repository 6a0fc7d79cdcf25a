/** Calls of functions and macros in SQL. */
import { type SqlToken } from '../../../contract/sql/sql-scan';

/** The parentheses of a call. */
export interface SqlCall {
  open: SqlToken;
  /** Commas between the arguments. */
  commas: SqlToken[];
  close: SqlToken;
}

/** The call whose opening parenthesis is the token at `index`. Undefined if the parenthesis is not closed. */
export function callAt(tokens: readonly SqlToken[], index: number): SqlCall | undefined {
  const commas: SqlToken[] = [];
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    const token = tokens[at];
    depth += '(['.includes(token.raw) ? 1 : ')]'.includes(token.raw) ? -1 : 0;
    if (token.raw === ',' && depth === 1) {
      commas.push(token);
    } else if (depth === 0) {
      return token.raw === ')' ? { open: tokens[index], commas, close: token } : undefined;
    }
  }
  return undefined;
}

/** All closed calls, by the index of their opening parenthesis. Reads each token once. */
export function callsIn(tokens: readonly SqlToken[]): ReadonlyMap<number, SqlCall> {
  const calls = new Map<number, SqlCall>();
  const opened: Array<{ index: number; commas: SqlToken[] }> = [];
  tokens.forEach((token, index) => {
    if (token.raw === '(' || token.raw === '[') {
      opened.push({ index, commas: [] });
    } else if (token.raw === ',') {
      opened.at(-1)?.commas.push(token);
    } else if (token.raw === ')' || token.raw === ']') {
      const call = opened.pop();
      if (call !== undefined && token.raw === ')' && tokens[call.index].raw === '(') {
        calls.set(call.index, { open: tokens[call.index], commas: call.commas, close: token });
      }
    }
  });
  return calls;
}

/**
 * For each token, the index of the innermost bracket, `(` or `[`, that contains it, or -1. A closing bracket counts as
 * inside of its own brackets. Reads each token once.
 */
export function enclosingBrackets(tokens: readonly SqlToken[]): readonly number[] {
  const open: number[] = [];
  return tokens.map(({ raw }, index) => {
    const enclosing = open.at(-1) ?? -1;
    if (raw === '(' || raw === '[') {
      open.push(index);
    } else if (raw === ')' || raw === ']') {
      open.pop();
    }
    return enclosing;
  });
}
