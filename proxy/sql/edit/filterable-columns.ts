/**
 * Finds the columns of a result that show the values of a table column unchanged. Grafana shows filter buttons for the
 * values of these columns.
 *
 * The analysis needs only the SQL, not the columns of the tables, so it makes no call to the server.
 */
import { StringMap } from '../../../contract/string-map';
import { ColumnLineage } from '../../../contract/sql/column-lineage';
import { type QueryShape } from '../../../contract/sql/query-scopes';
import { keepNewest } from '../../base/keep-newest';
import { type SqlParser } from './parser-jobs';
import { NoParserResultError } from './running-thread';

/** True if a filter can compare the values of the result column with this name. */
export type IsFilterable = (name: string) => boolean;

/** Maximum length of analysed SQL, in UTF-16 units. A query of this length takes about 30 ms. */
export const MAX_ANALYSED_CHARACTERS = 10_000;
/** Maximum number of cached queries. */
export const MAX_ANALYSES = 200;

/**
 * A plain name of a column. For an expression without an alias, the server uses the SQL as the name, such as
 * `count(*)`. Such a name is not plain.
 */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;

/** For a result with unknown columns. */
const NOTHING_FILTERABLE: IsFilterable = () => false;

/** One per process. It caches the results for recent SQL, so that the refresh of a panel needs no parser job. */
export class FilterableColumns {
  readonly #parser: SqlParser;
  /** The results by SQL. The least recently used entry comes first. */
  readonly #known = new StringMap<Promise<QueryShape | undefined>>();

  constructor(parser: SqlParser) {
    this.#parser = parser;
  }

  /**
   * Analyses the columns of a result, and returns a function that tells for each column whether it can be filtered.
   * Never rejects: if the parser fails, the function returns false for each column.
   *
   * @param sql  The author's SQL, with macros. This SQL is the cache key, because it is the same for all time ranges.
   * @param user The user who runs the query.
   */
  async of(sql: string, user: string): Promise<IsFilterable> {
    if (sql.length > MAX_ANALYSED_CHARACTERS) {
      return NOTHING_FILTERABLE;
    }
    const root = await this.#shapeOf(sql, user);
    return root === undefined ? NOTHING_FILTERABLE : isFilterableIn(root);
  }

  #shapeOf(sql: string, user: string): Promise<QueryShape | undefined> {
    const shape =
      this.#known.get(sql) ??
      this.#parser.run({ kind: 'shape', sql }, user).catch((reason: unknown) => {
        // A failure stays cached only if the same SQL would fail again.
        if (!(reason instanceof NoParserResultError && reason.repeats)) {
          this.#known.delete(sql);
        }
        return undefined;
      });
    keepNewest(this.#known, sql, shape, MAX_ANALYSES);
    return shape;
  }
}

function isFilterableIn(root: QueryShape): IsFilterable {
  const lineage = new ColumnLineage();
  return (name) => PLAIN_NAME.test(name) && lineage.ofQuery(root, name).kind === 'table';
}
