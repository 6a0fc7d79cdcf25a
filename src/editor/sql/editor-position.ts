/**
 * Finds out what the SQL expects at the cursor: a table, a column, a macro, a value inside quotes, or the next keyword.
 * `completion.ts` makes suggestions from the result.
 */
import { type SqlToken, sqlTokenValue, tokenizeSql } from '../../../contract/sql/sql-scan';
import {
  argumentBefore,
  type ArgumentContext,
  comparedBefore,
  type ValueOwner,
} from '../../shared/sql/literal-context';
import { tokenName, type SelectOutline } from '../../shared/sql/outline-level';
import { scopeAt, sqlOutline } from '../../shared/sql/sql-outline';

export type PositionKind =
  /** Inside a comment. */
  | 'none'
  /** At the start of a statement. */
  | 'statement'
  | 'table'
  /** After a table: an alias or the next clause may follow. */
  | 'clause'
  | 'expression'
  /** After `qualifier.`. */
  | 'qualified'
  /** After `$`. */
  | 'placeholder'
  /** Inside single quotes. */
  | 'string';

/** The kind of SQL that may follow at the cursor. Offsets are UTF-16 units. */
export interface Position {
  kind: PositionKind;
  /** A suggestion replaces the SQL from here to `end`. Inside quotes, from the first character after the quote. */
  start: number;
  end: number;
  /** Name before the dot, when `kind` is `qualified`. */
  qualifier?: string;
  /** The column that is compared with the literal at the cursor. */
  compared?: ValueOwner;
  /** The function whose argument is at the cursor. */
  argument?: ArgumentContext;
  /** Inside quotes: the string before the cursor. */
  typed?: string;
  /** Inside quotes: false if the author has not typed the closing quote. */
  isClosed?: boolean;
  /** All SELECTs of the SQL. */
  scopes: readonly SelectOutline[];
  /** The SELECT at the cursor. */
  scope: SelectOutline | undefined;
}

const CLAUSES = new Set(
  'select distinct from join where having on and or not by when then else case in between like ilike using union except intersect limit offset set as values with explain analyze'.split(
    ' '
  )
);

/**
 * The last keyword of `CLAUSES` in the innermost parentheses around the cursor. If they contain no such keyword, the
 * opening parenthesis.
 */
function currentClause(before: readonly SqlToken[]): { clause: string; index: number } | undefined {
  let depth = 0;
  for (let index = before.length - 1; index >= 0; index--) {
    const { kind, raw } = before[index];
    const word = raw.toLowerCase();
    if (kind === 'symbol' && raw === ')') {
      depth++;
    } else if (kind === 'symbol' && raw === '(') {
      if (depth === 0) {
        return { clause: '(', index };
      }
      depth--;
    } else if (kind === 'word' && depth === 0 && CLAUSES.has(word)) {
      return { clause: word, index };
    }
  }
  return undefined;
}

/** The kind of SQL that is expected after the given tokens. */
function kindAfter(before: readonly SqlToken[]): PositionKind {
  const last = before.at(-1);
  if (last === undefined || last.raw === ';') {
    return 'statement';
  }
  const current = currentClause(before);
  switch (current?.clause) {
    case 'from':
    case 'join':
      return last.raw === ',' || current.index === before.length - 1 ? 'table' : 'clause';
    case 'with':
    case 'explain':
    case 'analyze':
      return 'statement';
    default:
      // A parenthesis may open a subquery, so the suggestions for `expression` include SELECT.
      return 'expression';
  }
}

/**
 * The offset of the quote that closes the literal at the cursor. Undefined if the rest of the line has an even number
 * of quotes: these belong to other literals, and the author has not typed the closing quote.
 */
function closingQuote(sql: string, offset: number): number | undefined {
  const lineEnd = sql.indexOf('\n', offset);
  const rest = sql.slice(offset, lineEnd < 0 ? sql.length : lineEnd);
  const quotes = rest.split("'").length - 1;
  return quotes % 2 === 1 ? offset + rest.indexOf("'") : undefined;
}

/**
 * What the SQL expects at the cursor.
 *
 * @param sql    The whole SQL.
 * @param offset Cursor, in UTF-16 units.
 */
export function positionAt(sql: string, offset: number): Position {
  const before = tokenizeSql(sql.slice(0, offset));
  const last = before.at(-1);
  const scopes = sqlOutline(sql);
  const at = { scopes, scope: scopeAt(scopes, offset) };
  const placeholder = /\$(?:\{)?\w*$/.exec(sql.slice(0, offset));
  if (placeholder && last?.kind !== 'comment') {
    // Variables are also used inside strings.
    const isBraceClosed = placeholder[0].startsWith('${') && sql[offset] === '}';
    return { ...at, kind: 'placeholder', start: placeholder.index, end: isBraceClosed ? offset + 1 : offset };
  }
  if (last?.kind === 'string' && !last.isClosed) {
    return { ...at, ...stringPosition(sql, offset, before) };
  }
  if (last?.kind === 'comment' && !last.isClosed) {
    return { ...at, kind: 'none', start: offset, end: offset };
  }
  const isTyping = last?.end === offset && (tokenName(last) !== undefined || last.kind === 'number');
  const start = isTyping ? last.start : offset;
  const complete = (isTyping ? before.slice(0, -1) : before).filter((token) => token.kind !== 'comment');
  if (complete.at(-1)?.raw === '.') {
    const qualifier = tokenName(complete.at(-2));
    return { ...at, kind: 'qualified', start, end: offset, ...(qualifier !== undefined && { qualifier }) };
  }
  const compared = comparedBefore(complete);
  return { ...at, kind: kindAfter(complete), start, end: offset, ...(compared && { compared }) };
}

/** The position inside the quotes of a literal. @param before The tokens before the cursor, the literal last. */
function stringPosition(sql: string, offset: number, before: readonly SqlToken[]): Omit<Position, 'scopes' | 'scope'> {
  const literal = before[before.length - 1];
  const complete = before.slice(0, -1).filter((token) => token.kind !== 'comment');
  const close = closingQuote(sql, offset);
  const compared = comparedBefore(complete);
  const argument = compared === undefined ? argumentBefore(complete) : undefined;
  return {
    kind: 'string',
    start: literal.start + 1,
    end: close ?? offset,
    typed: sqlTokenValue(literal),
    isClosed: close !== undefined,
    ...(compared && { compared }),
    ...(argument && { argument }),
  };
}
