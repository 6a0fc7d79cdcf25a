/**
 * The gRPC metadata of a call: token, time range, limit, user and origin.
 *
 * The server expects names in lower case, rejects attribution headers with an empty value, ignores a time range with
 * only one end, and cannot apply a limit to EXPLAIN.
 */
import { inNanosecondRange } from '../../base/nanosecond-range';
import { StringMap } from '../../../contract/string-map';
import { statementStart } from '../../../contract/sql/sql-scan';
import { Secret } from '../../observe/logging/secret';
import { traceEntries } from '../../observe/telemetry/trace-context';
import { type CallOrigin, type CallUser, type FlightCall } from './flight-sql-client';

export type MetadataEntry = readonly [name: string, value: string];

/** An entry of the metadata in the settings. */
export type SettingsEntry = readonly [name: string, value: string | Secret];

/** Maximum length of the value of an `x-client-…` header, in characters. */
const MAX_ORIGIN_LENGTH = 200;

const PRINTABLE_ASCII = /^[ -~]*$/;

/** True for EXPLAIN statements, to which the server cannot apply a limit. */
export function isExplain(sql: string): boolean {
  const explain = /explain\b/iy;
  explain.lastIndex = statementStart(sql);
  return explain.test(sql);
}

/**
 * True if `preserve_dictionary` may be sent with the statement.
 *
 * Micromegas (0.33) announces the columns of CASE and UNION with the type of the first branch, not with the common type
 * of all branches. With `preserve_dictionary`, the rows keep their own type, which contradicts the announced type. For
 * example, the server announces integers and sends decimals, or announces dictionaries and sends strings. Without
 * `preserve_dictionary`, the server casts the rows to the announced type. No other SQL construct is known to have this
 * problem. INTERSECT and EXCEPT combine branches like UNION, so the result is false for them, too.
 *
 * The search includes comments and literals. A keyword in them makes the query slower, but not wrong.
 *
 * @see micromegas `flight_sql_service_impl.rs`, which reads the schema from the plan before types are coerced
 */
function mayKeepDictionaries(sql: string): boolean {
  return !/\b(case|union|intersect|except)\b/i.test(sql);
}

/** Percent-encodes the UTF-8 bytes of a character. Printable ASCII is not changed. */
function encodedCharacter(character: string): string {
  return PRINTABLE_ASCII.test(character)
    ? character
    : Buffer.from(character, 'utf8').reduce((written, byte) => `${written}%${byte.toString(16).padStart(2, '0')}`, '');
}

/**
 * The value for an `x-client-…` header. Printable ASCII is kept, and the UTF-8 bytes of other characters are
 * percent-encoded. The result is truncated to MAX_ORIGIN_LENGTH after a whole character.
 */
function printable(value: string | undefined): string {
  if (value === undefined || PRINTABLE_ASCII.test(value)) {
    return value?.slice(0, MAX_ORIGIN_LENGTH).trim() ?? '';
  }
  let encoded = '';
  for (const character of value.slice(0, MAX_ORIGIN_LENGTH).trim()) {
    const next = encoded + encodedCharacter(character);
    if (next.length > MAX_ORIGIN_LENGTH) {
      break;
    }
    encoded = next;
  }
  return encoded;
}

/**
 * Percent-encoded UTF-8, the encoding that the server expects in attribution headers. A lone surrogate becomes U+FFFD.
 */
function percentEncoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** A user in one header, for servers that accept only the name: `Name <e-mail> (login)`. */
export function displayName(user: CallUser): string {
  const login = user.login.trim();
  const parts = [user.name.trim(), user.email.trim() && `<${user.email.trim()}>`].filter((part) => part !== '');
  return parts.length === 0 ? login : `${parts.join(' ')} (${login})`;
}

function userEntries(call: FlightCall): MetadataEntry[] {
  const { user, attribution } = call;
  if (attribution === 'off' || user === undefined || user.login.trim() === '') {
    return [];
  }
  if (attribution === 'name-only') {
    return [['x-user-name', percentEncoded(displayName(user))]];
  }
  return [
    ['x-user-id', percentEncoded(user.login.trim())],
    ['x-user-email', percentEncoded(user.email.trim())],
    ['x-user-name', percentEncoded(user.name.trim())],
  ];
}

function originEntries(origin: CallOrigin): MetadataEntry[] {
  return [
    ['x-client-entrypoint', printable(origin.entrypoint)],
    ['x-client-session', printable(origin.session)],
    ['x-client-notebook', printable(origin.dashboardUid)],
    ['x-client-cell', printable(origin.panelId)],
  ];
}

function timestamp(epochMs: number): string {
  return new Date(inNanosecondRange(epochMs)).toISOString();
}

/** The time one nanosecond before `epochMs`. */
function timestampBefore(epochMs: number): string {
  return timestamp(epochMs - 1).replace('Z', '999999Z');
}

function rangeEntries(range: FlightCall['range']): MetadataEntry[] {
  if (range === undefined || Number.isNaN(range.fromMs) || Number.isNaN(range.toMs)) {
    return [];
  }
  return [
    ['query_range_begin', timestamp(range.fromMs)],
    ['query_range_end', range.excludesEnd === true ? timestampBefore(range.toMs) : timestamp(range.toMs)],
  ];
}

function limitEntries(limit: number | undefined, sql: string): MetadataEntry[] {
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < 0 || isExplain(sql)) {
    return [];
  }
  return [['limit', String(limit)]];
}

/**
 * All metadata of a call. No entry is empty, and no name occurs twice: entries of the backend replace entries with the
 * same name in `additional`.
 *
 * @param additional Entries of the data source, already checked.
 * @param sql The statement. Undefined: the call has no statement, so range, limit and `preserve_dictionary` are left
 *   out.
 */
export function callMetadata(call: FlightCall, additional: readonly SettingsEntry[], sql?: string): MetadataEntry[] {
  const entries: MetadataEntry[] = additional.map(([name, value]) => [
    name.trim().toLowerCase(),
    value instanceof Secret ? value.reveal() : value,
  ]);
  if (call.token !== undefined) {
    entries.push(['authorization', `Bearer ${call.token.reveal()}`]);
  }
  if (sql !== undefined) {
    const dictionaries: MetadataEntry[] = mayKeepDictionaries(sql) ? [['preserve_dictionary', 'true']] : [];
    entries.push(...rangeEntries(call.range), ...limitEntries(call.limit, sql), ...dictionaries);
  }
  entries.push(['x-client-type', 'grafana'], ...traceEntries(call.trace));
  if (call.attribution !== 'off') {
    entries.push(...originEntries(call.origin), ...userEntries(call));
  }
  return [...new StringMap(entries.filter(([name, value]) => name !== '' && value.trim() !== ''))];
}
