/**
 * Looks for a query in the server's own audit trail, which a server that sends its telemetry to itself keeps among the
 * logs: one entry of JSON per query (Micromegas `rust/public/src/servers/query_audit.rs`). An entry can be queried some
 * seconds after its query, when the server has sent it off (about 3 s with Micromegas 0.33 at a flush period of 2 s).
 */
import { type RecordedIdentity } from '../../../contract/health';
import { readRows } from '../../arrow-ipc';
import { ProxyError } from '../../errors/proxy-error';
import { type FlightMessage } from '../../flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../memory/memory-account';

export const AUDIT_TABLE = 'log_entries';
const AUDIT_TARGET = 'flightsql_query_audit';

/** How far back a server is searched for records of other queries. */
const RECENT_MS = 3_600_000;
/** How far the server's clock, which dates the entries, may be from this machine's. */
const CLOCKS_MS = 600_000;
/** More than the entries of one statement. */
const MAX_ENTRIES = 4;
/** An entry is the SQL and some numbers. */
const MAX_BYTES = 1024 * 1024;

export type AuditFinding =
  | { readonly kind: 'found'; readonly recorded: RecordedIdentity }
  /** `hasRecords`: there are records of other queries. */
  | { readonly kind: 'not-yet'; readonly hasRecords: boolean };

/** What is looked for. */
export interface AuditedStatement {
  /** The SQL exactly as it was run. */
  sql: string;
  /** A part of it that no other statement has: letters, digits, dashes and spaces. */
  mark: string;
  /** Milliseconds since 1970 at which it was run. */
  startedMs: number;
}

/** Runs SQL on the server within a time range, in milliseconds since 1970. */
export type Ask = (sql: string, range: { fromMs: number; toMs: number }) => AsyncIterable<FlightMessage>;

/** @throws {ProxyError} `result_too_large` beyond the size of an audit record. */
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

/** The first column of a small result. @throws {ProxyError} `result_too_large` for any other. */
async function firstColumn(messages: AsyncIterable<FlightMessage>, memory: MemoryAccount): Promise<string[]> {
  const texts: string[] = [];
  for await (const row of readRows(withinBytes(messages), memory)) {
    texts.push(row.text(0));
    if (texts.length >= MAX_ENTRIES) {
      break;
    }
  }
  return texts;
}

/** What an entry says of the caller, if it is the entry of `statement`. */
function readEntry(entry: string, statement: string): RecordedIdentity | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = { ...(JSON.parse(entry) as object) };
  } catch {
    // Something else among the logs with this target.
    return undefined;
  }
  if (fields.sql !== statement) {
    return undefined;
  }
  const text = (name: string) => (typeof fields[name] === 'string' && fields[name] !== '' ? fields[name] : undefined);
  const [user, email, name, serviceAccount] = ['user', 'email', 'name', 'service_account_name'].map(text);
  return {
    ...(user !== undefined && { user }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(serviceAccount !== undefined && { serviceAccount }),
    client: text('client') ?? 'unknown',
  };
}

/** A pattern in two parts, so that the statement of the look does not match itself: it is audited as well. */
function containing(mark: string): string {
  const half = Math.floor(mark.length / 2);
  return `msg LIKE '%${mark.slice(0, half)}' || '${mark.slice(half)}%'`;
}

/**
 * Looks once.
 *
 * @param memory     For both results, one after the other.
 * @param hasRecords True when records of other queries are known to be there: they are not looked for again.
 * @throws {ProxyError} when the log cannot be read.
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
  const signs = await firstColumn(ask(`SELECT target ${entries} LIMIT 1`, recent), memory);
  return { kind: 'not-yet', hasRecords: signs.length > 0 };
}
