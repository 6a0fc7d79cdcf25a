/**
 * What the author is about to write at the cursor: a table, a column, a macro, or the next keyword. Text in, plain
 * description out; `completion.ts` turns it into suggestions.
 */
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../contract/sql-scan';

/** A table that the query reads, and the name that it goes by. */
export interface TableReference {
  /** Table name, or the view set of `view_instance('…', …)`. */
  table: string;
  alias?: string;
}

export type PositionKind =
  /** Inside a comment or a string. */
  | 'none'
  /** Nothing written yet. */
  | 'statement'
  | 'table'
  /** Behind a table: an alias may follow, or the next clause. */
  | 'clause'
  | 'expression'
  /** Behind `qualifier.`. */
  | 'qualified'
  /** Behind `$`. */
  | 'placeholder';

export interface Position {
  kind: PositionKind;
  /** What the suggestion replaces begins here and ends at the cursor. */
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
const BEHIND_TABLE = new Set(
  'where join inner left right full cross natural on using group order having limit offset union except intersect lateral as tablesample'.split(
    ' '
  )
);

/** The name that a token stands for: quoted as written, bare folded to lower case; undefined for other tokens. */
function nameOf(token: SqlToken | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'quoted-name' ? sqlTokenValue(token) : undefined;
}

/** For each token that opens a parenthesis, the index behind the one that closes it. */
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
  /** Index behind it. */
  next: number;
}

/** Reads the tables of a text, each token once or twice. */
class TableReader {
  readonly #tokens: readonly SqlToken[];
  readonly #ends: Map<number, number>;

  constructor(sql: string) {
    this.#tokens = tokenizeSql(sql).filter((token) => token.kind !== 'comment');
    this.#ends = parenthesisEnds(this.#tokens);
  }

  /** Tables behind every FROM and JOIN. */
  references(): TableReference[] {
    return this.#tokens.flatMap((token, index) => (isSqlWord(token, 'from', 'join') ? this.#listBehind(index) : []));
  }

  #listBehind(keyword: number): TableReference[] {
    const found: TableReference[] = [];
    const isList = isSqlWord(this.#tokens[keyword], 'from');
    let at = keyword + 1;
    for (;;) {
      const { reference, next } = this.#referenceAt(at);
      if (reference === undefined) {
        // A subquery, whose tables are found on their own, or a keyword, which begins what is read next.
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
    if (alias === undefined || (tokens[next].kind === 'word' && BEHIND_TABLE.has(alias))) {
      return { reference: { table }, next };
    }
    return { reference: { table, alias }, next: next + 1 };
  }
}

/** Tables behind every FROM and JOIN of the text. */
export function tableReferences(sql: string): TableReference[] {
  return new TableReader(sql).references();
}

/** The keyword that rules the place behind the last of the tokens, at the same depth of parentheses. */
function rulingClause(before: SqlToken[]): { clause: string; index: number } | undefined {
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

/** What is expected behind the given tokens. */
function kindBehind(before: SqlToken[]): PositionKind {
  const last = before.at(-1);
  if (last === undefined || last.text === ';') {
    return 'statement';
  }
  const ruling = rulingClause(before);
  switch (ruling?.clause) {
    case 'from':
    case 'join':
      return last.text === ',' || ruling.index === before.length - 1 ? 'table' : 'clause';
    case 'with':
    case 'explain':
    case 'analyze':
      return 'statement';
    case '(':
      // A parenthesis may open a subquery, which begins as a statement does: `expression` offers SELECT as well.
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
    // Variables are written inside strings too.
    return { kind: 'placeholder', start: placeholder.index, tables };
  }
  if (last?.isClosed === false && last.kind !== 'quoted-name' && (last.kind === 'string' || last.end === offset)) {
    return { kind: 'none', start: offset, tables };
  }
  const isTyping = last !== undefined && last.end === offset && (nameOf(last) !== undefined || last.kind === 'number');
  const start = isTyping ? last.start : offset;
  const settled = (isTyping ? before.slice(0, -1) : before).filter((token) => token.kind !== 'comment');
  if (settled.at(-1)?.text === '.') {
    return { kind: 'qualified', start, qualifier: nameOf(settled.at(-2)), tables };
  }
  return { kind: kindBehind(settled), start, tables };
}
