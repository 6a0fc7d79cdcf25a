/**
 * Finds the columns of a result that show the values of a table column unchanged. Grafana shows filter buttons for the
 * values of these columns.
 *
 * The analysis needs only the SQL, not the columns of the tables, so it makes no call to the server.
 */
import { ColumnLineage } from '../../../contract/sql/column-lineage';
import { type QueryShape } from '../../../contract/sql/query-scopes';
import { type SqlParser } from './parser-jobs';

/** True if a filter can compare the values of the result column with this name. */
export type IsFilterable = (name: string) => boolean;

/** Maximum length of analysed SQL, in UTF-16 units. A query of this length takes about 30 ms. */
export const MAX_ANALYSED_CHARACTERS = 10_000;

/**
 * A plain name of a column. For an expression without an alias, the server uses the SQL as the name, such as
 * `count(*)`. Such a name is not plain.
 */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_.]*$/u;

/** For a result with unknown columns. */
const NOTHING_FILTERABLE: IsFilterable = () => false;

/**
 * Analyses the columns of a result, and returns a function that tells for each column whether it can be filtered. Never
 * rejects: if the parser fails, the function returns false for each column.
 *
 * @param sql    The author's SQL, with macros, so that it is the same for all time ranges.
 * @param user   The user who runs the query.
 * @param parser With a cache, so that the refresh of a panel needs no parser job.
 */
export async function filterableColumns(sql: string, user: string, parser: SqlParser): Promise<IsFilterable> {
  if (sql.length > MAX_ANALYSED_CHARACTERS) {
    return NOTHING_FILTERABLE;
  }
  const root = await parser.run({ kind: 'shape', sql }, user).catch(() => undefined);
  return root === undefined ? NOTHING_FILTERABLE : isFilterableIn(root);
}

function isFilterableIn(root: QueryShape): IsFilterable {
  const lineage = new ColumnLineage();
  return (name) => PLAIN_NAME.test(name) && lineage.ofQuery(root, name).kind === 'table';
}
