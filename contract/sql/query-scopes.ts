/**
 * The SELECTs of a statement: their sources, their columns, and the positions of their clauses in the author's SQL.
 *
 * All offsets are UTF-16 units in the author's SQL. Names are as the server knows them: in lower case unless they are
 * written with quotes.
 */
import { isAggregateFunction } from './aggregates';
import { type LinePositions, type ParsedSql, type TreeNode } from './sql-parser';
import { CodeTokens, type SelectClauses } from './select-clauses';
import {
  child,
  childrenOf,
  columnName,
  isQueryNode,
  listOf,
  nameOf,
  objectName,
  type SqlName,
  literalString,
  variantOf,
} from './syntax-tree';

/** A table, function, subquery or CTE in a FROM clause. */
export interface SqlSource {
  /**
   * The name of the source as written in the SQL, possibly with quotes. Used before the dot of a column, as in `l.exe`.
   * Undefined if the source has no name.
   */
  qualifier: string | undefined;
  /**
   * Name of the source in this SELECT: its alias or, if it has no alias, the name of its table or CTE. Undefined for
   * any other source without an alias.
   */
  name: string | undefined;
  /** Names that the alias gives to the columns, as in `AS a (x, y)`. Empty if there is no such list. */
  columnAliases: readonly string[];
  /** True if an outer join fills the columns with nulls when the source has no matching row. */
  isOptional: boolean;
  /** True if the columns cannot be used in WHERE, as on the right of a semi join. */
  isHidden: boolean;
  /**
   * Offset of the name of the table or function. If there is no such name, offset of the alias. If there is no alias
   * either, offset of the SELECT.
   */
  start: number;
  /** The table, function or query that is read. */
  origin: SourceOrigin;
}

export type SourceOrigin =
  | { kind: 'table'; table: string }
  /**
   * A table function such as `view_instance('otel_spans', '…')`. An argument that is not a string literal is undefined.
   */
  | { kind: 'function'; name: string; args: ReadonlyArray<string | undefined> }
  /** A subquery or a CTE. */
  | { kind: 'query'; query: QueryShape; cte: string | undefined }
  /** Anything else, such as a table of another schema. */
  | { kind: 'other' };

/** An item of a SELECT list. */
export type SelectItem =
  /** `*` or `t.*`. `isChanged` is true with options such as EXCEPT, RENAME or REPLACE. */
  | { kind: 'wildcard'; qualifier: string | undefined; isChanged: boolean }
  | {
      kind: 'expression';
      /** Alias, or name of the column. Undefined for an expression without an alias. */
      name: string | undefined;
      /** The column, if the expression consists only of a column. */
      column: ColumnUse | undefined;
      /**
       * The property of a JSONB column, if the expression consists only of `property_get(column, 'key')`, or of a cast
       * of this call to a string.
       */
      property?: { column: ColumnUse; key: string };
    };

/** A column as it is written: `exe`, `l.exe`. */
export interface ColumnUse {
  qualifier: string | undefined;
  name: string;
  start: number;
}

/** One SELECT of a statement, with the positions of its clauses. */
export interface SelectScope extends SelectClauses {
  sources: readonly SqlSource[];
  items: readonly SelectItem[];
  isDistinct: boolean;
  /** True if the SELECT has GROUP BY, HAVING, or an aggregate function in its list. */
  isAggregated: boolean;
  /**
   * True if the result may have more rows when this SELECT returns fewer rows. Examples: a SELECT in `NOT IN (…)` or
   * `NOT EXISTS (…)`, on the right of EXCEPT or of an anti join, and its subqueries.
   */
  isSubtracted: boolean;
}

/** A query: one SELECT, or several SELECTs joined by UNION, EXCEPT or INTERSECT. */
export interface QueryShape {
  /** In the order of the SQL. Undefined for `VALUES` and anything else that is not a SELECT. */
  branches: ReadonlyArray<SelectScope | undefined>;
  /**
   * Decides how the columns of the branches are matched. `mixed`: by name and by position, as in `a UNION b UNION BY
   * NAME c`.
   */
  matchedBy: 'position' | 'name' | 'mixed';
  /** Names of the columns, as in `WITH a (x, y) AS (…)`. Empty if there is no such list. */
  columnAliases: readonly string[];
}

/** All SELECTs of one statement. */
export interface SqlScopes {
  /**
   * The query of the statement or, for EXPLAIN, the explained query. Undefined for other statements, such as SHOW
   * TABLES.
   */
  root: QueryShape | undefined;
  /** All SELECTs of the statement, in the order of their SQL. */
  selects: readonly SelectScope[];
}

