/**
 * Searches the server's audit trail for a query. If a server sends its telemetry to itself, its logs contain the audit
 * trail, with one JSON entry for each query (Micromegas `rust/public/src/servers/query_audit.rs`). The server sends an
 * entry some seconds after the query, so the entry cannot be found earlier. With Micromegas 0.33 and a flush period of
 * 2 s, an entry can be found after about 3 s.
 */
import { AUDIT_TARGET } from '../../../contract/audit';
import { parseJson } from '../../../contract/parse-json';
import { type RecordedIdentity } from '../../../contract/resources/health';
import { readRows } from '../../frames/arrow-ipc';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightMessage } from '../../lakehouse/flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../observe/memory/memory-account';

export const AUDIT_TABLE = 'log_entries';

/** Records of other queries are searched in a time range that begins this many milliseconds before the query. */
const RECENT_MS = 3_600_000;
/**
 * Maximum supported difference in milliseconds between the local clock and the server's clock. The server's clock sets
 * the times of entries.
 */
export const CLOCKS_MS = 600_000;
/** Maximum number of entries that are read. One statement produces fewer entries. */
const MAX_ENTRIES = 4;
/** Maximum number of received bytes of one result. An entry has only the SQL, the identity and some numbers. */
const MAX_BYTES = 1024 * 1024;

export type AuditFinding =
  | { readonly kind: 'found'; readonly recorded: RecordedIdentity }
  /** `hasRecords`: true if the log contains records of other queries. */
  | { readonly kind: 'not-yet'; readonly hasRecords: boolean };

/** The query to search for. */
export interface AuditedStatement {
  /** The SQL exactly as it was run. */
  sql: string;
  /** A unique part of the SQL: letters, digits, dashes and spaces. */
  mark: string;
  /** Start of the query in milliseconds since 1970. */
  startedMs: number;
}

/** Runs SQL with a time range in milliseconds since 1970. */
export type Ask = (sql: string, range: { fromMs: number; toMs: number }) => AsyncIterable<FlightMessage>;

/** Limits the received bytes. @throws {ProxyError} `result_too_large` if there are more than `MAX_BYTES`. */
async function* withinBytes(messages: AsyncIterable<FlightMessage>): AsyncGenerator<FlightMessage> {
  let bytes = 0;
  for await (const message of messages) {
    bytes += message.header.length + message.body.length;
    if (bytes > MAX_BYTES) {
      throw new ProxyError('result_too_large', { detail: 'The audit record has more than 1 MiB.' });
    }
    yield message;
  }
}

/**
 * The first column of a result, as strings. Only the first `MAX_ENTRIES` rows are read.
 *
 * @throws {ProxyError} `result_too_large` if these rows have more than `MAX_BYTES`.
 */
export async function firstColumn(messages: AsyncIterable<FlightMessage>, memory: MemoryAccount): Promise<string[]> {
  const values: string[] = [];
  for await (const row of readRows(withinBytes(messages), memory)) {
    values.push(row.string(0));
    if (values.length >= MAX_ENTRIES) {
      break;
    }
  }
  return values;
}

/** The identity that the entry records; undefined if the entry is not about `statement`. */
function readEntry(entry: string, statement: string): RecordedIdentity | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = { ...(parseJson(entry) as object) };
  } catch {
    // The same target also has log entries that are not JSON.
    return undefined;
  }
  if (fields.sql !== statement) {
    return undefined;
  }
  const stringOf = (name: string) =>
    typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined;
  const [user, email, name, serviceAccount] = ['user', 'email', 'name', 'service_account_name'].map(stringOf);
  return {
    ...(user !== undefined && { user }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    client: stringOf('client') ?? 'unknown',
  };
}

/**
 * An SQL condition that finds strings with the mark. The pattern is split into two parts, so that the search does not
 * find its own audit record.
 */
function containing(mark: string): string {
  const half = Math.floor(mark.length / 2);
  return `msg LIKE '%${mark.slice(0, half)}' || '${mark.slice(half)}%'`;
}

/**
 * Searches once for the record of `statement`. If the log does not have this record, the result tells whether the log
 * has other records.
 *
 * @param memory     The account for the results of all statements. They run one after the other.
 * @param hasRecords True if an earlier search found records of other queries. In this case, this search looks only for
 *   the record of `statement`.
 * @throws {ProxyError} if the log cannot be read.
 */
export async function findInAudit(
  ask: Ask,
  statement: AuditedStatement,
  hasRecords: boolean,
  memory: MemoryAccount
): Promise<AuditFinding> {
  const { sql, mark, startedMs } = statement;
  const entries = `FROM ${AUDIT_TABLE} WHERE target = '${AUDIT_TARGET}'`;
  const range = { fromMs: startedMs - CLOCKS_MS, toMs: startedMs + CLOCKS_MS };
  const look = `SELECT msg ${entries} AND ${containing(mark)} LIMIT ${MAX_ENTRIES}`;
  const found = await firstColumn(ask(look, range), memory);
  const recorded = found.map((entry) => readEntry(entry, sql)).find((entry) => entry !== undefined);
  if (recorded !== undefined) {
    return { kind: 'found', recorded };
  }
  if (hasRecords) {
    return { kind: 'not-yet', hasRecords };
  }
  const recent = { fromMs: startedMs - RECENT_MS, toMs: range.toMs };
  const others = await firstColumn(ask(`SELECT target ${entries} LIMIT 1`, recent), memory);
  return { kind: 'not-yet', hasRecords: others.length > 0 };
}
