/**
 * Follows the columns of a result back to the columns of tables, through aliases, subqueries and CTEs.
 */
import { StringMap } from '../string-map';
import { type ColumnUse, type QueryShape, type SelectItem, type SelectScope, type SqlSource } from './query-scopes';

/** A column of a table, or a property of a JSONB column, with the SELECT that reads it. */
export interface TableColumn {
  select: SelectScope;
  source: SqlSource;
  /** In lower case unless the SQL quotes the name. */
  name: string;
  /** Key of the JSONB property. Undefined for a whole column. */
  property?: string;
}

export type Lineage =
  /** Columns of tables: one for each branch of a UNION, without duplicates. */
  | { kind: 'table'; columns: readonly TableColumn[] }
  /** The result of an expression. */
  | { kind: 'computed' }
  /** There is no such column. */
  | { kind: 'missing' }
  /** The origin is not known, for example because the columns of a table function are not known. */
  | { kind: 'unknown' };

/** Names of the columns of a source, in order. Undefined if they are not known. */
export type ColumnsOfSource = (source: SqlSource) => readonly string[] | undefined;

const MISSING: Lineage = { kind: 'missing' };
const UNKNOWN: Lineage = { kind: 'unknown' };
const COMPUTED: Lineage = { kind: 'computed' };

/** Maximum number of origins of one column. If a column has more origins, it counts as unknown. */
export const MAX_ORIGINS = 100;
/** Maximum depth of nested subqueries through which a column is followed. */
const MAX_DEPTH = 200;
/**
 * If `MAX_DEPTH` was exceeded more often than this, the results that depend on the depth are kept, too. A kept result
 * may be wrong where the same query is read at a smaller depth. But if such results were never kept, SQL in which each
 * query reads another query twice would take exponential time.
 */
const MAX_DEPTH_HITS = 100;
/**
 * Maximum number of sources that are searched and columns that are listed, for all columns together. In most queries, a
 * few sources are searched for each column.
 */
const MAX_READS = 50_000;

/**
 * Finds the origins of columns. If the columns of a table are not known, and its alias does not rename columns, the
 * table counts as having every column.
 */
export class ColumnLineage {
  readonly #columnsOf: ColumnsOfSource;
  /**
   * Results by query, and by the name or position of a column of this query. So each column is followed only once, even
   * if several other queries read this query.
   */
  readonly #found = new Map<QueryShape, Map<string | number, Lineage>>();
  readonly #lists = new Map<SelectScope, readonly ListedColumn[] | undefined>();
  #depth = 0;
  #depthHits = 0;
  #reads = 0;

  constructor(columnsOf: ColumnsOfSource = () => undefined) {
    this.#columnsOf = columnsOf;
  }

