/** Decides which queries get a notice on the freshness of their data, or on variables that Grafana does not replace. */
import { type SqlQuery } from '../../contract/queries/query';
import { variablesIn } from '../../contract/sql/dashboard-variables';
import { foreignLine } from '../base/errors/foreign-string';
import { MAX_ANALYSED_CHARACTERS } from '../sql/edit/filterable-columns';
import { type LateNotice } from '../views/freshness/freshness';
import { type AuthoredSql } from './authored-sql';
import { callerOf } from './caller';
import { type DataQuery } from './plugin-request';
import { type QueryRun } from './query-run';

/** A statement that reads rows of the author's SQL. */
interface ReadStatement {
  sql: AuthoredSql;
  options: Pick<SqlQuery, 'timezone'>;
  timeRange: DataQuery['timeRange'];
}

/** Entry points whose SQL Grafana sends without replaced variables, as parts of a sentence. */
const WITHOUT_VARIABLES: Readonly<Partial<Record<string, string>>> = {
  alerting: 'alert rules',
  'public-dashboard': 'public dashboards',
};

/** Maximum number of variables in a notice. */
const MAX_VARIABLES = 3;

/**
 * The notice on dashboard variables in SQL that is sent as it was saved. As a late notice, it is also shown for a
 * result without rows, which such a variable usually causes. Long SQL is not searched.
 */
function variableNotice({ original }: AuthoredSql, where: string): LateNotice | undefined {
  const variables = original.length > MAX_ANALYSED_CHARACTERS ? [] : variablesIn(original, MAX_VARIABLES);
  const names = variables.map((variable) => foreignLine(variable)).join(', ');
  const text = `The SQL contains ${names}. Grafana replaces no dashboard variables in ${where}.`;
  return variables.length === 0 ? undefined : () => Promise.resolve({ severity: 'info', text });
}

/**
 * The notice that is computed in parallel with the query. For alert rules and public dashboards, it is about dashboard
 * variables. Otherwise it is about how far the data are behind, and this function starts the check. Undefined for
 * queries without a notice: anonymous visitors, variables and annotations, and queries that the settings exclude.
 */
export function lateNoticeOf(
  { sql, options, timeRange }: ReadStatement,
  { instance, request, caller, record, deps }: QueryRun
): LateNotice | undefined {
  const { user } = request.context;
  const { freshnessNotices } = instance.settings;
  const { entrypoint } = caller.origin;
  const where = WITHOUT_VARIABLES[entrypoint];
  if (where !== undefined) {
    return variableNotice(sql, where);
  }
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
