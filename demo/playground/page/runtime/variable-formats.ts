/** Formats the values of a variable. `${name:format}` names the format. */

export type VariableValue = string | string[];

function doubled(value: string): string {
  return `'${value.replaceAll("'", "''").replaceAll('"', '\\"')}'`;
}

const FORMATS: Record<string, (values: string[]) => string> = {
  csv: (values) => values.join(','),
  raw: (values) => values.join(','),
  text: (values) => values.join(' + '),
  pipe: (values) => values.join('|'),
  json: (values) => JSON.stringify(values.length === 1 ? values[0] : values),
  sqlstring: (values) => values.map(doubled).join(','),
  singlequote: (values) => values.map((value) => `'${value.replaceAll("'", "\\'")}'`).join(','),
  doublequote: (values) => values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(','),
  percentencode: (values) => encodeURIComponent(values.length === 1 ? values[0] : `{${values.join(',')}}`),
  glob: (values) => (values.length === 1 ? values[0] : `{${values.join(',')}}`),
};

/** The value in one of Grafana's formats. Unknown formats are treated as the default, `{a,b}`. */
export function formatVariable(value: VariableValue, format: string | undefined): string {
  const values = Array.isArray(value) ? value : [value];
  return (FORMATS[format ?? 'glob'] ?? FORMATS.glob)(values);
}
