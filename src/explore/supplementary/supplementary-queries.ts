/**
 * The queries that Explore sends in addition to a query. The log volume has the number of lines of a logs query by time
 * and level. The backend counts these lines for a query with the field `supplementary`. The logs sample has lines from
 * which a builder query computes its graph or table.
 */
import { type DataQueryRequest, rangeUtil, type ScopedVars, SupplementaryQueryType } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type LogsState } from '../../../contract/builder/builder-state';
import { readFlag, sqlOf, type SupplementaryRequest } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { type MicromegasQuery } from '../../shared/types';

/** Explore removes these prefixes to find the query of a frame. */
const VOLUME_PREFIX = 'log-volume-';
const SAMPLE_PREFIX = 'log-sample-';

/** Maximum number of lines of a sample. */
const SAMPLE_LINES = 100;

/**
 * The query for the volume of a logs query. Undefined for a query that shows no logs.
 *
 * @param intervalMs The interval of the logs query. Macros in the SQL of this query may use it.
 */
export function volumeQuery(query: MicromegasQuery, intervalMs?: number): MicromegasQuery | undefined {
  if (query.hide === true || query.format !== 'logs' || isViewQuery(query) || sqlOf(query).trim() === '') {
    return undefined;
  }
  const supplementary: SupplementaryRequest = {
    type: 'logs-volume',
    ...(intervalMs !== undefined && intervalMs > 0 && { intervalMs }),
  };
  return { ...query, refId: `${VOLUME_PREFIX}${query.refId}`, supplementary };
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

/**
 * The lines that a query of the builder reads. Undefined if its SQL was edited, and for tables other than
 * `log_entries`.
 */
function linesOf({ builder, ...query }: MicromegasQuery): LogsState | undefined {
  if (builder?.kind !== 'table' || builder.table !== 'log_entries' || readFlag(query.rawEditor) !== false) {
    return undefined;
  }
  const { instanceId, conditions } = builder;
  return builderQuery(builder).sql.trim() === sqlOf(query).trim()
    ? { kind: 'logs', ...(instanceId && { processId: instanceId }), conditions, order: 'newest', limit: SAMPLE_LINES }
    : undefined;
}

/**
 * The query for the lines of a graph or a table, with its conditions and filters, newest first. Undefined for queries
 * that show logs, and for queries whose lines are not known.
 */
export function sampleQuery(query: MicromegasQuery): MicromegasQuery | undefined {
  if (query.hide === true || query.format === 'logs' || isViewQuery(query)) {
    return undefined;
  }
  const { fillMode: _fill, legend: _legend, labelColumns: _labels, autoLimit: _limit, ...kept } = query;
  try {
    const builder = linesOf(query);
    if (builder === undefined) {
      return undefined;
    }
    const { sql, format, rowLimit } = builderQuery(builder);
    return { ...kept, refId: `${SAMPLE_PREFIX}${query.refId}`, query: sql, builder, format, rowLimit, version: 2 };
  } catch {
    // The saved state is not valid for the builder.
    return undefined;
  }
}

/** The request with the queries for samples. Undefined if there is no query whose lines are known. */
export function sampleRequest(
  request: DataQueryRequest<MicromegasQuery>
): DataQueryRequest<MicromegasQuery> | undefined {
  const targets = request.targets.flatMap((query) => sampleQuery(query) ?? []);
  return targets.length > 0 ? { ...request, targets } : undefined;
}
