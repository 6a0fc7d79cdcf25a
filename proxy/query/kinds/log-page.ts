/** Prepares the query for a page of a logs query: the lines before or after the shown lines. */
import { type LogPageRequest } from '../../../contract/logs/log-page';
import { quotedName } from '../../../contract/sql/sql-names';
import { type EditedSql } from '../../../contract/sql/sql-edits';
import { msLiteral } from '../../../contract/sql/time-literals';
import { ProxyError } from '../../base/errors/proxy-error';
import { assemble, type Piece } from '../../sql/edit/assemble';
import { type PageableQuery } from '../../sql/edit/pageable-query';
import { withFilters } from '../filters-and-groups';
import { type LogPagePlan } from '../query-plan';
import { requiredJob } from '../parser-job';
import { type PreparedQuery, type QueryRun } from '../query-run';
import { type Statement, statementOf } from '../statement';
import { linesQuery } from '../statement-query';

/** @throws {ProxyError} The errors of `withFilters` and `statementQuery`, 'log_page_not_ordered', 'internal' */
export async function logPageQuery(plan: LogPagePlan, run: QueryRun): Promise<PreparedQuery> {
  const { page } = plan;
  const filtered: Statement = { ...statementOf(plan, run), ...(await withFilters(plan, run)) };
  return linesQuery(
    await inPageOrder(filtered, page, run).catch((reason: unknown) => inAuthorsOrder(filtered, page, reason)),
    run
  );
}

function inPageRange(statement: Statement, page: LogPageRequest): Statement {
  const timeRange = pageRange(page, statement.timeRange);
  return { ...statement, timeRange, sentRange: statement.sentRange && timeRange };
}

/** The smallest limit that the user sets, in lines. Undefined without a limit. */
function limitOfUser({ options }: Statement, maxDataPoints: number, inSql: number | undefined): number | undefined {
  const limits = [inSql, options.rowLimit, options.autoLimit && maxDataPoints > 0 ? maxDataPoints : undefined];
  const numbers = limits.filter((limit) => limit !== undefined);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/**
 * A page of older lines, for a query whose order cannot be changed. The page has the order of the query. The page may
 * lack lines, because the limit of the query still applies.
 *
 * @throws {unknown} `reason`, if its code is not 'log_page_not_ordered', or if the page is for newer lines.
 */
function inAuthorsOrder(statement: Statement, page: LogPageRequest, reason: unknown): Statement {
  const isKnown = reason instanceof ProxyError && reason.code === 'log_page_not_ordered';
  // A page of newer lines must begin at the newest shown line. In the order of the query, a limit may keep only the
  // newest lines of the page, and leave a gap after the shown lines.
  if (!isKnown || page.direction !== 'older') {
    throw reason;
  }
  const { advice } = reason.messages;
  const parts = [
    'These lines have the order and the limit of the query.',
    reason.detail,
    advice === undefined ? undefined : reason.advice,
  ];
  const notice = parts.filter((sentence) => sentence !== undefined).join(' ');
  return inPageRange({ ...statement, notices: [...(statement.notices ?? []), notice] }, page);
}

async function inPageOrder(statement: Statement, page: LogPageRequest, run: QueryRun): Promise<Statement> {
  const { sql, options } = statement;
  const { timeColumn } = page;
  // The name is inserted before macros are expanded, so it must not contain a macro.
  if (timeColumn.includes('$')) {
    throw new ProxyError('log_page_not_ordered', { detail: 'The name of the time column contains "$".' });
  }
  const pageable = await requiredJob(
    { kind: 'page', sql: sql.current, timeColumn },
    { code: 'log_page_not_ordered' },
    run
  );
  const limit = limitOfUser(statement, run.query.maxDataPoints, pageable.limit);
  const rows = limit === undefined ? undefined : limit + page.shown;
  const isRanged = options.timeFilter && pageable.isNarrowable;
  const paged: Statement = {
    ...statement,
    sql: sql.edited(pageSql(sql.current, pageable, page, { rows, isRanged })),
    options: { ...options, rowLimit: undefined, autoLimit: false },
  };
  return isRanged ? inPageRange(paged, page) : paged;
}

/** The part of a range from which a page is read. It includes all lines of the millisecond at the boundary. */
function pageRange(
  { direction, boundaryMs }: LogPageRequest,
  { fromMs, toMs }: Statement['timeRange']
): Statement['timeRange'] {
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
function pageSql(
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
