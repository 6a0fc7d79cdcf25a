/**
 * Finds the SELECTs of SQL, the tables that each SELECT reads, and the columns that each SELECT returns. Unlike a
 * parser, this file accepts SQL while the author types: parentheses and quotes may be open, and clauses may be
 * incomplete.
 *
 * Reads the tokens once, with a stack of parentheses, so SQL of any depth needs linear time and no recursion.
 */
import { StringMap } from '../../../contract/string-map';
import { isSqlWord, type SqlToken, sqlTokenValue, tokenizeSql } from '../../../contract/sql/sql-scan';
import { cteNamed, Level, tokenName, type OutlineSource, type Purpose, type SelectOutline } from './outline-level';
import { projectionsOf } from './projection';

/**
 * Maximum number of tokens of an item of a SELECT list. Longer items are left out: an item contains the SELECTs that
 * are nested in it, so reading the items of every level would take quadratic time.
 */
const MAX_ITEM_TOKENS = 10_000;

const REST = 'where group having order limit offset window qualify fetch'.split(' ');
/** Functions whose arguments may contain FROM. */
const WITH_FROM = ['extract', 'substring', 'trim', 'overlay', 'position'];

class OutlineReader {
  readonly #tokens: readonly SqlToken[];
  readonly #length: number;
  readonly scopes: SelectOutline[] = [];
  #levels: Level[];

  constructor(tokens: readonly SqlToken[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
    this.#levels = [new Level('top', 0, undefined)];
  }

  read(): SelectOutline[] {
    this.#tokens.forEach((token, index) => this.#readToken(token, index));
    while (this.#levels.length > 0) {
      this.#closeScope(this.#tokens.length, this.#length);
      this.#leave(this.#tokens.length);
    }
    return this.scopes;
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1];
  }

  #readToken(token: SqlToken, index: number): void {
    const level = this.#level;
    if (token.raw === '(') {
      this.#enter(index);
    } else if (token.raw === ')') {
      if (this.#levels.length > 1) {
        this.#closeScope(index, token.start);
        this.#leave(index);
      }
    } else if (token.raw === ';' && this.#levels.length === 1) {
      this.#closeScope(index, token.start);
      this.#levels = [new Level('top', index + 1, undefined)];
    } else if (token.raw === ',') {
      this.#readComma(level, index);
    } else if (!(token.kind === 'word' && this.#readKeyword(token, index))) {
      this.#readOther(level, token, index);
    }
  }

