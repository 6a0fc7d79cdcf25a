/** Advice on mistakes in SQL that the message of the server does not explain. */
import { variablesIn } from '../../contract/sql/dashboard-variables';
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

/**
 * The error with advice for an unknown dashboard variable, or for a string without single quotes.
 *
 * @param sql The SQL that was sent.
 */
export function withSqlAdvice(error: ProxyError, sql: string): ProxyError {
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
