/**
 * Reads the parts of a logs query that are needed to load further pages of lines, such as the SQL without its limit.
 */
import { TIME_CONDITION_MACROS } from '../../../contract/sql/macro-kinds';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { isSqlWord, type SqlToken } from '../../../contract/sql/sql-scan';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ParseError } from './parse-or-throw';
import { dependsOnOtherRows, limitOf, readUnpaged, type UnpagedQuery } from './unpaged-query';

/** The parts of a logs query that are needed to load further pages of its lines. */
export interface PageableQuery {
  /** Range of the query without its outermost ORDER BY, LIMIT, OFFSET and FETCH, in UTF-16 units. */
  lines: SqlRange;
  /** The limit that the author wrote. Undefined if there is no limit, or if it is not a number. */
  limit: number | undefined;
  /**
   * True if the query, run with a shorter time range, returns the same lines within that range. It must be one SELECT
   * of one table, have no window functions, and show the table's time unchanged. Its macros must be conditions on this
   * time, such as `$__timeFilter(time)`.
   */
  isNarrowable: boolean;
}

const notPageable: ParseError = (detail, options) => new ProxyError('log_page_not_ordered', { ...options, detail });

/** The column with the event time of a row. The server applies the time range to this column. */
const TIME = 'time';

/**
 * True if the query reads one table, and each row of its result has the time of one row of this table. The row of the
 * result must depend on no other row.
 */
function showsTime(unpaged: UnpagedQuery, timeColumn: string): boolean {
  const { root, tokens } = unpaged;
  const [select] = root.branches;
  const [source] = select?.sources ?? [];
  const isPlain =
    tokens.filter((token) => isSqlWord(token, 'select')).length === 1 &&
    !dependsOnOtherRows(unpaged) &&
    root.columnAliases.length === 0 &&
    select?.sources.length === 1 &&
    (source?.origin.kind === 'table' || source?.origin.kind === 'function') &&
    source.columnAliases.length === 0;
  if (!isPlain) {
    return false;
  }
  const named = select.items.filter((item) => item.kind === 'expression' && item.name === timeColumn);
  return named.length > 0
    ? named.every((item) => item.kind === 'expression' && item.column?.name === TIME)
    : timeColumn === TIME && select.items.every((item) => item.kind !== 'wildcard' || !item.isChanged);
}

/** True if the SQL has no variables, and all macros are conditions on the event time: `$__timeFilter(time)`. */
function filtersByTime(tokens: readonly SqlToken[]): boolean {
  return tokens.every(({ kind, raw }, index) => {
    if (kind !== 'placeholder') {
      return !raw.includes('$');
    }
    const [open, ...column] = tokens.slice(index + 1, index + 6).map((token) => token.raw);
    const name = column[1] === '.' ? column.slice(2) : column;
    return TIME_CONDITION_MACROS.includes(raw) && open === '(' && name[0]?.toLowerCase() === TIME && name[1] === ')';
  });
}

/**
 * Finds the parts of a logs query that are needed to load further pages of its lines.
 *
 * @param sql        The author's SQL, with macros.
 * @param timeColumn The column of the result with the time of the lines.
 * @throws {ProxyError} 'log_page_not_ordered'
 */
export function readPageable(sql: string, timeColumn: string, parse: ParseStatements): PageableQuery {
  const unpaged = readUnpaged(sql, parse, notPageable);
  const { lines, query, tokens } = unpaged;
  return { lines, limit: limitOf(query), isNarrowable: showsTime(unpaged, timeColumn) && filtersByTime(tokens) };
}
