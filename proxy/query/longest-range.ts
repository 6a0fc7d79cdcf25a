/** Rejects queries that read a longer time than the data source allows. */
import { ProxyError } from '../base/errors/proxy-error';
import { type QueryPlan } from './query-plan';
import { type QueryRun } from './query-run';

const HOUR_MS = 3_600_000;

/**
 * Steps of a live tail, and the neighbours of a log line, read a range of their own, which is not checked.
 *
 * @throws {ProxyError} 'time_range_too_long'
 */
export function checkLongestRange(plan: QueryPlan, { instance, query }: Pick<QueryRun, 'instance' | 'query'>): void {
  const { maxRangeMs } = instance.settings;
  if (maxRangeMs === undefined || plan.type === 'empty' || plan.type === 'tail' || plan.type === 'log-context') {
    return;
  }
  if ('options' in plan && !plan.options.timeFilter) {
    throw new ProxyError('time_range_too_long', {
      detail: `The query has no time filter, and at most ${inHours(maxRangeMs)} are allowed.`,
    });
  }
  const lengthMs = query.timeRange.toMs - query.timeRange.fromMs;
  if (lengthMs > maxRangeMs) {
    throw new ProxyError('time_range_too_long', {
      detail: `The range has ${inHours(lengthMs)}, and at most ${inHours(maxRangeMs)} are allowed.`,
    });
  }
}

/** @returns For example `1.5 hours`. */
function inHours(ms: number): string {
  const hours = Number((ms / HOUR_MS).toPrecision(4));
  return hours === 1 ? '1 hour' : `${hours} hours`;
}
