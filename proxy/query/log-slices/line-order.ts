/** Finds the logs queries whose lines are ordered by time. Only such queries can be read in slices. */
import { type SqlQuery } from '../../../contract/queries/query';
import { digestOf } from '../../base/digest';
import { MAX_ANALYSED_CHARACTERS } from '../../sql/edit/filterable-columns';
import { type TimeOrderedQuery } from '../../sql/edit/time-ordered-query';
import { type TimeRange } from '../../sql/macros/time-bins';
import { type AuthoredSql } from '../authored-sql';
import { optionalJob, type ParserJobRun } from '../parser-job';
import { MIN_SLICED_MS } from './line-slices';

/** The order of the lines of a query. */
export interface LineOrder extends Pick<TimeOrderedQuery, 'isDescending' | 'limit'> {
  /** Identifies the lines and their order, independent of the limit and the time range. */
  key: string;
}

interface LinesQuery {
  sql: AuthoredSql;
  options: Pick<SqlQuery, 'format'>;
  /** The range that is sent beside the SQL. */
  sentRange: TimeRange | undefined;
}

/**
 * @returns Undefined if the query is not a logs query that is ordered by time, if its range is short or missing, if its
 *   SQL is long, or if the parser has no result.
 * @throws {ProxyError} 'query_timeout', 'query_cancelled'
 */
export async function lineOrderOf(
  { sql: { current }, options, sentRange }: LinesQuery,
  run: ParserJobRun
): Promise<LineOrder | undefined> {
  const mayBeSliced =
    options.format === 'logs' &&
    sentRange !== undefined &&
    sentRange.toMs - sentRange.fromMs >= MIN_SLICED_MS &&
    current.length <= MAX_ANALYSED_CHARACTERS;
  const ordered = mayBeSliced ? await optionalJob({ kind: 'time-order', sql: current }, run) : undefined;
  if (ordered === undefined) {
    return undefined;
  }
  const { lines, isDescending, limit } = ordered;
  return { isDescending, limit, key: digestOf(`${isDescending} ${current.slice(lines.start, lines.end)}`) };
}
