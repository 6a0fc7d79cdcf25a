/**
 * Formats the values of dashboard variables for SQL.
 *
 * Saved dashboards depend on these rules, which are those of Grafana's own SQL data sources. The value of a variable with
 * one value is inserted with its quotes doubled, because the author writes quotes around the variable. A variable that may
 * have several values becomes a list of literals, for `IN ($var)`. Numbers are not quoted.
 */

/** Settings of the variable whose value is inserted. Grafana's own variables (`__interval`) have none. */
export interface VariableTraits {
  multi?: boolean;
  includeAll?: boolean;
}

/** Doubles single quotes, so that the text stays inside the literal that the author wrote around it. */
export function escapeLiteral(value: string): string {
  return value.replace(/'/g, "''");
}

/** A string literal of standard SQL. */
export function quoteLiteral(value: string): string {
  return `'${escapeLiteral(value)}'`;
}

/** A name for SQL: unquoted when DataFusion reads it unchanged, else in double quotes. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !QUOTED_WORDS.has(name) ? name : `"${name.replace(/"/g, '""')}"`;
}

/** Column names of Micromegas and common words that need quotes. */
const QUOTED_WORDS = new Set(['begin', 'end', 'order', 'group', 'select', 'from', 'where', 'table', 'user']);

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
