/**
 * Finds out what the SQL expects at the cursor: a table, a column, a macro, or the next keyword. `completion.ts` makes
 * suggestions from the result.
 */
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../contract/sql-scan';

/** A table that the query reads, with its alias. */
export interface TableReference {
  /** Table name, or the view set of `view_instance('…', …)`. */
  table: string;
  alias?: string;
}

export type PositionKind =
  /** Inside a comment or a string. */
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
  | 'placeholder';

export interface Position {
  kind: PositionKind;
  /** A suggestion replaces the text from here to the cursor. */
  start: number;
  /** Name before the dot, when `kind` is `qualified`. */
  qualifier?: string;
  tables: TableReference[];
}

const CLAUSES = new Set(
  'select distinct from join where having on and or not by when then else case in between like ilike using union except intersect limit offset set as values with explain analyze'.split(
    ' '
  )
);
/** Words that follow a table and are no alias. */
const AFTER_TABLE = new Set(
  'where join inner left right full cross natural on using group order having limit offset union except intersect lateral as tablesample'.split(
    ' '
  )
);

/** The name in a token: a quoted name as written, an unquoted name in lower case; undefined for other tokens. */
function nameOf(token: SqlToken | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'quoted-name' ? sqlTokenValue(token) : undefined;
}

/** For each token that opens a parenthesis, the index after the token that closes it. */
function parenthesisEnds(tokens: readonly SqlToken[]): Map<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach(({ kind, text }, index) => {
    if (kind === 'symbol' && text === '(') {
      open.push(index);
    } else if (kind === 'symbol' && text === ')') {
      const start = open.pop();
      if (start !== undefined) {
        ends.set(start, index + 1);
      }
    }
  });
  return ends;
}

interface FoundReference {
  reference?: TableReference;
  /** Index of the token after the reference. */
  next: number;
}

/** Finds the tables of a query. Reads each token at most twice. */
class TableReader {
  readonly #tokens: readonly SqlToken[];
  readonly #ends: Map<number, number>;

  constructor(sql: string) {
    this.#tokens = tokenizeSql(sql).filter((token) => token.kind !== 'comment');
    this.#ends = parenthesisEnds(this.#tokens);
  }

  /** Tables after every FROM and JOIN. */
  references(): TableReference[] {
    return this.#tokens.flatMap((token, index) => (isSqlWord(token, 'from', 'join') ? this.#listAfter(index) : []));
  }

  #listAfter(keyword: number): TableReference[] {
    const found: TableReference[] = [];
    const isList = isSqlWord(this.#tokens[keyword], 'from');
    let at = keyword + 1;
    for (;;) {
      const { reference, next } = this.#referenceAt(at);
      if (reference === undefined) {
        // A subquery or a keyword. The tables of a subquery are found at its own FROM.
        return found;
      }
      found.push(reference);
      if (!isList || this.#tokens[next]?.text !== ',') {
        return found;
      }
      at = next + 1;
    }
  }

  #referenceAt(index: number): FoundReference {
    const tokens = this.#tokens;
    const name = isSqlWord(tokens[index], 'from', 'join') ? undefined : nameOf(tokens[index]);
    if (name === undefined) {
      return { next: index };
    }
    let table = name;
    let next = index + 1;
    while (tokens[next]?.text === '.') {
      table = nameOf(tokens[next + 1]) ?? table;
      next += 2;
    }
    if (tokens[next]?.text === '(') {
      const argument = tokens[next + 1];
      table = table === 'view_instance' && argument?.kind === 'string' ? sqlTokenValue(argument) : table;
      next = this.#ends.get(next) ?? tokens.length;
    }
    if (isSqlWord(tokens[next], 'as')) {
      next++;
    }
    const alias = nameOf(tokens[next]);
    if (alias === undefined || (tokens[next].kind === 'word' && AFTER_TABLE.has(alias))) {
      return { reference: { table }, next };
    }
    return { reference: { table, alias }, next: next + 1 };
  }
}

/** Tables after every FROM and JOIN of the text. */
export function tableReferences(sql: string): TableReference[] {
  return new TableReader(sql).references();
}

/** The last keyword of a clause at the current depth of parentheses, or the parenthesis that opened it. */
function currentClause(before: SqlToken[]): { clause: string; index: number } | undefined {
  let depth = 0;
  for (let index = before.length - 1; index >= 0; index--) {
    const { kind, text } = before[index];
    const word = text.toLowerCase();
    if (kind === 'symbol' && text === ')') {
      depth++;
    } else if (kind === 'symbol' && text === '(') {
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

/** What is expected after the given tokens. */
function kindAfter(before: SqlToken[]): PositionKind {
  const last = before.at(-1);
  if (last === undefined || last.text === ';') {
    return 'statement';
  }
  const current = currentClause(before);
  switch (current?.clause) {
    case 'from':
    case 'join':
      return last.text === ',' || current.index === before.length - 1 ? 'table' : 'clause';
    case 'with':
    case 'explain':
    case 'analyze':
      return 'statement';
    case '(':
      // A parenthesis may open a subquery, so the suggestions for `expression` include SELECT.
      return 'expression';
    default:
      return 'expression';
  }
}

/**
 * @param sql    The whole text.
 * @param offset Cursor, in UTF-16 units.
 */
export function positionAt(sql: string, offset: number): Position {
  const before = tokenizeSql(sql.slice(0, offset));
  const last = before.at(-1);
  const tables = tableReferences(sql);
  const placeholder = /\$(?:\{)?\w*$/.exec(sql.slice(0, offset));
  if (placeholder && last?.kind !== 'comment') {
    // Variables are also used inside strings.
    return { kind: 'placeholder', start: placeholder.index, tables };
  }
  if (last?.isClosed === false && last.kind !== 'quoted-name' && (last.kind === 'string' || last.end === offset)) {
    return { kind: 'none', start: offset, tables };
  }
  const isTyping = last !== undefined && last.end === offset && (nameOf(last) !== undefined || last.kind === 'number');
  const start = isTyping ? last.start : offset;
  const complete = (isTyping ? before.slice(0, -1) : before).filter((token) => token.kind !== 'comment');
  if (complete.at(-1)?.text === '.') {
    return { kind: 'qualified', start, qualifier: nameOf(complete.at(-2)), tables };
  }
  return { kind: kindAfter(complete), start, tables };
}
