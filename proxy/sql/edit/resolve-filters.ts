/**
 * Finds the columns that a filter compares, in each SELECT of a statement.
 *
 * The key of a filter may be a column of a table, a column of the result, or a name in a log frame. If the key is a
 * column of the result that shows a table column, the filter compares the table column, in the SELECT that reads it. If
 * both columns have the same name, the filter also applies to all other SELECTs that read a table with a column of this
 * name.
 */
import { LOG_FIELDS } from '../../../contract/logs/log-frame';
import { type QueryFilter } from '../../../contract/queries/query-filter';
import { ColumnLineage, isTableLike, type Lineage } from '../../../contract/sql/column-lineage';
import { type SelectScope, type SqlScopes, type SqlSource } from '../../../contract/sql/query-scopes';
import { quoteName } from '../../../contract/sql/sql-names';
import { shownName, foreignLine } from '../../base/errors/foreign-string';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ColumnKind, type FilterTarget } from './filter-conditions';
import { isRenamed, shownColumn, starUnions } from './shown-columns';

/** A column of a table, with the type that filters need. */
export interface KnownColumn {
  name: string;
  kind: ColumnKind;
}

/** The columns of the server's tables and views. */
export interface Catalogue {
  /** The columns of a source. Undefined if they are not known. */
  columnsOf(source: SqlSource): readonly KnownColumn[] | undefined;
}

/** Names of fields in log frames, with the table columns that they show. */
const FRAME_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  [LOG_FIELDS.body, ['msg', 'message', 'line']],
  [LOG_FIELDS.time, ['time']],
  [LOG_FIELDS.severity, ['level']],
  ['detected_level', ['level']],
]);
/** Prefix of log labels that come from `process_properties`. */
const PROCESS_PREFIX = 'process.';
/**
 * A key with dots may consist of a column, a dot and a property. Each of the first 10 dots is tried as the dot between
 * them.
 */
const MAX_DOTS = 10;

/** A meaning of a key: a column, or a property of a JSONB column. */
interface Meaning {
  column: string;
  property?: string;
}

/** A SELECT, and the column that the filter compares in this SELECT. */
export interface FilterPlace {
  select: SelectScope;
  source: SqlSource;
  /** Name of the column in the SELECT. */
  name: string;
  target: FilterTarget;
  /** True if the key of the filter is the name of a result column that an expression computes. */
  isComputed: boolean;
  /** True if a column of the result is the compared table column, unchanged. */
  isShown: boolean;
}

/** A column of a source of a SELECT. */
interface FoundColumn {
  source: SqlSource;
  /** Name in the SELECT. */
  name: string;
  kind: ColumnKind;
  /** Name in the table. Empty for a property that a subquery returns. */
  origin: string;
  /** Key of the property that is compared, in a JSONB column. */
  property?: string;
  /** See `FilterPlace`. */
  isShown?: boolean;
}

/** The reason why a filter cannot be inserted into any SELECT. */
export type Unresolved = 'no-column' | 'not-comparable';

/** Resolves all filters of one statement. */
export class FilterResolver {
  readonly #scopes: SqlScopes;
  readonly #catalogue: Catalogue;
  readonly #isLogs: boolean;
  readonly #lineage: ColumnLineage;
  readonly #starUnions: ReadonlySet<SelectScope>;

  /**
   * @param isLogs True if the result is shown as log lines. The labels of log lines include the keys of `properties`.
   */
  constructor(scopes: SqlScopes, catalogue: Catalogue, isLogs: boolean) {
    this.#scopes = scopes;
    this.#catalogue = catalogue;
    this.#isLogs = isLogs;
    this.#starUnions = starUnions(scopes.root);
    this.#lineage = new ColumnLineage((source) => catalogue.columnsOf(source)?.map(({ name }) => name));
  }

  /**
   * Finds the SELECTs into which the filter can be inserted.
   *
   * @param at The SELECTs to consider. `mayUseSubqueries`: true if the filter may also compare columns that the
   *   subqueries of these SELECTs return.
   * @returns The places. If there are none, the reason why the filter cannot be inserted.
   * @throws {ProxyError} 'filter_not_applicable' if the filter cannot be inserted into a SELECT that may have the
   *   column.
   */
  resolve(
    { key }: Pick<QueryFilter, 'key'>,
    at: { selects: readonly SelectScope[]; mayUseSubqueries: boolean }
  ): FilterPlace[] | Unresolved {
    let unresolved: Unresolved = 'no-column';
    for (const meaning of this.#meanings(key)) {
      const found = at.selects.flatMap((select) => this.#placeIn(select, meaning, key, at.mayUseSubqueries));
      const usable = found.filter(({ target: { kind, property } }) =>
        property === undefined ? kind !== 'json' && kind !== 'other' : kind === 'json'
      );
      if (usable.length > 0) {
        return usable;
      }
      unresolved = found.length > 0 && meaning.property === undefined ? 'not-comparable' : unresolved;
    }
    return unresolved;
  }

  /** The meanings of a key, the most likely meaning first. */
  #meanings(key: string): Meaning[] {
    const meanings: Meaning[] = [key, ...(FRAME_NAMES.get(key) ?? [])].map((column) => ({ column }));
    let dots = 0;
    for (let dot = key.indexOf('.'); dot > 0 && dots < MAX_DOTS; dot = key.indexOf('.', dot + 1), dots++) {
      meanings.push({ column: key.slice(0, dot), property: key.slice(dot + 1) });
    }
    if (key.startsWith(PROCESS_PREFIX)) {
      meanings.push({ column: 'process_properties', property: key.slice(PROCESS_PREFIX.length) });
    } else if (this.#isLogs && !this.#isColumn(key)) {
      meanings.push({ column: 'properties', property: key });
    }
    return meanings;
  }

