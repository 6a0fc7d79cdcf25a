/** Decides which queries get a notice on the freshness of their data. */
import { type LateNotice } from '../views/freshness/freshness';
import { type SqlQuery } from '../../contract/queries/query';
import { type AuthoredSql } from './authored-sql';
import { callerOf } from './caller';
import { type DataQuery } from './plugin-request';
import { type QueryRun } from './query-run';

/** A statement that reads rows of the author's SQL. */
interface ReadStatement {
  sql: AuthoredSql;
  options: Pick<SqlQuery, 'timezone'>;
  purpose: string | undefined;
  timeRange: DataQuery['timeRange'];
}

/**
 * Starts the check of how far the data are behind. Undefined for queries without a notice: alert rules, public
 * dashboards, anonymous visitors, variables and annotations, and queries that the settings exclude.
 */
export function lateNoticeOf(
  { sql, options, purpose, timeRange }: ReadStatement,
  { instance, request, record, deps }: QueryRun
): LateNotice | undefined {
  const { user } = request.context;
  const { freshnessNotices } = instance.settings;
  const { entrypoint } = callerOf(user, request.headers, purpose).origin;
  const isWanted =
    (entrypoint === 'explore' && freshnessNotices !== 'off') ||
    (entrypoint === 'dashboard' && freshnessNotices === 'dashboards');
  return isWanted
    ? deps.freshness.begin({
        instance,
        call: { ...callerOf(user, request.headers, 'freshness'), trace: record.trace, lane: 'continued' },
        sql: sql.current,
        toMs: timeRange.toMs,
        timezone: options.timezone,
      })
    : undefined;
}
