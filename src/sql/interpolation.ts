/**
 * Formats the values of dashboard variables for SQL.
 *
 * Saved dashboards depend on these rules, which are those of Grafana's own SQL data sources. The value of a variable with
 * one value is inserted with its quotes doubled, because the author writes quotes around the variable. A variable that may
 * have several values becomes a list of literals, for `IN ($var)`. Numbers are not quoted.
 */
import { escapeLiteral, quoteLiteral } from '../../contract/sql-syntax/sql-names';

/** Settings of the variable whose value is inserted. Grafana's own variables (`__interval`) have none. */
export interface VariableTraits {
  multi?: boolean;
  includeAll?: boolean;
}

function literal(value: unknown): string {
  return typeof value === 'number' ? String(value) : quoteLiteral(String(value));
}

/**
 * Format function for Grafana's `templateSrv.replace`, which calls it for each variable without a format of its own, such
 * as `${name:csv}`.
 *
 * @param value One value, or a list of them.
 */
export function formatVariable(value: unknown, variable?: VariableTraits): string {
  if (value === null || value === undefined) {
    return '';
  }
  if (Array.isArray(value)) {
    return value.map(literal).join(',');
  }
  if (typeof value === 'number') {
    return String(value);
  }
  return variable?.multi || variable?.includeAll ? literal(value) : escapeLiteral(String(value));
}
