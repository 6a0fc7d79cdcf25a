/**
 * How the values of dashboard variables are written in SQL.
 *
 * Saved dashboards depend on these rules of Grafana's own SQL data sources:
 *
 * - If a variable can have one value only, the quotes in this value are doubled. The author writes the quotes around
 *   it.
 * - A variable that may have several values becomes a list of literals, for `IN ($var)`. Numbers are not quoted.
 * - `${var:csv}` and the other formats are Grafana's, except those that escape wrongly for SQL.
 *
 * Inside of quotes, a list of literals would be invalid SQL. There, the functions `in…` below write the values.
 */
import { type ScopedVars } from '@grafana/data';
import { isEscapeString, type SqlToken } from '../../../contract/sql/sql-scan';
import { escapeLiteral, quoteLiteral } from '../../../contract/sql/sql-names';
import { type Reference, type Templates } from './variables';

/** Settings of the variable whose value is inserted. Grafana's own variables (`__interval`) have none. */
export interface VariableTraits {
  multi?: boolean;
  includeAll?: boolean;
}

/** A format function for Grafana's `templateSrv.replace`. The value may be a list. */
type Format = (value: unknown, variable?: VariableTraits) => string;

function listed(value: unknown, format: (item: unknown) => string, separator: string): string {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.map(format).join(separator);
}

function literal(value: unknown): string {
  return typeof value === 'number' ? String(value) : quoteLiteral(String(value));
}

/**
 * The value of a variable in SQL code.
 *
 * @param value One value, or a list of them.
 */
export function formatVariable(value: unknown, variable?: VariableTraits): string {
  if (value === null || value === undefined) {
    return '';
  }
  const isList = Array.isArray(value) || variable?.multi === true || variable?.includeAll === true;
  return isList
    ? listed(value, literal, ',')
    : typeof value === 'number'
      ? String(value)
      : escapeLiteral(String(value));
}

/** Inside of quotes. Several values become several quoted strings, for `IN ('$var')`. */
const inLiteral: Format = (value) => listed(value ?? '', (item) => escapeLiteral(String(item)), "','");

/** Inside of `E'…'`. */
const inEscapeString: Format = (value) =>
  listed(value ?? '', (item) => escapeLiteral(String(item)).replaceAll('\\', '\\\\'), "',E'");

/** Inside of `$$…$$`, which has no escapes. */
const inDollars: Format = (value) =>
  listed(value ?? '', (item) => String(item).split('$').join("$$ || '$' || $$"), '$$,$$');

const doubled = (value: unknown, quote: string) =>
  String(value)
    .split(quote)
    .join(quote + quote);
/** Inside of a name in double quotes or backticks. */
const inName =
  (quote: string): Format =>
  (value) =>
    listed(value ?? '', (item) => doubled(item, quote), `${quote},${quote}`);

/**
 * Replace Grafana's formats `sqlstring`, `singlequote` and `doublequote`, which put backslashes before quotes. SQL has
 * no such escape.
 */
const SQL_FORMATS: Readonly<Record<string, Format>> = {
  sqlstring: (value) => listed(value ?? '', (item) => quoteLiteral(String(item)), ','),
  singlequote: (value) => listed(value ?? '', (item) => quoteLiteral(String(item)), ','),
  doublequote: (value) => listed(value ?? '', (item) => `"${doubled(item, '"')}"`, ','),
};

/** Inserted unchanged inside of quotes: with `'${var:join:','}'`, the author closes and opens the quotes. */
const VERBATIM = /^(raw|join)\b/;

/** The format inside of a quoted string or a quoted name. Undefined for code. */
export function formatInside(sql: string, token: SqlToken | undefined): Format | undefined {
  switch (token?.kind) {
    case 'string':
      return token.raw.startsWith('$') ? inDollars : isEscapeString(sql, token.start) ? inEscapeString : inLiteral;
    case 'quoted-name':
      return inName(token.raw[0]);
    default:
      return undefined;
  }
}

/**
 * The SQL that replaces a reference. The reference itself if there is no such variable.
 *
 * @param inPlace The format inside of a quoted string or name. Undefined for code.
 * @param convert Changes the value before it is formatted. Not used for Grafana's own formats.
 */
export function replacement(
  reference: Reference,
  inPlace: Format | undefined,
  templates: Templates,
  scoped: ScopedVars,
  convert: (value: unknown) => unknown
): string {
  const { bare, raw, format } = reference;
  const ownFormat =
    format === undefined ? formatVariable : Object.hasOwn(SQL_FORMATS, format) ? SQL_FORMATS[format] : undefined;
  if (ownFormat !== undefined) {
    const converted: Format = (value, variable) => (inPlace ?? ownFormat)(convert(value), variable);
    const inserted = templates.replace(bare, scoped, converted);
    return inserted === bare ? raw : inserted;
  }
  const inserted = templates.replace(raw, scoped, formatVariable);
  return inserted === raw || inPlace === undefined || VERBATIM.test(format ?? '') ? inserted : inPlace(inserted);
}
