/** `GET /api/playground/audit`: the audit log of the lakehouse, as server-sent events. */
import { type ServerResponse } from 'node:http';

/** One record of the audit log. Field names are those of Micromegas, except `sign_in` and `started_ms`. */
export interface AuditEntry {
  query_id: string;
  sign_in: 'none' | 'api_key' | 'oidc';
  user: string;
  email: string;
  name?: string;
  service_account: boolean;
  service_account_name?: string;
  client: string;
  entrypoint: string;
  status: 'ok' | 'error' | 'incomplete';
  error?: string;
  output_rows?: number;
  total_ms: number;
  /** Milliseconds since 1970. */
  started_ms: number;
  sql: string;
}

export interface AuditFeed {
  /** Oldest first. */
  readonly records: readonly AuditEntry[];
  on(event: 'record', listener: (record: AuditEntry) => void): unknown;
  off(event: 'record', listener: (record: AuditEntry) => void): unknown;
}

/** Maximum number of records that a page gets when it opens. */
const BACKLOG = 50;

/** Sends the newest records immediately. Then sends each new record, until the page closes. */
export function handleAudit(audit: AuditFeed, response: ServerResponse): void {
  const send = (record: AuditEntry) => {
    response.write(`data: ${JSON.stringify(record)}\n\n`);
  };
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': connected\n\n');
  audit.records.slice(-BACKLOG).forEach(send);
  audit.on('record', send);
  response.once('close', () => audit.off('record', send));
}
