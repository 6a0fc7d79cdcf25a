/**
 * Looks for a query in the server's own audit trail, which a server that sends its telemetry to itself keeps among the
 * logs: one entry of JSON per query (Micromegas `rust/public/src/servers/query_audit.rs`).
 *
 * An entry can be queried some seconds after its query, so a few looks are taken. Each of them leaves an entry as well,
 * with the same mark in its SQL: only the very statement counts.
 */
import { type RecordedIdentity } from '../../../contract/health';
import { type FlightMessage } from '../../flight-sql/flight-sql-client';
import { type MemoryAccount } from '../../memory/memory-account';
import { readBatches } from '../read-batches';
import { textCell } from '../text-cell';

export const AUDIT_TABLE = 'log_entries';
export const AUDIT_TARGET = 'flightsql_query_audit';

/** Milliseconds between the looks. Together they stay below the limit of the stage. */
const PAUSES_MS = [300, 600, 600, 600];
/** How far back a server is searched for signs of an audit. */
const RECENT_MS = 3_600_000;
/** How far the server's clock, which dates the entries, may be from this machine's. */
const CLOCKS_MS = 600_000;
/** More than the entries of one statement and the looks for it. */
const MOST_ENTRIES = 20;

export type AuditFinding =
  | { readonly kind: 'found'; readonly recorded: RecordedIdentity }
  /** There is an audit, but the entry was not in it in time. */
  | { readonly kind: 'not-yet' }
  /** There are no entries at all. */
  | { readonly kind: 'no-audit' };

export interface AuditLook {
  /** Runs SQL on the server within a time range, in milliseconds since 1970. */
  ask: (sql: string, range: { fromMs: number; toMs: number }) => AsyncIterable<FlightMessage>;
  /** Of the check. */
  memory: MemoryAccount;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Resolves after `ms` milliseconds. */
  wait: (ms: number) => Promise<void>;
}

/** The first column of a result, of so many rows as are asked for. */
async function firstColumn(messages: AsyncIterable<FlightMessage>, memory: MemoryAccount): Promise<string[]> {
  const texts: string[] = [];
  for await (const { batch } of readBatches(messages, memory)) {
    const column = batch?.columns[0];
    for (let row = 0; column !== undefined && row < (batch?.length ?? 0); row++) {
      if (texts.length === MOST_ENTRIES) {
        return texts;
      }
      texts.push(textCell(column, row, memory));
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

/**
 * @param statement The SQL exactly as it was run.
 * @param mark A part of it that no other statement has, made of letters, digits and dashes.
 * @throws {ProxyError} when the log cannot be read.
 */
export async function findInAudit(
  { ask, memory, now, wait }: AuditLook,
  statement: string,
  mark: string
): Promise<AuditFinding> {
  const nowMs = now();
  const toMs = nowMs + CLOCKS_MS;
  const entries = `FROM ${AUDIT_TABLE} WHERE target = '${AUDIT_TARGET}'`;
  const signs = await firstColumn(ask(`SELECT target ${entries} LIMIT 1`, { fromMs: nowMs - RECENT_MS, toMs }), memory);
  if (signs.length === 0) {
    return { kind: 'no-audit' };
  }
  const look = `SELECT msg ${entries} AND msg LIKE '%${mark}%' LIMIT ${MOST_ENTRIES}`;
  for (const pauseMs of [0, ...PAUSES_MS]) {
    if (pauseMs > 0) {
      await wait(pauseMs);
    }
    const found = await firstColumn(ask(look, { fromMs: nowMs - CLOCKS_MS, toMs }), memory);
    const recorded = found.map((entry) => readEntry(entry, statement)).find((entry) => entry !== undefined);
    if (recorded !== undefined) {
      return { kind: 'found', recorded };
    }
  }
  return { kind: 'not-yet' };
}