  /** The origin of a column of a query. @param name In lower case unless the SQL quotes the name. */
  ofQuery(query: QueryShape, name: string): Lineage {
    const { branches, matchedBy, columnAliases } = query;
    return this.#once(query, name, () => {
      const given = columnAliases.indexOf(name);
      if (columnAliases.length > 0) {
        return given < 0 ? MISSING : this.#ofPosition(query, given);
      }
      const [first] = branches;
      const index = first === undefined ? -1 : indexOfItem(first, name);
      const hasIndex = index >= 0 && branches.every((branch) => hasPositions(branch, index));
      if (matchedBy === 'position' && hasIndex) {
        return this.#ofPosition(query, index);
      }
      return matchedBy === 'position' && !haveSameItems(branches)
        ? this.#ofListedPosition(query, name)
        : this.#ofName(query, name);
    });
  }

  #ofName({ branches, matchedBy }: QueryShape, name: string): Lineage {
    return matchedBy === 'mixed'
      ? UNKNOWN
      : combined(branches.map((branch) => (branch === undefined ? UNKNOWN : this.#ofSelect(branch, name))));
  }

  #ofPosition(query: QueryShape, index: number): Lineage {
    const { branches, matchedBy } = query;
    return this.#once(query, index, () => {
      if (matchedBy === 'position') {
        return combined(
          branches.map((branch) =>
            branch !== undefined && hasPositions(branch, index) ? this.#ofItem(branch, index) : UNKNOWN
          )
        );
      }
      // The first branch decides the order of the columns.
      const item = hasPositions(branches[0], index) ? branches[0]?.items[index] : undefined;
      return item?.kind === 'expression' && item.name !== undefined ? this.#ofName(query, item.name) : UNKNOWN;
    });
  }

  /**
   * The origin of a column of a UNION whose branches have different SELECT lists. The position of the column is counted
   * in the list of the first branch, after each wildcard is replaced by its columns.
   */
  #ofListedPosition({ branches }: QueryShape, name: string): Lineage {
    const lists = branches.map((branch) => branch && this.#columnList(branch));
    const index = lists[0]?.findIndex((column) => column.name === name);
    return index === undefined || lists.some((list) => list === undefined)
      ? UNKNOWN
      : index < 0
        ? MISSING
        : combined(lists.map((list) => list?.[index]?.origin() ?? UNKNOWN));
  }

  /** The columns that a SELECT returns, in order. Undefined if they are not known. */
  #columnList(select: SelectScope): readonly ListedColumn[] | undefined {
    if (this.#lists.has(select)) {
      return this.#lists.get(select);
    }
    return this.#nested<readonly ListedColumn[] | undefined>(
      undefined,
      () => this.#readColumnList(select),
      (list) => this.#lists.set(select, list)
    );
  }

  /**
   * Reads a result one level deeper.
   *
   * @param unknown Returned if the level is too deep.
   * @param keep Called with the result, if the result is the same at every depth. Also called after `MAX_DEPTH_HITS`.
   */
  #nested<T>(unknown: T, read: () => T, keep: (result: T) => void): T {
    const hits = this.#depthHits;
    this.#depth++;
    if (this.#depth > MAX_DEPTH) {
      this.#depthHits++;
    }
    const result = this.#depth > MAX_DEPTH ? unknown : read();
    this.#depth--;
    if (this.#depthHits === hits || this.#depthHits > MAX_DEPTH_HITS) {
      keep(result);
    }
    return result;
  }

  #readColumnList(select: SelectScope): readonly ListedColumn[] | undefined {
    const columns: ListedColumn[] = [];
    for (const [index, item] of select.items.entries()) {
      if (item.kind === 'expression') {
        columns.push({ name: item.name, origin: () => this.#ofItem(select, index) });
        continue;
      }
      const { qualifier } = item;
      const [source, ...others] = select.sources.filter(
        ({ name, isHidden }) => !isHidden && (qualifier === undefined || name === qualifier)
      );
      const names =
        source === undefined || others.length > 0 || item.isChanged ? undefined : this.#namesOfSource(source);
      this.#reads += select.sources.length + (names?.length ?? 0);
      if (names === undefined || this.#reads > MAX_READS) {
        return undefined;
      }
      for (const name of names) {
        columns.push({ name, origin: () => this.ofSource(select, source, name) });
      }
    }
    return columns;
  }

  /** Names of the columns of a source. Undefined if they are not known. */
  #namesOfSource(source: SqlSource): readonly string[] | undefined {
    const { origin, columnAliases } = source;
    if (origin.kind === 'other') {
      return undefined;
    }
    if (origin.kind !== 'query') {
      const columns = this.#columnsOf(source);
      return columns && [...columnAliases, ...columns.slice(columnAliases.length)];
    }
    const given = columnAliases.length > 0 ? columnAliases : origin.query.columnAliases;
    if (given.length > 0) {
      return given;
    }
    const [first] = origin.query.branches;
    const names = first && this.#columnList(first)?.map(({ name }) => name);
    return names?.every((name) => name !== undefined) === true ? names : undefined;
  }

  #once(query: QueryShape, key: string | number, read: () => Lineage): Lineage {
    const found = this.#found.get(query) ?? new Map<string | number, Lineage>();
    this.#found.set(query, found);
    const known = found.get(key);
    if (known !== undefined) {
      return known;
    }
    return this.#nested<Lineage>(UNKNOWN, read, (lineage) => found.set(key, lineage));
  }

  /** The origin of a column in the result of a SELECT. */
  #ofSelect(select: SelectScope, name: string): Lineage {
    const index = indexOfItem(select, name);
    if (index >= 0) {
      return this.#ofItem(select, index);
    }
    for (const item of select.items) {
      if (item.kind === 'wildcard') {
        const found = item.isChanged
          ? UNKNOWN
          : this.ofUse(select, { qualifier: item.qualifier, name, start: select.range.start });
        if (found.kind !== 'missing') {
          return found;
        }
      }
    }
    return MISSING;
  }

  #ofItem(select: SelectScope, index: number): Lineage {
    const item = select.items[index];
    if (item?.kind !== 'expression') {
      return COMPUTED;
    }
    const { column, property } = item;
    if (column !== undefined) {
      return this.ofUse(select, column);
    }
    return property === undefined ? COMPUTED : propertyOf(this.ofUse(select, property.column), property.key);
  }

  /** The origin of a column that is used in a SELECT. */
  ofUse(select: SelectScope, { qualifier, name }: ColumnUse): Lineage {
    this.#reads += select.sources.length;
    if (this.#reads > MAX_READS) {
      return UNKNOWN;
    }
    const candidates = select.sources.filter(
      (source) => !source.isHidden && (qualifier === undefined || source.name === qualifier)
    );
    // The sources that an outer join fills with nulls come last, because `USING (x)` returns the `x` of the other
    // sources.
    candidates.sort((left, right) => Number(left.isOptional) - Number(right.isOptional));
    const found = candidates.map((source) => this.ofSource(select, source, name));
    // A table whose columns are not known counts as having every column, so a computed column of a subquery has
    // priority.
    for (const kind of ['unknown', 'computed', 'table']) {
      const first = found.find((lineage) => lineage.kind === kind);
      if (first !== undefined) {
        return first;
      }
    }
    return MISSING;
  }

  /** The origin of a column of a source. */
  ofSource(select: SelectScope, source: SqlSource, name: string): Lineage {
    const { origin, columnAliases } = source;
    const given = columnAliases.indexOf(name);
    switch (origin.kind) {
      case 'query':
        if (columnAliases.length > 0) {
          return given < 0 ? UNKNOWN : this.#ofPosition(origin.query, given);
        }
        return this.ofQuery(origin.query, name);
      case 'table':
      case 'function': {
        const columns = this.#columnsOf(source);
        if (columns === undefined) {
          return columnAliases.length > 0 || origin.kind === 'function'
            ? this.#ofUnknown(select, source, name)
            : table(select, source, name);
        }
        const column = given >= 0 ? columns[given] : columns.slice(columnAliases.length).find((own) => own === name);
        return column === undefined ? MISSING : table(select, source, column);
      }
      case 'other':
        return UNKNOWN;
    }
  }

  /**
   * The origin of a column of a source whose columns are not known. If a function returns a stored view, the origin is
   * a column of the view. Other functions may compute their columns.
   */
  #ofUnknown(select: SelectScope, source: SqlSource, name: string): Lineage {
    const isView = source.origin.kind === 'function' && VIEW_FUNCTIONS.has(source.origin.name);
    return isView && source.columnAliases.length === 0 ? table(select, source, name) : UNKNOWN;
  }
}