  /** @returns False for a word that is not a keyword here. */
  #readKeyword(token: SqlToken, index: number): boolean {
    const level = this.#level;
    const word = token.raw.toLowerCase();
    switch (word) {
      case 'with':
        if (level.scope !== undefined || level.clause !== 'none') {
          return false;
        }
        level.clause = 'with';
        level.ctes = { queries: new StringMap(), outer: level.ctes };
        return true;
      case 'select':
        this.#closeScope(index, token.start);
        this.#openScope(token.start);
        level.clause = 'select';
        level.item = index + 1;
        return true;
      case 'from':
        return this.#readFrom(token, index);
      case 'join':
        return level.scope !== undefined && level.startReference();
      case 'union':
      case 'except':
      case 'intersect':
        if (this.#tokens[index - 1]?.raw !== '*') {
          this.#closeScope(index, token.start);
          level.clause = 'none';
        }
        return true;
      default:
        return this.#readClause(level, word, index);
    }
  }

  #readClause(level: Level, word: string, index: number): boolean {
    if (level.scope !== undefined && REST.includes(word)) {
      this.#endItem(level, index);
      level.clause = 'rest';
      return true;
    }
    if (level.clause === 'from' && (word === 'on' || word === 'using')) {
      level.expects = 'nothing';
      return true;
    }
    return false;
  }

  #readFrom(token: SqlToken, index: number): boolean {
    let level = this.#level;
    const isOpen = ({ purpose, scope, first }: Level) =>
      (purpose === 'expression' || purpose === 'arguments') &&
      scope === undefined &&
      !isSqlWord(this.#tokens[first - 2], ...WITH_FROM);
    // `SELECT count( FROM t`: the author has not closed the parenthesis yet.
    while (isOpen(level) && this.#levels.length > 1) {
      this.#levels.pop();
      level = this.#level;
    }
    const isComparison = isSqlWord(this.#tokens[index - 1], 'distinct') && level.clause === 'rest';
    if (isComparison || (level.scope === undefined && level.purpose === 'expression')) {
      return true;
    }
    if (level.scope === undefined) {
      this.#openScope(token.start);
    }
    this.#endItem(level, index);
    return level.startReference();
  }

  #readComma(level: Level, index: number): void {
    if (level.clause === 'select') {
      this.#endItem(level, index);
      level.item = index + 1;
    } else if (level.clause === 'from') {
      level.startReference();
    }
  }

  /** Reads a token that is not a keyword. Only tokens of the FROM and WITH clauses matter. */
  #readOther(level: Level, token: SqlToken, index: number): void {
    const previous = this.#tokens[index - 1];
    const name = tokenName(token);
    if (level.clause === 'with') {
      if (name !== undefined && (previous?.raw === ',' || isSqlWord(previous, 'with', 'recursive'))) {
        level.cteName = name;
        level.nameEnd = index;
      }
      return;
    }
    if (level.clause === 'from') {
      level.readReference(token, index);
    }
  }

  #enter(index: number): void {
    const outer = this.#level;
    const purpose = this.#purposeOf(outer, index);
    const level = new Level(purpose, index + 1, outer.ctes);
    if (purpose === 'join-group') {
      level.scope = outer.scope;
      level.startReference();
    } else if (purpose === 'expression' || purpose === 'arguments') {
      level.outer = outer.scope ?? outer.outer;
    }
    this.#levels.push(level);
  }

  #purposeOf({ clause, expects, nameEnd, cteName }: Level, index: number): Purpose {
    const isAfterName = nameEnd === index - 1;
    if (clause === 'with' && cteName !== undefined) {
      return isAfterName ? 'cte-columns' : 'cte';
    }
    if (clause !== 'from') {
      return 'expression';
    }
    if (expects === 'reference') {
      const next = this.#tokens[index + 1];
      const isGroup =
        next?.raw === '(' || (tokenName(next) !== undefined && !isSqlWord(next, 'select', 'with', 'values'));
      return isGroup ? 'join-group' : 'subquery';
    }
    return isAfterName ? (expects === 'alias' ? 'arguments' : 'alias-columns') : 'expression';
  }

  /** @param index Index of the closing parenthesis, or the number of tokens. */
  #leave(index: number): void {
    const level = this.#levels.pop();
    const outer = this.#levels.at(-1);
    if (level === undefined || outer === undefined) {
      return;
    }
    const { source, ctes, cteName } = outer;
    switch (level.purpose) {
      case 'subquery': {
        const { start, end } = this.#tokens[level.first - 1];
        outer.addSource({ name: undefined, table: undefined, start, end, query: level.firstScope }, index);
        break;
      }
      case 'join-group':
        outer.expects = 'nothing';
        break;
      case 'arguments':
        if (source?.table === 'view_instance') {
          Object.assign(source, this.#instance(level.first, index, source));
        }
        break;
      case 'alias-columns':
        if (source !== undefined) {
          source.columnNames = this.#names(level.first, index);
        }
        break;
      case 'cte-columns':
      case 'cte':
        if (ctes !== undefined && cteName !== undefined) {
          const known = ctes.queries.get(cteName);
          const columnNames = level.purpose === 'cte-columns' ? this.#names(level.first, index) : known?.columnNames;
          ctes.queries.set(cteName, { query: level.firstScope, ...(columnNames && { columnNames }) });
        }
        break;
    }
  }

  #names(first: number, end: number): string[] {
    return this.#tokens.slice(first, end).flatMap((token) => tokenName(token) ?? []);
  }

  /** The view set and the id of `view_instance('set', 'id')`. */
  #instance(first: number, end: number, { start, end: nameEnd }: OutlineSource): Partial<OutlineSource> {
    const [set, comma, id] = this.#tokens.slice(first, Math.min(end, first + 3));
    if (set?.kind !== 'string') {
      return {};
    }
    const table = sqlTokenValue(set);
    const value = comma?.raw === ',' && id?.kind === 'string' ? sqlTokenValue(id) : '';
    const isFixed = value !== '' && !value.includes('$');
    return { table, name: table, start, end: nameEnd, ...(isFixed && { instanceId: value }) };
  }

  #openScope(start: number): void {
    const level = this.#level;
    const scope: SelectOutline = {
      start,
      end: this.#length,
      sources: [],
      projections: [],
      ctes: level.ctes,
      outer: level.outer,
    };
    level.scope = scope;
    level.firstScope ??= scope;
    this.scopes.push(scope);
  }

  #closeScope(index: number, end: number): void {
    const level = this.#level;
    if (level.scope !== undefined && level.purpose !== 'join-group') {
      this.#endItem(level, index);
      level.scope.end = end;
    }
    level.scope = level.purpose === 'join-group' ? level.scope : undefined;
  }

  /** Ends the current item of the SELECT list before the token at `index`. */
  #endItem(level: Level, index: number): void {
    if (level.clause === 'select' && level.item < index && index - level.item <= MAX_ITEM_TOKENS) {
      level.scope?.projections.push(...projectionsOf(this.#tokens.slice(level.item, index)));
    }
  }
}

/** The SELECTs of SQL, in the order of their first words. */
export function sqlOutline(sql: string): SelectOutline[] {
  const tokens = tokenizeSql(sql).filter((token) => token.kind !== 'comment');
  return new OutlineReader(tokens, sql.length).read();
}

/** The innermost SELECT at an offset. */
export function scopeAt(scopes: readonly SelectOutline[], offset: number): SelectOutline | undefined {
  let found: SelectOutline | undefined;
  for (const scope of scopes) {
    if (scope.start <= offset && offset <= scope.end && (found === undefined || scope.start >= found.start)) {
      found = scope;
    }
  }
  return found;
}

/** Names of the tables after every FROM and JOIN, without CTEs, in the order of the SELECTs. A name may repeat. */
export function tableNamesIn(sql: string): string[] {
  return sqlOutline(sql).flatMap(({ sources, ctes }) =>
    sources.flatMap(({ table }) => (table === undefined || cteNamed(ctes, table) !== undefined ? [] : [table]))
  );
}
