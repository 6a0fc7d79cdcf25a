/**
 * How values of dashboard variables are written into SQL.
 *
 * Saved dashboards depend on exactly these rules, which are those of Grafana's own SQL sources: a variable with one
 * plain value is put in as it is, with its quotes doubled, because the author wrote quotes around it where needed; a
 * variable that may have several values becomes a list of literals, for `IN ($var)`. Numbers stay bare.
 */

/** What is known of the variable whose value is put in. Grafana's own (`__interval`) come without these. */
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

/** A name as SQL needs it: bare when DataFusion reads it unchanged, else in double quotes. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !QUOTED_WORDS.has(name) ? name : `"${name.replace(/"/g, '""')}"`;
}

/** Words that occur as column names of Micromegas and cannot stand bare. */
const QUOTED_WORDS = new Set(['begin', 'end', 'order', 'group', 'select', 'from', 'where', 'table', 'user']);

function literal(value: unknown): string {
  return typeof value === 'number' ? String(value) : quoteLiteral(String(value));
}

/**
 * The format function that Grafana's `templateSrv.replace` calls for each variable without a format of its own
 * (`${name:csv}` keeps Grafana's meaning).
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
