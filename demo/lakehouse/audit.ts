/** The audit log of the lakehouse. Field names are those of Micromegas, except `sign_in` and `started_ms`. */
import { EventEmitter } from 'node:events';
import { type Attribution } from './attribution';
import { queryCosts } from './query-costs';

export interface AuditRecord extends Attribution {
  query_id: string;
  /**
   * The sign-in method of the caller. The log entry leaves it out, because the audit records of Micromegas have no such
   * field.
   */
  sign_in: 'none' | 'api_key' | 'oidc';
  client: string;
  agent: string;
  entrypoint: string;
  session?: string;
  notebook?: string;
  cell?: string;
  sql: string;
  /** In RFC 3339, as the client sent it. */
  range_begin?: string;
  range_end?: string;
  limit?: number;
  status: 'ok' | 'error' | 'incomplete';
  error?: string;
  error_class?: 'user' | 'resource' | 'internal' | 'denied';
  output_rows?: number;
  total_ms: number;
  /** Start of the query, in milliseconds since 1970. */
  started_ms: number;
}

interface AuditEvents {
  /** A query has started. The `status` of its record is `ok` until the query ends. */
  start: [AuditRecord];
  /** A query has ended: it succeeded, failed, or its client disconnected. */
  record: [AuditRecord];
}

/** Keeps the newest records, and emits `record` for each. `runAudited` emits `start`. */
export class AuditLog extends EventEmitter<AuditEvents> {
  readonly #capacity: number;
  readonly #kept: AuditRecord[] = [];

  /** @param capacity Number of records. The oldest is dropped first. */
  constructor(capacity = 2000) {
    super();
    this.#capacity = capacity;
  }

  /** Oldest first. */
  get records(): readonly AuditRecord[] {
    return this.#kept;
  }

  add(record: AuditRecord): void {
    this.#kept.push(record);
    if (this.#kept.length > this.#capacity) {
      this.#kept.shift();
    }
    this.emit('record', record);
  }
}

/** The message of the log entry, target `flightsql_query_audit`. */
export function auditMessage({ sign_in: _signIn, started_ms: _started, ...record }: AuditRecord): string {
  return JSON.stringify({ ...record, ...queryCosts(record.sql, record.total_ms, record.output_rows ?? 0) });
}
