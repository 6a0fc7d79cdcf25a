/** Parts of the labels of queries without SQL. */

/** Values are inserted unchanged, because React escapes the label. */
export const UNESCAPED = { interpolation: { escapeValue: false } };

/** A condition as `name operator values`. Empty if there are no values. */
export function condition(name: string, values: readonly string[] | string | undefined, operator = '='): string {
  const shown = typeof values === 'string' ? values : (values ?? []).join(', ');
  return shown === '' ? '' : `${name} ${operator} ${shown}`;
}
