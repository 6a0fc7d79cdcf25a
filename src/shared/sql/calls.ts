/** Calls of functions and macros in SQL. */
import { type SqlToken } from '../../../contract/sql/sql-scan';

/** The parentheses of a call. */
export interface SqlCall {
  open: SqlToken;
  /** Commas between the arguments. */
  commas: SqlToken[];
  close: SqlToken;
}

/** The call whose opening parenthesis is the token at `index`. Undefined if it is not closed. */
export function callAt(tokens: readonly SqlToken[], index: number): SqlCall | undefined {
  const commas: SqlToken[] = [];
  let depth = 0;
  for (const token of tokens.slice(index)) {
    depth += '(['.includes(token.raw) ? 1 : ')]'.includes(token.raw) ? -1 : 0;
    if (token.raw === ',' && depth === 1) {
      commas.push(token);
    } else if (depth === 0) {
      return token.raw === ')' ? { open: tokens[index], commas, close: token } : undefined;
    }
  }
  return undefined;
}
