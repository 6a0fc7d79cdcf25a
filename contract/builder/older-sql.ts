/** Makes the SQL of queries that the older Micromegas plugin's builder saved as fields. */

/** The fields of a query of the older builder, as parsed from JSON. `query` is the SQL. */
export type OlderBuilderFields = Readonly<
  Partial<Record<'rawEditor' | 'query' | 'table' | 'columns' | 'wheres' | 'groupBy' | 'orderBy' | 'limit', unknown>>
>;

/** A saved value as a trimmed string. Empty for a value that is not a string or a number. */
export function trimmedString(value: unknown): string {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(trimmedString).filter((item) => item !== '') : [];
}

/**
 * Puts a name that has capital letters into double quotes, as the older builder did. DataFusion reads unquoted names in
 * lower case.
 */
function builderName(name: string): string {
  return /[A-Z]/.test(name) && !name.includes('"') && /^\w+$/.test(name) ? `"${name}"` : name;
}

/** The fields as parts of SQL. Missing fields are empty. */
export function olderBuilderParts(saved: OlderBuilderFields) {
  return {
    table: builderName(trimmedString(saved.table)),
    columns: stringsOf(saved.columns).map(builderName),
    wheres: stringsOf(saved.wheres),
    groupBy: trimmedString(saved.groupBy),
    orderBy: trimmedString(saved.orderBy),
    limit: trimmedString(saved.limit),
  };
}

/** The SQL that the older builder made from its fields. Empty if no table was chosen. */
export function olderBuilderSql(saved: OlderBuilderFields): string {
  const { table, columns, wheres, groupBy, orderBy, limit } = olderBuilderParts(saved);
  if (table === '') {
    return '';
  }
  const clauses = [
    ['WHERE', wheres.join(' and ')],
    ['GROUP BY', groupBy],
    ['ORDER BY', orderBy],
    ['LIMIT', limit],
  ].flatMap(([clause, value]) => (value === '' ? [] : [`${clause} ${value}`]));
  return [`SELECT ${columns.length > 0 ? columns.join(', ') : '*'} FROM ${table}`, ...clauses].join(' ');
}
