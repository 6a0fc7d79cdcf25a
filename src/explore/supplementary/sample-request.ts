/** The request for the logs sample of Explore: log lines that a graph or a table of the query builder was made from. */
import { type DataQueryRequest } from '@grafana/data';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type LogsState } from '../../../contract/builder/builder-state';
import { readFlag, sqlOf } from '../../../contract/queries/query';
import { isViewQuery } from '../../../contract/query-types/view-request';
import { type MicromegasQuery } from '../../shared/types';

const REF_ID_PREFIX = 'log-sample-';

/** Maximum number of lines of a sample. */
const SAMPLE_LINES = 100;

/** The lines that a query of the builder reads. Undefined if its SQL was edited, and for other tables. */
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
    return { ...kept, refId: `${REF_ID_PREFIX}${query.refId}`, query: sql, builder, format, rowLimit, version: 2 };
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
