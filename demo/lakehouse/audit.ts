/** What the lakehouse remembers of each query, in the words of Micromegas's own audit. */
import { EventEmitter } from 'node:events';
import { type Attribution } from './attribution';

export interface AuditRecord extends Attribution {
  query_id: string;
  /** How the caller signed in. Not in the log entry: the real audit has no such field. */
  sign_in: 'none' | 'api_key' | 'oidc';
  client: string;
  agent: string;
  entrypoint: string;
  session?: string;
  notebook?: string;
  cell?: string;
  sql: string;
  /** RFC 3339, as sent. */
  range_begin?: string;
  range_end?: string;
  limit?: number;
  status: 'ok' | 'error' | 'incomplete';
  error?: string;
  error_class?: 'user' | 'resource' | 'internal' | 'denied';
  output_rows?: number;
  total_ms: number;
  /** Milliseconds since 1970 when the query began. */
  started_ms: number;
}

interface AuditEvents {
  /** A query begins; its record has no outcome yet. */
  start: [AuditRecord];
  /** A query has ended, one way or the other. */
  record: [AuditRecord];
}

/** The newest records, and an event when a query begins and ends. */
export class AuditLog extends EventEmitter<AuditEvents> {
  readonly #capacity: number;
  readonly #kept: AuditRecord[] = [];

  /** @param capacity Number of records kept; the oldest goes first. */
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
  return JSON.stringify(record);
}
