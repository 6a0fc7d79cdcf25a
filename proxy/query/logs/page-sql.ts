/** Writes the SQL of a page of a logs query: the lines of the query, with the order and the limit of the page. */
import { type LogPageRequest } from '../../../contract/logs/log-page';
import { quotedName } from '../../../contract/sql/sql-names';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { msLiteral } from '../../../contract/sql/time-literals';
import { assemble, type Piece } from '../../sql/edit/assemble';
import { type PageableQuery } from '../../sql/edit/pageable-query';

interface TimeSpan {
  fromMs: number;
  toMs: number;
}

/** The part of a range from which a page is read. It includes all lines of the millisecond at the boundary. */
export function pageRange({ direction, boundaryMs }: LogPageRequest, { fromMs, toMs }: TimeSpan): TimeSpan {
  return direction === 'older'
    ? { fromMs: Math.min(fromMs, boundaryMs), toMs: boundaryMs + 1 }
    : { fromMs: boundaryMs, toMs: Math.max(toMs, boundaryMs + 1) };
}

/**
 * The SQL of a page.
 *
 * @param rows     Maximum number of lines. Undefined: all.
 * @param isRanged True if the query runs with the range of the page. False: the SQL gets a condition for the boundary.
 */
export function pageSql(
  sql: string,
  { lines }: PageableQuery,
  { direction, boundaryMs, timeColumn }: LogPageRequest,
  { rows, isRanged }: { rows: number | undefined; isRanged: boolean }
): EditedSql {
  const time = quotedName(timeColumn);
  const isOlder = direction === 'older';
  const condition = isOlder ? `< ${msLiteral(boundaryMs + 1)}` : `>= ${msLiteral(boundaryMs)}`;
  const source: Piece[] = isRanged
    ? [lines]
    : ['SELECT * FROM (\n', lines, `\n) AS log_lines WHERE log_lines.${time} ${condition}`];
  return assemble(sql, [
    ...source,
    `\nORDER BY ${time} ${isOlder ? 'DESC' : 'ASC'} NULLS LAST`,
    ...(rows === undefined ? [] : [` LIMIT ${rows}`]),
  ]);
}
