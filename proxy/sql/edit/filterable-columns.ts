/**
 * Tells which columns of a result are columns of a table, so that Grafana can offer to filter by their values.
 *
 * This needs the SQL only, not the columns of the tables, so it costs no call of the server.
 */
import { StringMap } from '../../../contract/string-map';
import { ColumnLineage } from '../../../contract/sql/column-lineage';
import { type QueryShape } from '../../../contract/sql/query-scopes';
import { keepNewest } from '../../base/keep-newest';
import { type ParserThread } from './parser-thread';
import { NoParserResultError } from './running-thread';

/** True for the name of a result column whose values a filter can be compared with. */
export type IsFilterable = (name: string) => boolean;

/** Longer SQL is not analysed. A query of this length takes about 30 ms. */
export const MAX_ANALYSED_CHARACTERS = 10_000;
/** Maximum number of queries that are remembered. */
export const MAX_ANALYSES = 200;

/** The name of a column. The server names an expression without an alias after its SQL, such as `count(*)`. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;

export const NOTHING_FILTERABLE: IsFilterable = () => false;

/** One per process. Remembers the results of recent SQL, so that a panel that refreshes costs no job. */
export class FilterableColumns {
  readonly #parser: Pick<ParserThread, 'run'>;
  /** By SQL, the least recently used first. */
  readonly #known = new StringMap<Promise<QueryShape | undefined>>();

  constructor(parser: Pick<ParserThread, 'run'>) {
    this.#parser = parser;
  }

  /**
   * Never rejects. If the parser fails, the result of the query is complete, and only the filter buttons are missing.
   *
   * @param sql  The author's SQL, with its macros, so that the time range makes no difference.
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
