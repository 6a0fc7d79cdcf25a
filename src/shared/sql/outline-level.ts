/** Types of the SELECTs that `sql-outline.ts` finds, and the reader of one level of parentheses. */
import { type StringMap } from '../../../contract/string-map';
import { isSqlWord, type SqlToken, sqlTokenValue } from '../../../contract/sql/sql-scan';
import { type Projection } from './projection';

/** A table, CTE, view or subquery in FROM or JOIN. */
export interface OutlineSource {
  /** The alias, or else the name of the table. Undefined for a subquery without alias. */
  name: string | undefined;
  /** Table or CTE, or the view set of `view_instance('…', …)`. Undefined for a subquery and for a variable. */
  table: string | undefined;
  /** Offsets of the name of the table in the SQL, or of the `(` of a subquery. */
  start: number;
  end: number;
  /** Process or stream of `view_instance`. Undefined for a variable. */
  instanceId?: string;
  /** The subquery. */
  query?: SelectOutline;
  /** Column names after the alias: `t(a, b)`. */
  columnNames?: string[];
}

/** A WITH clause. The CTEs of the WITH clauses around it are visible, too. */
export interface CteList {
  queries: StringMap<{ query: SelectOutline | undefined; columnNames?: string[] }>;
  outer: CteList | undefined;
}

/**
 * Maximum number of enclosing WITH clauses that are searched for a name. Queries that people write have a few. Without
 * a maximum, the search for the tables of deeply nested SQL takes quadratic time.
 */
const MAX_CTE_DEPTH = 100;

/** The CTE that a name in FROM refers to. */
export function cteNamed(list: CteList | undefined, name: string): ReturnType<CteList['queries']['get']> {
  for (let at = list, depth = 0; at !== undefined && depth < MAX_CTE_DEPTH; at = at.outer, depth++) {
    const found = at.queries.get(name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** One SELECT, which may lack any of its clauses. Offsets are UTF-16 units. */
export interface SelectOutline {
  /** Offsets of its SQL. */
  start: number;
  end: number;
  sources: OutlineSource[];
  /** The items of its SELECT list. */
  projections: Projection[];
  /** The WITH clause whose CTEs this SELECT can use. Undefined without a WITH clause. */
  ctes: CteList | undefined;
  /** The outer SELECT, if this SELECT is in an expression of the outer SELECT and can use its columns. */
  outer: SelectOutline | undefined;
}

/** Words that may follow a table and are not its alias. */
const AFTER_TABLE = new Set(
  'where join inner left right full cross natural on using group order having limit offset union except intersect lateral as tablesample window qualify fetch'.split(
    ' '
  )
);
/** The name in a token: a quoted name as written, an unquoted name in lower case; undefined for other tokens. */
export function tokenName(token: SqlToken | undefined): string | undefined {
  return token?.kind === 'word' || token?.kind === 'quoted-name' ? sqlTokenValue(token) : undefined;
}

export type Purpose =
  'top' | 'subquery' | 'join-group' | 'arguments' | 'alias-columns' | 'cte' | 'cte-columns' | 'expression';

/** The SQL between two parentheses, or the whole SQL. Keeps the state of the reader between two tokens. */
export class Level {
  readonly purpose: Purpose;
  /** Index of its first token. */
  readonly first: number;
  clause: 'none' | 'with' | 'select' | 'from' | 'rest' = 'none';
  scope: SelectOutline | undefined;
  firstScope: SelectOutline | undefined;
  outer: SelectOutline | undefined;
  ctes: CteList | undefined;
  /** Index of the first token of the current item after SELECT. */
  item: number;
  /** The part of the FROM clause that may come next. */
  expects: 'reference' | 'part' | 'alias' | 'nothing' = 'nothing';
  source: OutlineSource | undefined;
  /** Index of the last token of the name of the table, of its alias, or of the name of the CTE. */
  nameEnd = -1;
  cteName: string | undefined;

  constructor(purpose: Purpose, first: number, ctes: CteList | undefined) {
    this.purpose = purpose;
    this.first = first;
    this.ctes = ctes;
    this.item = first;
  }

  /** Called after FROM, JOIN, a comma or the `(` of a group of joins. @returns Always true: the token has been read. */
  startReference(): true {
    this.clause = 'from';
    this.expects = 'reference';
    this.source = undefined;
    return true;
  }

  /** Reads a token of the FROM clause. */
  readReference(token: SqlToken, index: number): void {
    const name = tokenName(token);
    const isAlias = name !== undefined && !(token.kind === 'word' && AFTER_TABLE.has(name));
    if (this.expects === 'reference' && (token.kind === 'placeholder' || isAlias)) {
      this.addSource({ name, table: name, start: token.start, end: token.end }, index);
    } else if (this.expects === 'alias' && token.raw === '.' && this.nameEnd === index - 1) {
      this.expects = 'part';
    } else if (this.expects === 'part' && this.source !== undefined) {
      Object.assign(this.source, { name, table: name, start: token.start, end: token.end });
      this.expects = 'alias';
      this.nameEnd = index;
    } else if (this.expects === 'alias' && isAlias && this.source !== undefined) {
      this.source.name = name;
      this.expects = 'nothing';
      this.nameEnd = index;
    } else if (this.expects === 'alias' && !isSqlWord(token, 'as')) {
      this.expects = 'nothing';
    }
  }

  addSource(source: OutlineSource, index: number): void {
    this.scope?.sources.push(source);
    this.source = source;
    this.expects = 'alias';
    this.nameEnd = index;
  }
}
