/** Columns of the tables, CTEs and subqueries that a SELECT reads. */
import { StringMap, StringSet } from '../../../contract/string-map';
import { type ColumnInfo } from '../../../contract/resources/resources';
import { cteNamed, type OutlineSource, type SelectOutline } from './outline-level';
import { TABLE_FUNCTIONS } from './functions';
import { knownTable } from './known-tables';

/** A column as the query names it. */
export interface NamedColumn {
  qualifier?: string;
  name: string;
}

/** A column that a query can use. */
export interface ScopeColumn {
  name: string;
  /** Type as the server names it; empty if it is unknown, as for the result of an expression. */
  type: string;
  /** Name of the table or subquery in the query, as it is shown to the author. */
  origin: string;
  /** The stored column, if the query returns a column of a table unchanged. */
  stored?: { table: string; instanceId?: string; column: string };
}

/** Reads the columns of a table. The promise never rejects. */
export type ReadColumns = (table: string) => Promise<readonly ColumnInfo[]>;

/** Maximum number of tables of one statement whose columns are read. */
const MAX_TABLES = 50;
/** Maximum number of nested queries. The columns of deeper queries are not offered. */
const MAX_DEPTH = 50;

/** Keeps the first column of each name. */
function unique(columns: readonly ScopeColumn[]): ScopeColumn[] {
  const seen = new StringSet();
  return columns.filter(({ name }) => !seen.has(name) && seen.add(name));
}

/**
 * The columns of a table or of a table function. The server lists no columns for functions, and none for view sets
 * without a global instance.
 */
async function columnsOfTable(name: string, read: ReadColumns): Promise<readonly ColumnInfo[]> {
  const ofFunction = TABLE_FUNCTIONS.find((candidate) => candidate.name === name)?.columns;
  if (ofFunction !== undefined) {
    return ofFunction;
  }
  const columns = await read(name);
  return columns.length > 0 ? columns : (knownTable(name)?.columns ?? []);
}

/** The columns of the queries of one statement. Create it with `load`. */
export class ScopeColumns {
  readonly #tables: ReadonlyMap<string, readonly ColumnInfo[]>;
  /** Columns of the queries that were read. An entry that is still empty ends the recursion of a recursive CTE. */
  readonly #queries = new Map<SelectOutline, ScopeColumn[]>();
  #depth = 0;

  private constructor(tables: ReadonlyMap<string, readonly ColumnInfo[]>) {
    this.#tables = tables;
  }

  /**
   * Reads the columns of the tables of `scopes`, at most `MAX_TABLES`.
   *
   * @param cursor Offset of the cursor. A table name that ends at the cursor is still being typed, so the columns of
   *   this table are not read.
   */
  static async load(scopes: readonly SelectOutline[], read: ReadColumns, cursor?: number): Promise<ScopeColumns> {
    const names = new StringSet();
    for (const scope of scopes) {
      for (const { table, end } of scope.sources) {
        const isRead = table !== undefined && end !== cursor && cteNamed(scope.ctes, table) === undefined;
        if (isRead && names.size < MAX_TABLES) {
          names.add(table);
        }
      }
    }
    const lists = [...names].map(async (name): Promise<[string, readonly ColumnInfo[]]> => {
      return [name, await columnsOfTable(name, read)];
    });
    return new ScopeColumns(new StringMap(await Promise.all(lists)));
  }

  /** Columns of one table of a SELECT. */
  of(source: OutlineSource, scope: SelectOutline): ScopeColumn[] {
    const origin = source.name ?? 'subquery';
    const cte =
      source.query === undefined && source.table !== undefined ? cteNamed(scope.ctes, source.table) : undefined;
    const query = source.query ?? cte?.query;
    const columns = query === undefined ? this.#stored(source) : this.#projected(query);
    const names = source.columnNames ?? cte?.columnNames ?? [];
    return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name, origin }));
  }

  /** Columns that an expression of the SELECT can use. The columns of its own tables come first. */
  visible(scope: SelectOutline): ScopeColumn[] {
    const columns: ScopeColumn[] = [];
    for (let at: SelectOutline | undefined = scope; at !== undefined; at = at.outer) {
      for (const source of at.sources) {
        columns.push(...this.of(source, at));
      }
    }
    return unique(columns);
  }

  /** Columns of the table with this alias or name. */
  qualified(scope: SelectOutline, qualifier: string): ScopeColumn[] {
    for (let at: SelectOutline | undefined = scope; at !== undefined; at = at.outer) {
      const inner = at;
      const byName = at.sources.filter(({ name }) => name === qualifier);
      const sources = byName.length > 0 ? byName : at.sources.filter(({ table }) => table === qualifier);
      if (sources.length > 0) {
        return unique(sources.flatMap((source) => this.of(source, inner)));
      }
    }
    return [];
  }

  /** The column that a name refers to. Undefined for a name that no table has. */
  find(scope: SelectOutline, { qualifier, name }: NamedColumn): ScopeColumn | undefined {
    const columns = qualifier === undefined ? this.visible(scope) : this.qualified(scope, qualifier);
    return columns.find((column) => column.name === name);
  }

  #stored({ table, instanceId }: OutlineSource): ScopeColumn[] {
    const columns = table === undefined ? undefined : this.#tables.get(table);
    if (table === undefined || columns === undefined) {
      return [];
    }
    return columns.map(({ name, type }) => ({
      name,
      type,
      origin: table,
      stored: { table, column: name, ...(instanceId !== undefined && { instanceId }) },
    }));
  }

  /** Columns that a query returns. */
  #projected(query: SelectOutline): ScopeColumn[] {
    const known = this.#queries.get(query);
    if (known !== undefined || this.#depth === MAX_DEPTH) {
      return known ?? [];
    }
    this.#depth++;
    this.#queries.set(query, []);
    const columns = query.projections.flatMap(({ name, qualifier, column }): ScopeColumn[] => {
      if (name === undefined) {
        return qualifier === undefined
          ? this.visible({ ...query, outer: undefined })
          : this.qualified(query, qualifier);
      }
      const from =
        column === undefined ? undefined : this.find(query, { name: column, ...(qualifier && { qualifier }) });
      return [from === undefined ? { name, type: '', origin: '' } : { ...from, name }];
    });
    const result = unique(columns);
    this.#queries.set(query, result);
    this.#depth--;
    return result;
  }
}