  /** True if a table of this query has the column, or if the result shows a table column under this name. */
  #isColumn(name: string): boolean {
    return (
      this.#lineageOf(name)?.kind === 'table' ||
      this.#scopes.selects.some(({ sources }) =>
        sources.some((source) => this.#tableSource(source, name) !== undefined)
      )
    );
  }

  /** The origin of a column of the result. Undefined if the outermost query (`root`) is unknown. */
  #lineageOf(column: string): Lineage | undefined {
    const { root } = this.#scopes;
    return root && this.#lineage.ofQuery(root, column);
  }

  /** The place of the filter in a SELECT. Empty if the SELECT does not have the column or property. */
  #placeIn(select: SelectScope, meaning: Meaning, key: string, mayUseSubqueries: boolean): FilterPlace[] {
    const found =
      (mayUseSubqueries ? this.#shownSubqueryColumn(select, meaning.column) : undefined) ??
      this.#tableColumn(select, meaning.column, key) ??
      (mayUseSubqueries ? this.#subqueryColumn(select, meaning.column) : undefined);
    if (found === undefined || (found.property !== undefined && meaning.property !== undefined)) {
      return [];
    }
    const { source, name, kind, property = meaning.property, isShown = false } = found;
    const sql = this.#qualified(select, source, name);
    if (typeof sql !== 'string' || (!select.isEditable && !mayUseSubqueries)) {
      const cause = typeof sql === 'string' ? 'has clauses that cannot be changed' : ambiguity(select, sql.unnamed);
      throw new ProxyError('filter_not_applicable', {
        detail: `The SELECT that reads ${shownName(name)} for the filter ${shownName(key)} ${cause}.`,
      });
    }
    const isLevel = kind === 'number' && found.origin === 'level';
    const isComputed = this.#lineageOf(key)?.kind === 'computed';
    return [{ select, source, name, target: { column: sql, kind, property, isLevel }, isComputed, isShown }];
  }

  /**
   * The table column that the filter compares in a SELECT. If the result shows a table column of this SELECT as
   * `column`, the filter compares that table column. In other SELECTs, the filter compares the table column named
   * `column`. If `column` is an alias in the result, the filter compares nothing in other SELECTs.
   */
  #tableColumn(select: SelectScope, column: string, key: string): FoundColumn | undefined {
    const lineage = this.#lineageOf(column);
    if (lineage?.kind === 'unknown' && isRenamed(select, column) && this.#starUnions.has(select)) {
      throw new ProxyError('filter_not_applicable', {
        detail:
          `One part of a UNION returns the column ${shownName(key)} through *, and another part returns a column with ` +
          'another name in its place. List the columns by name in each part.',
      });
    }
    if (lineage?.kind !== 'table') {
      return this.#sourceWith(select, column, isTableLike);
    }
    const own = lineage.columns.filter((origin) => origin.select === select);
    if (own.length > 1) {
      throw new ProxyError('filter_not_applicable', {
        detail: `The column ${shownName(key)} of the result comes from several columns of one SELECT.`,
      });
    }
    if (own.length === 1) {
      const [{ source, name, property }] = own;
      const found = this.#tableSource(source, name);
      return found && { ...found, property, isShown: true };
    }
    const isAlias = lineage.columns.some(({ name, property }) => name !== column || property !== undefined);
    return isAlias ? undefined : this.#sourceWith(select, column, isTableLike);
  }

  /**
   * The subquery's column that the result shows as `column`. This column has precedence over a table column of the same
   * name. After an outer join, one of the two columns may be null, so the filter must compare the column that the
   * result shows.
   */
  #shownSubqueryColumn(select: SelectScope, column: string): FoundColumn | undefined {
    const use = shownColumn(this.#scopes.root, select, column);
    return use?.qualifier === undefined
      ? undefined
      : this.#sourceWith(select, use.name, (source) => isSubquery(source) && source.name === use.qualifier);
  }

  /**
   * The subquery's column that the result shows as `column`. If the result shows none, the subquery's own column of
   * this name.
   */
  #subqueryColumn(select: SelectScope, column: string): FoundColumn | undefined {
    const use = shownColumn(this.#scopes.root, select, column);
    return use === undefined
      ? this.#sourceWith(select, column, isSubquery)
      : this.#sourceWith(
          select,
          use.name,
          (source) => isSubquery(source) && (use.qualifier === undefined || source.name === use.qualifier)
        );
  }

  /**
   * The column and its source. If several sources have the column, a source that an outer join cannot fill with nulls
   * has precedence.
   */
  #sourceWith(select: SelectScope, name: string, fits: (source: SqlSource) => boolean): FoundColumn | undefined {
    const found = select.sources.flatMap((source) => {
      if (source.isHidden || !fits(source)) {
        return [];
      }
      const column = isTableLike(source) ? this.#tableSource(source, name) : this.#queryColumn(select, source, name);
      return column === undefined ? [] : [column];
    });
    return found.find(({ source }) => !source.isOptional) ?? found[0];
  }

  /** The column of a table. A column list in the table's alias may rename it. */
  #tableSource(source: SqlSource, name: string): FoundColumn | undefined {
    const columns = this.#catalogue.columnsOf(source) ?? [];
    const index = columns.findIndex((column) => column.name === name);
    return index < 0
      ? undefined
      : { source, name: source.columnAliases[index] ?? name, kind: columns[index].kind, origin: name };
  }

  /** The column of a subquery, if it comes from a table. */
  #queryColumn(select: SelectScope, source: SqlSource, name: string): FoundColumn | undefined {
    const lineage = this.#lineage.ofSource(select, source, name);
    const [origin] = lineage.kind === 'table' ? lineage.columns : [];
    const column = origin && this.#catalogue.columnsOf(origin.source)?.find((known) => known.name === origin.name);
    if (column === undefined || origin === undefined) {
      return undefined;
    }
    // The subquery returns a property as a string.
    const isProperty = origin.property !== undefined;
    return isProperty && column.kind === 'json'
      ? { source, name, kind: 'text', origin: '' }
      : { source, name, kind: isProperty ? 'other' : column.kind, origin: column.name };
  }

  /**
   * The sources of the column `name` if it is a merged column and the SELECT returns it without a qualifier. For any
   * other column, an empty list. USING in a full join merges the columns of both sides: the merged column has a value
   * even if one side is null.
   */
  #mergedOf(select: SelectScope, name: string): readonly SqlSource[] {
    const isBare = select.items.some(
      (item) => item.kind === 'expression' && item.column?.name === name && item.column.qualifier === undefined
    );
    const owners = isBare
      ? select.sources.filter((source) => !source.isHidden && this.#mayHave(select, source, name))
      : [];
    return owners.length > 1 ? owners : [];
  }

  #mayHave(select: SelectScope, source: SqlSource, name: string): boolean {
    return this.#lineage.ofSource(select, source, name).kind !== 'missing';
  }

  /** The column with its qualifier. If a qualifier is needed and a source has no name: this source. */
  #qualified(select: SelectScope, source: SqlSource, name: string): string | { unnamed: SqlSource } {
    const quoted = quoteName(name);
    const merged = source.isOptional ? this.#mergedOf(select, name) : [];
    if (merged.length > 0) {
      // The server does not accept the merged column in WHERE.
      const unnamed = merged.find(({ qualifier }) => qualifier === undefined);
      return unnamed === undefined
        ? `coalesce(${merged.map(({ qualifier }) => `${qualifier}.${quoted}`).join(', ')})`
        : { unnamed };
    }
    if (source.qualifier !== undefined) {
      return `${source.qualifier}.${quoted}`;
    }
    const others = select.sources.filter((other) => other !== source && !other.isHidden);
    return others.every((other) => !this.#mayHave(select, other, name)) ? quoted : { unnamed: source };
  }
}

function isSubquery({ origin }: SqlSource): boolean {
  return origin.kind === 'query';
}

/**
 * The reason why a column of a source cannot be named: a function or a subquery without an alias, or SQL that is too
 * long to be parsed.
 */
function ambiguity({ fromEnd }: SelectScope, { origin }: SqlSource): string {
  if (origin.kind === 'query' && fromEnd !== undefined) {
    return 'reads a subquery without an alias. Give it an alias: (SELECT …) AS v';
  }
  return origin.kind === 'function' && fromEnd !== undefined
    ? `reads the function ${foreignLine(origin.name)} without an alias. Give it an alias: ${foreignLine(origin.name)}(...) AS v`
    : 'reads several tables with this column, and the SQL is too long to find out which one is meant';
}
