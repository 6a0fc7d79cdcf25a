/** Finds out which logs queries return lines in the order of their time, so that they can be read in slices. */
import { type SqlQuery } from '../../../contract/queries/query';
import { type Deadline } from '../../base/async/deadline';
import { untilAborted } from '../../base/async/with-limits';
import { digestOf } from '../../base/digest';
import { MAX_ANALYSED_CHARACTERS } from '../../sql/edit/filterable-columns';
import { type ParserThread } from '../../sql/edit/parser-thread';
import { NoParserResultError } from '../../sql/edit/running-thread';
import { type TimeOrderedQuery } from '../../sql/edit/time-ordered-query';
import { type AuthoredSql } from '../authored-sql';
import { type LineRates } from './line-rates';
import { MIN_SLICED_MS, type TimeSpan } from './line-slices';

/** The order of the lines of a query. */
export interface LineOrder extends Pick<TimeOrderedQuery, 'isDescending' | 'limit'> {
  /** Identifies the lines and their order, without their limit and their time range. */
  key: string;
}

interface LinesQuery {
  sql: AuthoredSql;
  options: Pick<SqlQuery, 'format'>;
  /** The range that is sent beside the SQL. */
  sentRange: TimeSpan | undefined;
}

interface LineOrderRun {
  /** Name of the user in the queue of the parser. */
  user: string;
  deadline: Deadline;
  deps: { parser: Pick<ParserThread, 'run'>; lineRates: LineRates };
}

/**
 * @returns Undefined for other queries, for those of a short range, and if the parser has no result.
 * @throws {ProxyError} 'query_timeout', 'query_cancelled'
 */
export async function lineOrderOf(
  { sql: { text }, options, sentRange }: LinesQuery,
  { user, deadline, deps: { parser, lineRates } }: LineOrderRun
): Promise<LineOrder | undefined> {
  const mayBeSliced =
    options.format === 'logs' &&
    sentRange !== undefined &&
    sentRange.toMs - sentRange.fromMs >= MIN_SLICED_MS &&
    text.length <= MAX_ANALYSED_CHARACTERS;
  if (!mayBeSliced || lineRates.isUnreadable(digestOf(text))) {
    return undefined;
  }
  const reading = parser.run({ kind: 'time-order', sql: text }, user);
  const ordered = await untilAborted(reading, deadline.signal).catch((reason: unknown) => {
    deadline.check();
    if (reason instanceof NoParserResultError && reason.repeats) {
      lineRates.noteUnreadable(digestOf(text));
    }
    return undefined;
  });
  if (ordered === undefined) {
    return undefined;
  }
  const { lines, isDescending, limit } = ordered;
  return { isDescending, limit, key: digestOf(`${isDescending} ${text.slice(lines.start, lines.end)}`) };
}
