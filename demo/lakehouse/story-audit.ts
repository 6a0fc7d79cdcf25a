/**
 * Audit records of the incident: an alert rule notices slow frames, and two people look for the cause and find it.
 *
 * The lakehouse itself records the queries that clients of the demo send.
 */
import { createHash } from 'node:crypto';
import { type AuditRecord } from './audit';

const IMKE = { user: 'imke', email: 'imke@ember.example', name: 'Imke Brandt' };
const ROWAN = { user: 'rowan', email: 'rowan@ember.example', name: 'Rowan Ellis' };
const DELEGATED = { service_account: true, service_account_name: 'grafana' };
const GATEWAY_ID = '91d4c6f8-7b35-4a20-9e1f-5d8273ab0c05';
const SERVER_ID = '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01';

const MINUTE_MS = 60_000;

interface StoryQuery {
  /** Minutes after the start of the demo. A negative number is before the start. */
  minute: number;
  who: Pick<AuditRecord, 'user' | 'email' | 'name' | 'service_account' | 'service_account_name'>;
  entrypoint: string;
  notebook?: string;
  cell?: string;
  sql: string;
  rows: number;
  totalMs: number;
  /** True for a query without a time range. */
  isUnbounded?: true;
  failure?: Pick<AuditRecord, 'status' | 'error' | 'error_class'>;
}

const ALERT: Omit<StoryQuery, 'minute' | 'totalMs'> = {
  who: { user: 'grafana', email: 'service-account', service_account: false },
  entrypoint: 'alerting',
  notebook: 'alert-rule:slow-frames',
  sql: `SELECT date_bin('1 minute', time) AS time, avg(value) AS value FROM measures WHERE name = 'frame_time_ms' GROUP BY 1 ORDER BY 1`,
  rows: 10,
};

const MISTYPED = `SELECT time, msg FROM log_entries WHERE exe = 'ember/web-gateway' AND levle <= 2 ORDER BY time DESC`;

const QUERIES: readonly StoryQuery[] = [
  { ...ALERT, minute: -43, totalMs: 38 },
  { ...ALERT, minute: -42, totalMs: 41 },
  { ...ALERT, minute: -41, totalMs: 35 },
  {
    minute: -40.6,
    who: { ...ROWAN, ...DELEGATED },
    entrypoint: 'dashboard',
    notebook: 'ember-servers',
    cell: '4',
    sql: `SELECT time, name, value FROM measures WHERE exe = 'ember-server' AND name IN ('frame_time_ms', 'pending_joins') ORDER BY time`,
    rows: 3600,
    totalMs: 122,
  },
  {
    minute: -39.2,
    who: { ...IMKE, ...DELEGATED },
    entrypoint: 'explore',
    sql: MISTYPED,
    rows: 0,
    totalMs: 3,
    failure: {
      status: 'error',
      error: `error building dataframe: Schema error: No field named levle. (at line 1, column ${MISTYPED.indexOf('levle') + 1})`,
      error_class: 'user',
    },
  },
  {
    minute: -38.9,
    who: { ...IMKE, ...DELEGATED },
    entrypoint: 'explore',
    sql: `SELECT time, level, msg, properties FROM log_entries WHERE exe = 'ember/web-gateway' AND level <= 2 ORDER BY time DESC`,
    rows: 702,
    totalMs: 64,
  },
  {
    minute: -37.2,
    who: { ...IMKE, ...DELEGATED },
    entrypoint: 'explore',
    sql: `SELECT name, kind, status, status_message, duration FROM view_instance('otel_spans', '${GATEWAY_ID}') WHERE status = 'ERROR' ORDER BY start_time DESC`,
    rows: 1000,
    totalMs: 420,
  },
  {
    minute: -36.4,
    who: { ...ROWAN, ...DELEGATED },
    entrypoint: 'explore',
    sql: `SELECT name, count(*) AS calls, sum(duration) AS total FROM process_spans('${SERVER_ID}', 'thread') GROUP BY name ORDER BY total DESC`,
    rows: 17,
    totalMs: 910,
  },
  {
    minute: -35.1,
    who: { ...IMKE, ...DELEGATED },
    entrypoint: 'explore',
    sql: `SELECT time, msg, properties FROM log_entries WHERE target = 'ember.config' ORDER BY time DESC`,
    rows: 1,
    totalMs: 27,
    isUnbounded: true,
  },
];

/** @param startMs Start of the demo, in milliseconds since 1970. */
export function storyAuditRecords(startMs: number): AuditRecord[] {
  return QUERIES.map(({ minute, who, entrypoint, notebook, cell, sql, rows, totalMs, isUnbounded, failure }) => ({
    query_id: queryId(`${minute}`),
    sign_in: 'api_key',
    client: 'grafana',
    agent: 'micromegas-datasource',
    entrypoint,
    ...(notebook === undefined ? {} : { notebook }),
    ...(cell === undefined ? {} : { cell }),
    ...who,
    sql,
    ...(isUnbounded ? {} : lastHour(startMs + minute * MINUTE_MS)),
    status: 'ok',
    ...failure,
    output_rows: rows,
    total_ms: totalMs,
    started_ms: startMs + minute * MINUTE_MS,
  }));
}

function lastHour(toMs: number): Pick<AuditRecord, 'range_begin' | 'range_end'> {
  const [begin, end] = [toMs - 60 * MINUTE_MS, toMs].map((ms) => new Date(ms).toISOString());
  return { range_begin: begin, range_end: end };
}

function queryId(key: string): string {
  const hex = createHash('sha256').update(`audit/${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
