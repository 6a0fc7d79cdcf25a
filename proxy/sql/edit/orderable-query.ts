/**
 * Checks whether `ORDER BY time` can be added to a logs query. The query must be one SELECT of one table, return a
 * column `time`, and have no ORDER BY, LIMIT, OFFSET or FETCH.
 */
import { type SqlSource } from '../../../contract/sql/query-scopes';
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type ParseStatements } from '../../../contract/sql/sql-parser';
import { ProxyError } from '../../base/errors/proxy-error';
import { hasPage, readUnpaged } from './unpaged-query';

const TIME = 'time';
const LOGS = 'log_entries';

function notOrderable(detail: string, { cause }: { cause?: unknown } = {}): ProxyError {
  return new ProxyError('log_page_not_ordered', { detail, cause });
}

function readsLogs({ origin }: SqlSource): boolean {
  return (
    (origin.kind === 'table' && origin.table === LOGS) ||
    (origin.kind === 'function' && origin.name === 'view_instance' && origin.args[0] === LOGS)
  );
}

/**
 * @param sql The author's SQL, with macros.
 * @returns The SQL to which `ORDER BY time` can be added.
 * @throws {ProxyError} 'log_page_not_ordered' for any other query.
 */
export function readOrderable(sql: string, parse: ParseStatements): SqlRange {
  const { lines, query, root } = readUnpaged(sql, parse, notOrderable);
  if (hasPage(query)) {
    throw notOrderable('The query has an order or a limit of its own.');
  }
  const [select, ...others] = root.branches;
  const [source, ...joined] = select?.sources ?? [];
  if (select === undefined || others.length > 0 || source === undefined || joined.length > 0) {
    throw notOrderable('The query is not one SELECT of one table.');
  }
  const showsTime = select.items.some((item) =>
    item.kind === 'wildcard' ? !item.isChanged && readsLogs(source) : item.name === TIME
  );
  if (root.columnAliases.length > 0 || !showsTime) {
    throw notOrderable('The query does not return a column "time".');
  }
  return lines;
}