/** A column in the result of a SELECT. */
interface ListedColumn {
  /** Undefined for an expression without an alias. */
  name: string | undefined;
  origin: () => Lineage;
}

/** Functions that return the rows of a stored view. Their columns do not depend on the ids in their arguments. */
export const VIEW_FUNCTIONS: ReadonlySet<string> = new Set(['view_instance', 'process_spans']);

/** True for a source that has the columns of a stored table or view. */
export function isTableLike({ origin }: SqlSource): boolean {
  return origin.kind === 'table' || (origin.kind === 'function' && VIEW_FUNCTIONS.has(origin.name));
}

function table(select: SelectScope, source: SqlSource, name: string): Lineage {
  return { kind: 'table', columns: [{ select, source, name }] };
}

function propertyOf(lineage: Lineage, property: string): Lineage {
  if (lineage.kind !== 'table') {
    return lineage;
  }
  const isNested = lineage.columns.some((column) => column.property !== undefined);
  return isNested ? COMPUTED : { kind: 'table', columns: lineage.columns.map((column) => ({ ...column, property })) };
}

function indexOfItem({ items }: SelectScope, name: string): number {
  return items.findIndex((item) => item.kind === 'expression' && item.name === name);
}

/** True if the SELECT lists of all branches have the same names and wildcards at the same positions. */
function haveSameItems([first, ...others]: QueryShape['branches']): boolean {
  const nameOf = (item: SelectItem) => (item.kind === 'expression' ? item.name : '*');
  return others.every(
    (branch) =>
      branch?.items.length === first?.items.length &&
      branch?.items.every((item, index) => first !== undefined && nameOf(item) === nameOf(first.items[index]))
  );
}

/** True if there is no wildcard among the items up to an index. Then each item is one column. */
export function hasPositions(select: SelectScope | undefined, index: number): boolean {
  return select !== undefined && select.items.slice(0, index + 1).every(({ kind }) => kind === 'expression');
}

/**
 * Combines the origins of the branches of a UNION. The kind is `table` only if it is `table` in all branches. If
 * several branches have the same origin, the origin is listed once.
 */
function combined(parts: readonly Lineage[]): Lineage {
  const other = parts.length === 0 ? UNKNOWN : parts.find(({ kind }) => kind !== 'table');
  if (other !== undefined) {
    return other;
  }
  const columns = new Map<SqlSource, StringMap<TableColumn>>();
  let count = 0;
  for (const column of parts.flatMap((part) => (part.kind === 'table' ? part.columns : []))) {
    // The source object can be the key, because each source belongs to only one SELECT.
    const ofSource = columns.get(column.source) ?? new StringMap<TableColumn>();
    columns.set(column.source, ofSource);
    const key = column.property === undefined ? column.name : `${column.name}\0${column.property}`;
    count += ofSource.has(key) ? 0 : 1;
    ofSource.set(key, column);
    if (count > MAX_ORIGINS) {
      return UNKNOWN;
    }
  }
  return { kind: 'table', columns: [...columns.values()].flatMap((names) => [...names.values()]) };
}
