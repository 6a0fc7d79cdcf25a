/**
 * The request for the log volume: Explore's logs queries with the field `supplementary`. The backend counts their
 * lines.
 */
import { type DataQueryRequest, rangeUtil, type ScopedVars, SupplementaryQueryType } from '@grafana/data';
import { type SupplementaryRequest, sqlOf } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { type MicromegasQuery } from '../../shared/types';

/** Explore removes this prefix to find the query of a frame. */
const REF_ID_PREFIX = 'log-volume-';

/**
 * The query for the volume of a logs query. Undefined for a query that shows no logs.
 *
 * @param intervalMs The interval of the logs query, since macros in its SQL may use it.
 */
export function volumeQuery(query: MicromegasQuery, intervalMs?: number): MicromegasQuery | undefined {
  if (query.hide === true || query.format !== 'logs' || isViewQuery(query) || sqlOf(query).trim() === '') {
    return undefined;
  }
  const supplementary: SupplementaryRequest = {
    type: 'logs-volume',
    ...(intervalMs !== undefined && intervalMs > 0 && { intervalMs }),
  };
  return { ...query, refId: `${REF_ID_PREFIX}${query.refId}`, supplementary };
}

/** The request with the queries for volumes. Undefined if no query shows logs, and for other types of requests. */
export function volumeRequest(
  type: SupplementaryQueryType,
  request: DataQueryRequest<MicromegasQuery>
): DataQueryRequest<MicromegasQuery> | undefined {
  const targets = request.targets.flatMap((query) => volumeQuery(query, request.intervalMs) ?? []);
  return type === SupplementaryQueryType.LogsVolume && targets.length > 0
    ? // Explore changes the interval in `scopedVars`, so the volume request needs its own copy.
      { ...request, scopedVars: { ...request.scopedVars }, targets }
    : undefined;
}

/** The scoped variables for a query: a query for the volume keeps the interval of its logs query. */
export function scopedVarsOf({ supplementary }: MicromegasQuery, scopedVars: ScopedVars): ScopedVars {
  const intervalMs = supplementary?.intervalMs;
  if (intervalMs === undefined) {
    return scopedVars;
  }
  // The interval in the format that Grafana uses in requests.
  const interval = rangeUtil.secondsToHms(intervalMs / 1000);
  return {
    ...scopedVars,
    __interval: { text: interval, value: interval },
    __interval_ms: { text: String(intervalMs), value: intervalMs },
  };
}