/** Types of strings, as the parser names them. */
const STRING_TYPES = new Set(['Varchar', 'Text', 'String']);
/** A macro or variable in a string. Its value is not known. */
const MACRO_IN_STRING = /\$[{\w]|\[\[/;

/**
 * A linked list of the CTEs that a query can use: the CTE that was defined last, and the earlier CTEs in `outer`. While
 * the SQL of a recursive CTE is read, the `query` of this CTE is undefined.
 */
interface Ctes {
  name: string;
  query: QueryShape | undefined;
  outer: Ctes | undefined;
}

type Branches = Pick<QueryShape, 'branches' | 'matchedBy'>;

/** A source whose properties may change while the joins after it are read. */
type MutableSource = { -readonly [Key in keyof SqlSource]: SqlSource[Key] };

class ScopeReader {
  readonly selects: SelectScope[] = [];
  readonly #sql: string;
  readonly #positions: LinePositions;
  readonly #tokens: CodeTokens;
  /** Number of NOT, EXCEPT and anti joins around the node that is read. */
  #subtractions = 0;

  constructor(sql: string, positions: LinePositions) {
    this.#sql = sql;
    this.#positions = positions;
    this.#tokens = new CodeTokens(sql, positions);
  }

  query(node: TreeNode, outer: Ctes | undefined, columnAliases: readonly string[] = []): QueryShape {
    const hasPipes = listOf(child(node, 'pipe_operators')).length > 0;
    let ctes = outer;
    const isRecursive = child(node, 'with', 'recursive') === true;
    for (const cte of listOf(child(node, 'with', 'cte_tables'))) {
      const alias = child(cte, 'alias');
      const name = nameOf(child(alias, 'name'))?.value ?? '';
      const visible = isRecursive ? { name, query: undefined, outer: ctes } : ctes;
      ctes = { name, query: this.query(child(cte, 'query'), visible, aliasColumns(alias)), outer: ctes };
    }
    const body = this.#branches(child(node, 'body'), ctes);
    for (const key of ['order_by', 'limit_clause', 'fetch', 'pipe_operators']) {
      this.nested(child(node, key), ctes);
    }
    return { ...body, branches: hasPipes ? body.branches.map(() => undefined) : body.branches, columnAliases };
  }

  /** Reads the queries in an expression. */
  nested(node: TreeNode, ctes: Ctes | undefined): void {
    if (isQueryNode(node)) {
      this.query(node, ctes);
      return;
    }
    const isNegated =
      child(node, 'InSubquery', 'negated') === true ||
      child(node, 'Exists', 'negated') === true ||
      child(node, 'UnaryOp', 'op') === 'Not';
    this.#within(isNegated, () => childrenOf(node).forEach((inner) => this.nested(inner, ctes)));
  }

  #within<Result>(isSubtracted: boolean, read: () => Result): Result {
    this.#subtractions += isSubtracted ? 1 : 0;
    const result = read();
    this.#subtractions -= isSubtracted ? 1 : 0;
    return result;
  }

  #branches(body: TreeNode, ctes: Ctes | undefined): Branches {
    const [kind, content] = variantOf(body);
    switch (kind) {
      case 'Select':
        return { branches: [this.#select(content, ctes)], matchedBy: 'position' };
      case 'SetOperation':
        return joinedBranches(
          this.#branches(child(content, 'left'), ctes),
          this.#within(child(content, 'op') === 'Except', () => this.#branches(child(content, 'right'), ctes)),
          String(child(content, 'set_quantifier')).endsWith('ByName') ? 'name' : 'position'
        );
      case 'Query': {
        const { branches, matchedBy } = this.query(content, ctes);
        return { branches, matchedBy };
      }
      default:
        this.nested(content, ctes);
        return { branches: [undefined], matchedBy: 'position' };
    }
  }

  #select(node: TreeNode, ctes: Ctes | undefined): SelectScope {
    const clauses = this.#tokens.clausesOf(node);
    const sources: SqlSource[] = [];
    const items = listOf(child(node, 'projection')).map((item) => this.#item(item));
    const scope: SelectScope = {
      ...clauses,
      sources,
      items,
      isDistinct: child(node, 'distinct') !== undefined,
      isAggregated: isAggregated(node),
      isSubtracted: this.#subtractions > 0,
    };
    this.selects.push(scope);
    const rest = Object.entries(node ?? {}).filter(([key]) => key !== 'from');
    for (const relations of listOf(child(node, 'from'))) {
      sources.push(...this.#joined(relations, ctes, clauses.range.start));
    }
    rest.forEach(([, part]) => this.nested(part, ctes));
    return scope;
  }

  #item(node: TreeNode): SelectItem {
    const [kind, content] = variantOf(node);
    if (kind === 'Wildcard' || kind === 'QualifiedWildcard') {
      const [first, options] = kind === 'Wildcard' ? [undefined, content] : listOf(content);
      const qualifier = objectName(child(first, 'ObjectName'))?.at(-1)?.value;
      const isChanged = ['opt_ilike', 'opt_exclude', 'opt_except', 'opt_replace', 'opt_rename', 'opt_alias'].some(
        (key) => child(options, key) !== undefined
      );
      return { kind: 'wildcard', qualifier, isChanged: isChanged || (first !== undefined && qualifier === undefined) };
    }
    const expression = kind === 'ExprWithAlias' ? child(content, 'expr') : content;
    const column = this.#column(expression);
    const alias = kind === 'ExprWithAlias' ? nameOf(child(content, 'alias'))?.value : undefined;
    return { kind: 'expression', name: alias ?? column?.name, column, property: this.#property(expression) };
  }

  /** A property as in `property_get(properties, 'key')`, possibly in a cast to a string. */
  #property(expression: TreeNode): { column: ColumnUse; key: string } | undefined {
    const [kind, content] = variantOf(expression);
    if (kind === 'Nested') {
      return this.#property(content);
    }
    if (kind === 'Cast') {
      return STRING_TYPES.has(variantOf(child(content, 'data_type'))[0])
        ? this.#property(child(content, 'expr'))
        : undefined;
    }
    const name = objectName(child(content, 'name'));
    const args = listOf(child(content, 'args', 'List', 'args')).map((arg) => child(arg, 'Unnamed', 'Expr'));
    if (kind !== 'Function' || name?.length !== 1 || name[0].value !== 'property_get' || args.length !== 2) {
      return undefined;
    }
    const column = this.#column(args[0]);
    const key = literalString(args[1]);
    return column === undefined || key === undefined || MACRO_IN_STRING.test(key) ? undefined : { column, key };
  }

  #column(expression: TreeNode): ColumnUse | undefined {
    const parts = columnName(expression);
    if (parts === undefined) {
      return undefined;
    }
    const start = this.#positions.offsetOf(parts[0].start);
    const name = parts[parts.length - 1].value;
    // The parser reads a macro or variable as a name, but it is not a column.
    return '$['.includes(this.#sql.charAt(start)) ? undefined : { qualifier: parts.at(-2)?.value, name, start };
  }

  /** The sources of a table and of the tables that are joined to it. */
  #joined(node: TreeNode, ctes: Ctes | undefined, start: number): MutableSource[] {
    const sources = this.#relation(child(node, 'relation'), ctes, start);
    for (const join of listOf(child(node, 'joins'))) {
      const [kind, constraint] = variantOf(child(join, 'join_operator'));
      const isAnti = kind === 'Anti' || kind === 'LeftAnti';
      const added = this.#within(isAnti, () => this.#relation(child(join, 'relation'), ctes, start));
      const isLeft = kind.startsWith('Left');
      const isRight = kind.startsWith('Right');
      if (/(Semi|Anti)$/.test(kind)) {
        (isRight ? sources : added).forEach((source) => (source.isHidden = true));
      } else {
        const optional = [...(isLeft || isOuter(kind) ? added : []), ...(isRight || isOuter(kind) ? sources : [])];
        optional.forEach((source) => (source.isOptional = true));
      }
      this.nested(constraint, ctes);
      sources.push(...added);
    }
    return sources;
  }

  #relation(node: TreeNode, ctes: Ctes | undefined, start: number): MutableSource[] {
    const [kind, content] = variantOf(node);
    const alias = child(content, 'alias');
    switch (kind) {
      case 'Table':
        return [this.#table(content, ctes, start)];
      case 'Function': {
        this.nested(child(content, 'args'), ctes);
        const [name] = objectName(child(content, 'name')) ?? [];
        return [this.#source(name, alias, functionOrigin(name, listOf(child(content, 'args'))), start, false)];
      }
      case 'Derived': {
        const query = this.query(child(content, 'subquery'), ctes);
        return [this.#source(undefined, alias, { kind: 'query', query, cte: undefined }, start)];
      }
      case 'NestedJoin':
        if (alias === undefined) {
          return this.#joined(child(content, 'table_with_joins'), ctes, start);
        }
    }
    this.nested(content, ctes);
    return [this.#source(undefined, alias, { kind: 'other' }, start)];
  }

  #table(content: TreeNode, ctes: Ctes | undefined, start: number): MutableSource {
    const parts = objectName(child(content, 'name')) ?? [];
    const alias = child(content, 'alias');
    const name = parts.at(-1);
    const args = child(content, 'args');
    if (args !== undefined) {
      this.nested(args, ctes);
      return this.#source(name, alias, functionOrigin(name, listOf(child(args, 'args'))), start, false);
    }
    const isHere = parts.length === 1 || parts.at(-2)?.value === 'public';
    if (name === undefined || !isHere || '$['.includes(this.#sql.charAt(this.#positions.offsetOf(name.start)))) {
      return this.#source(name, alias, { kind: 'other' }, start);
    }
    const cte = parts.length === 1 ? findCte(name.value, ctes) : undefined;
    if (cte !== undefined) {
      const origin: SourceOrigin =
        cte.query === undefined ? { kind: 'other' } : { kind: 'query', query: cte.query, cte: cte.name };
      return this.#source(name, alias, origin, start);
    }
    return this.#source(name, alias, { kind: 'table', table: name.value }, start);
  }

  /** @param isNamed False if a column cannot have the name as a prefix, as for a function without an alias. */
  #source(
    name: SqlName | undefined,
    alias: TreeNode,
    origin: SourceOrigin,
    start: number,
    isNamed = true
  ): MutableSource {
    const aliasName = nameOf(child(alias, 'name'));
    const shown = aliasName ?? (isNamed ? name : undefined);
    const first = name ?? aliasName;
    return {
      qualifier: shown && this.#sqlOf(shown),
      name: shown?.value,
      columnAliases: aliasColumns(alias),
      isOptional: false,
      isHidden: false,
      start: first === undefined ? start : this.#positions.offsetOf(first.start),
      origin,
    };
  }

  #sqlOf({ start, end }: SqlName): string {
    return this.#sql.slice(this.#positions.offsetOf(start), this.#positions.offsetOf(end));
  }
}

function joinedBranches(left: Branches, right: Branches, matchedBy: Branches['matchedBy']): Branches {
  const isSame = [left, right].every((side) => side.branches.length === 1 || side.matchedBy === matchedBy);
  return { branches: [...left.branches, ...right.branches], matchedBy: isSame ? matchedBy : 'mixed' };
}

/** True for `FULL JOIN`, and for `OUTER APPLY` of other databases. */
function isOuter(join: string): boolean {
  return /^(Full|Outer)/.test(join);
}

function aliasColumns(alias: TreeNode): string[] {
  return listOf(child(alias, 'columns')).map((column) => nameOf(child(column, 'name'))?.value ?? '');
}

function functionOrigin(name: SqlName | undefined, args: readonly TreeNode[]): SourceOrigin {
  return name === undefined
    ? { kind: 'other' }
    : { kind: 'function', name: name.value, args: args.map((arg) => literalString(child(arg, 'Unnamed', 'Expr'))) };
}

function findCte(name: string, ctes: Ctes | undefined): Ctes | undefined {
  for (let at = ctes; at !== undefined; at = at.outer) {
    if (at.name === name) {
      return at;
    }
  }
  return undefined;
}

function isAggregated(select: TreeNode): boolean {
  const [kind, content] = variantOf(child(select, 'group_by'));
  const hasGroups = kind === 'All' || listOf(content).some((list) => listOf(list).length > 0);
  return hasGroups || child(select, 'having') !== undefined || hasAggregate(child(select, 'projection'));
}

function hasAggregate(node: TreeNode): boolean {
  if (isQueryNode(node)) {
    return false;
  }
  const call = child(node, 'Function');
  const name = objectName(child(call, 'name'))?.at(-1)?.value;
  const isCall = name !== undefined && child(call, 'over') === undefined && isAggregateFunction(name);
  return isCall || childrenOf(node).some(hasAggregate);
}

/**
 * If a subtracted SELECT reads a CTE, sets `isSubtracted` in the SELECTs of the CTE. `ScopeReader` cannot set it: it
 * reads a CTE at its definition, before it knows the uses of the CTE.
 */
function markSubtracted(selects: readonly SelectScope[]): void {
  const open = selects.filter(({ isSubtracted }) => isSubtracted);
  for (let select = open.pop(); select !== undefined; select = open.pop()) {
    for (const { origin } of select.sources) {
      for (const branch of origin.kind === 'query' ? origin.query.branches : []) {
        if (branch?.isSubtracted === false) {
          branch.isSubtracted = true;
          open.push(branch);
        }
      }
    }
  }
}

/** The query of a statement. For EXPLAIN, the explained query. */
function queryOf(statement: TreeNode): TreeNode {
  return child(statement, 'Query') ?? child(statement, 'Explain', 'statement', 'Query');
}

/**
 * Reads the SELECTs of a statement.
 *
 * @param sql    The author's SQL.
 * @param parsed The result of `parseSql` for that SQL.
 */
export function readScopes(sql: string, { statement, positions }: ParsedSql): SqlScopes {
  const reader = new ScopeReader(sql, positions);
  const query = queryOf(statement);
  const root = query === undefined ? undefined : reader.query(query, undefined);
  if (query === undefined) {
    reader.nested(statement, undefined);
  }
  markSubtracted(reader.selects);
  const selects = reader.selects.sort((left, right) => left.range.start - right.range.start);
  return { root, selects };
}
