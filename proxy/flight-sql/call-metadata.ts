/**
 * The gRPC metadata of a call: sign-in, time range, limit, and who is asking.
 *
 * The server's rules decide the details: it reads names in lower case, takes an *empty* attribution header for a claim
 * and refuses it, ignores a range of which one end is missing, and cannot apply a limit to EXPLAIN.
 */
import { statementStart } from '../../contract/sql-scan';
import { Secret } from '../logging/secret';
import { type CallOrigin, type CallUser, type FlightCall } from './flight-sql-client';

export type MetadataEntry = readonly [name: string, value: string];

/** An entry of the settings. Revealed here, where it is sent. */
export type SettingsEntry = readonly [name: string, value: string | Secret];

/** Longest value of an `x-client-…` header. */
const MAX_ORIGIN_LENGTH = 200;

/** What nanoseconds since 1970 in 64 bits can tell: a time beyond it selects the same rows as the end of that span. */
const FIRST_MS = Date.UTC(1678, 0, 1);
const LAST_MS = Date.UTC(2262, 3, 11);

/** True for EXPLAIN statements, to which the server cannot apply a limit. */
export function isExplain(sql: string): boolean {
  const explain = /explain\b/iy;
  explain.lastIndex = statementStart(sql);
  return explain.test(sql);
}

/**
 * True for statements whose result may come with dictionaries.
 *
 * Micromegas (0.33) announces the columns of CASE and of UNION with the type of their first branch, whatever type they get
 * once all branches are brought to a common one. With dictionaries kept, the rows come as what they really are: decimals
 * announced as integers, which are bits without a meaning, or texts announced as dictionaries that never come. Without
 * them the server casts the rows to what it announced. No other construct of SQL was found to do so.
 *
 * The words are looked for in comments and texts as well: a word too many only costs time.
 *
 * @see micromegas `flight_sql_service_impl.rs`, which takes the schema from the plan before its types are coerced
 */
function mayKeepDictionaries(sql: string): boolean {
  return !/\b(case|union|intersect|except)\b/i.test(sql);
}

/** Printable ASCII: everything else becomes the percent-encoding of its UTF-8 bytes. */
function printable(value: string | undefined): string {
  const encoded = Buffer.from(value?.slice(0, MAX_ORIGIN_LENGTH).trim() ?? '', 'utf8').reduce(
    (text, byte) =>
      text + (byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`),
    ''
  );
  return encoded.slice(0, MAX_ORIGIN_LENGTH);
}

/** Percent-encoded UTF-8, as the server decodes attribution. Half a surrogate pair becomes U+FFFD. */
function percentEncoded(value: string): string {
  return encodeURIComponent(Buffer.from(value, 'utf8').toString('utf8'));
}

/** The one line that names a user where only a name may be sent: `Name <e-mail> (login)`. */
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
    ['x-client-notebook', printable(origin.dashboardUid)],
    ['x-client-cell', printable(origin.panelId)],
  ];
}

function timestamp(epochMs: number): string {
  return new Date(Math.min(Math.max(epochMs, FIRST_MS), LAST_MS)).toISOString();
}

function rangeEntries(range: FlightCall['range']): MetadataEntry[] {
  if (range === undefined || Number.isNaN(range.fromMs) || Number.isNaN(range.toMs)) {
    return [];
  }
  return [
    ['query_range_begin', timestamp(range.fromMs)],
    ['query_range_end', timestamp(range.toMs)],
  ];
}

function limitEntries(limit: number | undefined, sql: string): MetadataEntry[] {
  if (limit === undefined || !Number.isSafeInteger(limit) || limit < 0 || isExplain(sql)) {
    return [];
  }
  return [['limit', String(limit)]];
}

/**
 * Everything that travels beside a call. No entry is empty, and no name occurs twice: what the proxy sets itself wins
 * over the data source's additional metadata.
 *
 * @param additional The data source's own entries, already checked.
 * @param sql The statement, for calls that run one: range, limit and dictionaries concern no other.
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
  entries.push(['x-client-type', 'grafana']);
  if (call.attribution !== 'off') {
    entries.push(...originEntries(call.origin), ...userEntries(call));
  }
  return [...new Map(entries.filter(([name, value]) => name !== '' && value.trim() !== ''))];
}
