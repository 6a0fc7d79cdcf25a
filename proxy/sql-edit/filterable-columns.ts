/**
 * Tells which columns of a result are columns of a table, so that Grafana can offer to filter by their values.
 *
 * The answer needs the SQL only, not the columns of the tables, so it costs no call of the server.
 */
import { ColumnLineage } from '../../contract/sql-syntax/column-lineage';
import { readScopes, type QueryShape } from '../../contract/sql-syntax/query-scopes';
import { parseSql } from '../../contract/sql-syntax/sql-parser';
import { type SqlParser } from './load-parser';

/** True for the name of a result column whose values a filter can be compared with. */
export type IsFilterable = (name: string) => boolean;

/** Longer SQL is not analysed. A query of this length takes about 30 ms. */
export const MAX_ANALYSED_CHARACTERS = 10_000;
/** Queries that are remembered. */
export const MAX_ANALYSES = 200;

/** The name of a column. The server names an expression without an alias after its text, such as `count(*)`. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;

export const NOTHING_FILTERABLE: IsFilterable = () => false;

export class FilterableColumns {
  readonly #parser: Pick<SqlParser, 'get'>;
  /** By SQL, the least recently used first. */
  readonly #known = new Map<string, QueryShape | undefined>();

  constructor(parser: Pick<SqlParser, 'get'>) {
    this.#parser = parser;
  }

  /**
   * Starts after the current turn of the event loop, so that the call of the server is sent first. Never rejects.
   *
   * @param sql The author's SQL, with its macros, so that the time range makes no difference.
   */
  async of(sql: string): Promise<IsFilterable> {
    if (sql.length > MAX_ANALYSED_CHARACTERS) {
      return NOTHING_FILTERABLE;
    }
    let root = this.#known.get(sql);
    if (!this.#known.has(sql)) {
      await new Promise((resolve) => setImmediate(resolve));
      root = await this.#analyse(sql);
    }
    this.#remember(sql, root);
    return root === undefined ? NOTHING_FILTERABLE : isFilterableIn(root);
  }

  async #analyse(sql: string): Promise<QueryShape | undefined> {
    try {
      const parsed = parseSql(sql, await this.#parser.get());
      return parsed.kind === 'parsed' ? readScopes(sql, parsed).root : undefined;
    } catch {
      // Without the analysis, the result is complete, and only the filter buttons are missing.
      return undefined;
    }
  }

  #remember(sql: string, root: QueryShape | undefined): void {
    this.#known.delete(sql);
    this.#known.set(sql, root);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_ANALYSES && oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }
}

function isFilterableIn(root: QueryShape): IsFilterable {
  const lineage = new ColumnLineage();
  return (name) => PLAIN_NAME.test(name) && lineage.ofQuery(root, name).kind === 'table';
}
