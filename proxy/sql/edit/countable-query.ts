/**
 * Finds how the lines of a logs query can be counted: as a subquery, or in the table `log_stats`, which has counts per
 * minute.
 *
 * The counted lines are the result without ORDER BY, LIMIT, OFFSET and FETCH. Joins, CTEs, UNION, DISTINCT and GROUP BY
 * stay in the subquery, where they have the same meaning as in the query.
 */
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { parserInput } from '../../../contract/sql/parser-input';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { child } from '../../../contract/sql/syntax-tree';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ParseError } from './parse-or-throw';
import { readStatistics, readsLogEntries, type StatisticsQuery } from './statistics-query';
import {
  selectedItems,
  onlySelect,
  parseStatement,
  type ReadSelect,
  readUnpaged,
  withSelectParts,
} from './unpaged-query';
import { isEqual } from './verify-edit';

/** The countable parts of a query. All offsets are UTF-16 units in the SQL that was read. */
export interface CountableQuery {
  /** The query that yields all lines. It is valid in parentheses. */
  lines: SqlRange;
  /**
   * The level column to add to the SELECT list, if the table has a level and the result has none. Undefined in all
   * other cases.
   */
  level: AddedColumn | undefined;
  /** The column with the program to add, like `level`. */
  program: AddedColumn | undefined;
  /** The query for `log_stats`. Undefined if the lines cannot be counted there. */
  statistics: StatisticsQuery | undefined;
}

/** A column to add to a SELECT list. */
export interface AddedColumn {
  at: number;
  /** The column, with its qualifier. */
  column: string;
}

/** Name of the level column that is added to a SELECT list. */
export const ADDED_LEVEL = '__line_level';
/** Name of the column with the program that is added to a SELECT list. */
export const ADDED_PROGRAM = '__line_program';

const notCountable: ParseError = (detail, options) => new ProxyError('volume_not_countable', { ...options, detail });

/**
 * Reads how the lines of a query can be counted.
 *
 * @param sql The author's SQL, with macros.
 * @throws {ProxyError} 'volume_not_countable'
 */
export function readCountable(sql: string, parse: ParseStatements): CountableQuery {
  const unpaged = readUnpaged(sql, parse, notCountable);
  const { lines, query } = unpaged;
  const read = onlySelect(unpaged);
  return {
    lines,
    level: read && addedColumn(sql, read, parse, { column: 'level', alias: ADDED_LEVEL, known: LEVELS }),
    program: read && addedColumn(sql, read, parse, { column: 'exe', alias: ADDED_PROGRAM, known: ['exe'] }),
    statistics: read && child(query, 'with') === undefined ? readStatistics({ sql, ...read }) : undefined,
  };
}

/** Names of the columns that log frames use as level. */
const LEVELS = ['level', 'severity'];

/** @property known Names of columns of the result that make the added column unnecessary. */
interface Addition {
  column: string;
  alias: string;
  known: readonly string[];
}

/** The column to add if the query reads `log_entries` and the SELECT list has no such column. */
function addedColumn(
  sql: string,
  read: ReadSelect,
  parse: ParseStatements,
  { column, alias, known }: Addition
): AddedColumn | undefined {
  const { select, node, query, lines } = read;
  const [source, ...others] = select.sources;
  const isKnown = select.items.some(
    (item) => item.kind === 'wildcard' || known.includes(item.name?.toLowerCase() ?? '')
  );
  // `node` is undefined if the query is in parentheses.
  if (isKnown || source === undefined || others.length > 0 || !readsLogEntries(source) || node === undefined) {
    return undefined;
  }
  const at = select.listEnd;
  if (at === undefined) {
    return undefined;
  }
  const qualified = source.qualifier === undefined ? column : `${source.qualifier}.${column}`;
  const extended = `${sql.slice(lines.start, at)}, ${qualified} AS ${alias}${sql.slice(at, lines.end)}`;
  if ('problem' in parserInput(extended)) {
    return undefined;
  }
  const after = child(parseStatement(extended, parse, notCountable).statement, 'Query');
  const items = selectedItems(after);
  const added = child(items.at(-1), 'ExprWithAlias', 'alias', 'value');
  return added === alias &&
    isEqual(
      withSelectParts(query, { projection: selectedItems(query) }),
      withSelectParts(after, { projection: items.slice(0, -1) })
    )
    ? { at, column: qualified }
    : undefined;
}
