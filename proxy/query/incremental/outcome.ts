/** The outcome of a refresh, for the statistics of the query and for metrics. */
import { type KeptParts } from '../../../contract/resources/query-costs';
import { type NotIncremental } from '../../sql/edit/incremental-query';

/**
 * The reason why the whole range was read.
 *
 * - `too-long`: the query has more characters than are analysed.
 * - `width`: the width of the bins is unknown, or in months.
 * - `panel`: the panel does not accept results from memory.
 * - `first`: there is no earlier result of the query.
 * - `fast`: there is no earlier result, because a result that took little time is not kept.
 * - `moved`: the range and the earlier result have no common bins, except the newest bins, which are always read.
 * - `due`: the last measured read of the whole range (`CachedResult.wholeAt`) is longer ago than the limit, or a clock
 *   was set.
 * - `slow`: the last refreshes in parts were slow, see `CachedResult.wholeReadsLeft`.
 * - `share`: the changed part of the range is too large.
 * - `result`: the result cannot be kept or joined, for example because a limit truncated it.
 * - `failed`: the parser or a statement for a part failed, or the response about changed bins began too late.
 */
export type WholeReason =
  | NotIncremental
  | 'too-long'
  | 'width'
  | 'panel'
  | 'first'
  | 'fast'
  | 'moved'
  | 'due'
  | 'slow'
  | 'share'
  | 'result'
  | 'failed';

export type RefreshOutcome =
  /**
   * @property share The fraction of the range that was read, from 0 to 1.
   * @property kept  The parts that were not read.
   */
  { kind: 'parts'; share: number; kept: KeptParts } | { kind: 'whole'; reason: WholeReason };

/** Thrown if the whole range must be read. */
export class WholeError extends Error {
  constructor(readonly reason: WholeReason) {
    super(reason);
  }
}

const WHOLE: Readonly<Record<WholeReason, string>> = {
  statement: 'the query has WITH, LIMIT, several SELECTs or another form that is not supported',
  source: 'the query reads more than log_entries or measures',
  'across-bins': 'rows of the result depend on several time bins',
  function: 'the query calls a function whose value may change',
  bin: 'the result does not contain the time bin that the query groups by',
  order: 'the query is not ordered by its time bins',
  range: 'the query uses the time range for more than a condition on the event time',
  'too-long': 'the query is too long',
  width: 'the time bins of the query have no fixed length',
  panel: 'the cache timeout of the panel is 0',
  first: 'no earlier result of the query is in memory',
  fast: 'reading it takes little time',
  moved: 'no bin of the earlier result can be used for the time range',
  due: 'the whole range is read at regular intervals',
  slow: 'reading the changed parts took about as long as reading the whole range, or the whole range was read in addition',
  share: 'a large part of the range is new or has changed',
  result: 'the result is too large to be kept, or cannot be joined',
  failed: 'reading the changed parts failed',
};

/** The outcome as a statistic of the query. */
export function describeOutcome(outcome: RefreshOutcome): string {
  if (outcome.kind === 'whole') {
    return `whole range: ${WHOLE[outcome.reason]}`;
  }
  const percent = outcome.share * 100;
  return `${percent < 1 ? 'less than 1' : Math.round(percent)} % of the range, the rest is from memory`;
}
