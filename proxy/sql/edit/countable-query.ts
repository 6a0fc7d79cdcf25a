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
  level: { at: number; column: string } | undefined;
  /** The query for `log_stats`. Undefined if the lines cannot be counted there. */
  statistics: StatisticsQuery | undefined;
}

/** Name of the level column that is added to a SELECT list. */
export const ADDED_LEVEL = '__line_level';

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
    level: read && addedLevel(sql, read, parse),
    statistics: read && child(query, 'with') === undefined ? readStatistics({ sql, ...read }) : undefined,
  };
}

/** Names of the columns that log frames use as level. */
const LEVELS = ['level', 'severity'];

/** The level column to add if the query reads `log_entries` and the SELECT list has no level. */
function addedLevel(sql: string, read: ReadSelect, parse: ParseStatements): CountableQuery['level'] {
  const { select, node, query, lines } = read;
  const [source, ...others] = select.sources;
  const hasLevel = select.items.some(
    (item) => item.kind === 'wildcard' || LEVELS.includes(item.name?.toLowerCase() ?? '')
  );
  // `node` is undefined if the query is in parentheses.
  if (hasLevel || source === undefined || others.length > 0 || !readsLogEntries(source) || node === undefined) {
    return undefined;
  }
  const at = select.listEnd;
  if (at === undefined) {
    return undefined;
  }
  const column = source.qualifier === undefined ? 'level' : `${source.qualifier}.level`;
  const level = `${sql.slice(lines.start, at)}, ${column} AS ${ADDED_LEVEL}${sql.slice(at, lines.end)}`;
  if ('problem' in parserInput(level)) {
    return undefined;
  }
  const after = child(parseStatement(level, parse, notCountable).statement, 'Query');
  const items = selectedItems(after);
  const added = child(items.at(-1), 'ExprWithAlias', 'alias', 'value');
  return added === ADDED_LEVEL &&
    isEqual(
      withSelectParts(query, { projection: selectedItems(query) }),
      withSelectParts(after, { projection: items.slice(0, -1) })
    )
    ? { at, column }
    : undefined;
}
