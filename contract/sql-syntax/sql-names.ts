/** Writes names and text literals for DataFusion. */

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
