/** Which queries get a notice on the freshness of their data. */
import { type RunnableQuery } from '../../contract/queries/query';
import { type Freshness, type LateNotice } from '../views/freshness/freshness';
import { type Instance } from '../lakehouse/instances/instance';
import { type TraceContext } from '../observe/telemetry/trace-context';
import { callerOf } from './caller';
import { type DataQuery, type QueryDataRequest } from './plugin-request';

/** A query whose SQL is the author's. */
export interface FreshQuery {
  query: Pick<RunnableQuery, 'sql' | 'timezone'>;
  purpose: string | undefined;
}

export interface FreshnessContext {
  instance: Instance;
  request: QueryDataRequest;
  record: { trace?: TraceContext | undefined };
  freshness: Pick<Freshness, 'begin'>;
}

/**
 * Starts to find out how far the data are behind. Undefined for queries that get no notice: those of alert rules, public
 * dashboards, anonymous visitors, variables and annotations, and those that the settings exclude.
 */
export function lateNoticeOf(
  { query, purpose }: FreshQuery,
  { timeRange }: Pick<DataQuery, 'timeRange'>,
  { instance, request, record, freshness }: FreshnessContext
): LateNotice | undefined {
  const { user } = request.context;
  const { freshnessNotices } = instance.settings;
  const { entrypoint } = callerOf(user, request.headers, purpose).origin;
  const isWanted =
    (entrypoint === 'explore' && freshnessNotices !== 'off') ||
    (entrypoint === 'dashboard' && freshnessNotices === 'dashboards');
  return isWanted
    ? freshness.begin({
        instance,
        call: { ...callerOf(user, request.headers, 'freshness'), trace: record.trace },
        sql: query.sql,
        toMs: timeRange.toMs,
        timezone: query.timezone,
      })
    : undefined;
}
