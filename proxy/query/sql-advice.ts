/** Advice on SQL for errors that the message of the server does not explain. */
import { variablesIn } from '../../contract/sql/dashboard-variables';
import { sqlTokenValue, tokenizeSql } from '../../contract/sql/sql-scan';
import { type ErrorCode } from '../base/errors/catalogue';
import { foreignLine } from '../base/errors/foreign-string';
import { type ProxyError } from '../base/errors/proxy-error';
import { type Notice } from '../frames/data-frames/frame-options';
import { callFailureOf } from '../lakehouse/flight-sql/flight-errors';
import { MAX_ANALYSED_CHARACTERS } from '../sql/edit/filterable-columns';

/** Errors of the server about the SQL. */
const SQL_ERRORS: readonly ErrorCode[] = ['query_invalid', 'query_failed'];

/** Entry points with a notice on variables that were not replaced. `text` is the second sentence of the notice. */
const ABOUT_VARIABLES: Readonly<Partial<Record<string, Notice>>> = {
  alerting: { severity: 'info', text: 'Grafana replaces no dashboard variables in alert rules.' },
  'public-dashboard': { severity: 'info', text: 'Grafana replaces no dashboard variables in public dashboards.' },
  explore: { severity: 'warning', text: 'Grafana replaces no dashboard variables in Explore.' },
  dashboard: { severity: 'warning', text: 'The dashboard has no such variable.' },
};

/** Maximum number of variables in a message. */
const MAX_VARIABLES = 3;

/**
 * The dashboard variables in SQL, for a message. Grafana does not replace variables that do not exist. Undefined if
 * there are none. Long SQL is not searched.
 */
function shownVariables(sql: string): string | undefined {
  const variables = sql.length > MAX_ANALYSED_CHARACTERS ? [] : variablesIn(sql, MAX_VARIABLES);
  return variables.length === 0 ? undefined : variables.map((variable) => foreignLine(variable)).join(', ');
}

/**
 * The notice on dashboard variables that were not replaced. Undefined if there are no such variables. Also undefined
 * for entry points where nobody sees notices, such as the queries of variables.
 *
 * @param sql        The SQL before its macros are expanded.
 * @param entrypoint See `CallOrigin`.
 */
export function variableNotice(sql: string, entrypoint: string): Notice | undefined {
  const about = ABOUT_VARIABLES[entrypoint];
  if (about === undefined) {
    return undefined;
  }
  const variables = shownVariables(sql);
  return variables === undefined ? undefined : { ...about, text: `The SQL contains ${variables}. ${about.text}` };
}

/** Errors of a query that needs too much time or memory. */
const COST_ERRORS: readonly ErrorCode[] = ['server_resources', 'query_timeout', 'gateway_timeout'];

/** Functions that keep all values in memory, with the functions that estimate the same. */
const ESTIMATES: Readonly<Record<string, string>> = {
  percentile_cont: 'approx_percentile_cont',
  quantile_cont: 'approx_percentile_cont',
  median: 'approx_median',
};

/** Advice for SQL with an exact percentile. Undefined for other SQL, and for long SQL, which is not searched. */
function percentileAdvice(sql: string): string | undefined {
  const tokens = sql.length > MAX_ANALYSED_CHARACTERS ? [] : tokenizeSql(sql);
  const exact = tokens.find(
    (token, index) =>
      token.kind === 'word' && Object.hasOwn(ESTIMATES, sqlTokenValue(token)) && tokens[index + 1]?.raw === '('
  );
  if (exact === undefined) {
    return undefined;
  }
  const name = sqlTokenValue(exact);
  return (
    `${name} keeps all values in memory. Narrow the time range, or use an estimate: in the query builder, set ` +
    `Aggregation to a percentile with "(approximate)"; in SQL, call ${ESTIMATES[name]}, or count logarithmic buckets, ` +
    'whose error is at most 1 % for positive values (docs/user/sql.md, Percentiles).'
  );
}

/**
 * The error with advice for an unknown dashboard variable, for a string without single quotes, or for an exact
 * percentile that needs too much time or memory.
 *
 * @param sql The SQL that was sent.
 */
export function withSqlAdvice(error: ProxyError, sql: string): ProxyError {
  if (COST_ERRORS.includes(error.code)) {
    const advice = percentileAdvice(sql);
    return advice === undefined ? error : error.with({ advice });
  }
  if (!SQL_ERRORS.includes(error.code) || error.messages.advice !== undefined) {
    return error;
  }
  const variables = shownVariables(sql);
  if (variables !== undefined) {
    const advice =
      `Correct ${variables} in the SQL: there is no such variable. ` +
      'Explore, alert rules and public dashboards have no variables.';
    return error.with({ advice });
  }
  const failure = callFailureOf(error);
  return failure?.kind === 'status' && failure.details.includes('No field named')
    ? error.with({
        advice: "Correct the name. Write single quotes around strings, and around variables with strings: '$name'.",
      })
    : error;
}
