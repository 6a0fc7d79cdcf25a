/**
 * The TypeScript types of the traces in the demo's incident, and the attributes and calls that several traces share.
 */
import { type LogTemplate } from './story-logs';

export interface StorySpan {
  /** Unique in its trace. */
  key: string;
  /** SQL string expression: key of the parent. Default: none. */
  parent?: string;
  service: 'web-gateway' | 'matchmaker' | 'session-store';
  name: string;
  kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  begin: string;
  end: string;
  /** SQL condition for the span. Default: always. */
  when?: string;
  /** SQL string expression: message of the failure, or null. Default: null. */
  error?: string;
  /** SQL expressions for the members of a JSON object. */
  properties: string;
  /** Type of the exception that is recorded at the end of a failed span. */
  exception?: string;
  /** This span links to the span with this key in the same trace. */
  link?: string;
}

export interface TraceSource {
  trace: NonNullable<LogTemplate['trace']>;
  /** SQL expressions for `ms` (the duration of the first span) and for other columns. */
  columns: { ms: string; [name: string]: string };
  /** The first span ends this many milliseconds after the log message to which the trace belongs. */
  endsAfterMs: number;
  spans: readonly StorySpan[];
}

export const HTTP = (status: string) =>
  `'http.request.method', 'POST', 'http.route', '/v1/match', 'http.response.status_code', ${status}, 'region', region, ` +
  `'request_id', request_id, 'otel.scope.name', 'ember.http'`;
export const RPC = (service: string, method: string, peer: string) =>
  `'rpc.system', 'grpc', 'rpc.service', '${service}', 'rpc.method', '${method}', ${peer}'region', region, ` +
  `'otel.scope.name', 'ember.rpc'`;
export const TO_MATCHMAKER = RPC(
  'ember.Matchmaker',
  'Find',
  `'peer.service', 'matchmaker', 'server.address', 'borealis-02', `
);
const TO_STORE = RPC(
  'ember.SessionStore',
  'Reserve',
  `'peer.service', 'session-store', 'server.address', 'borealis-05', `
);
export const POOL = (size: string) => `'pool.size', ${size}, 'region', region, 'otel.scope.name', 'ember.pool'`;

/** The calls from the matchmaker to the session store and its database. */
export function reservation(parent: string, begin: string, end: string, when = 'true'): StorySpan[] {
  const at = (share: number) => `${begin} + ${share} * (${end} - (${begin}))`;
  return [
    {
      key: 'reserve',
      parent: `'${parent}'`,
      service: 'matchmaker',
      name: 'session_store.Reserve',
      kind: 'CLIENT',
      begin,
      end,
      when,
      properties: TO_STORE,
    },
    {
      key: 'store',
      parent: `'reserve'`,
      service: 'session-store',
      name: 'session_store.Reserve',
      kind: 'SERVER',
      begin: at(0.1),
      end: at(0.9),
      when,
      properties: RPC('ember.SessionStore', 'Reserve', ''),
    },
    {
      key: 'update',
      parent: `'store'`,
      service: 'session-store',
      name: 'UPDATE sessions',
      kind: 'CLIENT',
      begin: at(0.2),
      end: at(0.8),
      when,
      properties: `'db.system.name', 'postgresql', 'db.namespace', 'sessions', 'db.query.text', 'UPDATE sessions SET owner = $1 WHERE id = $2',
        'server.address', 'pg-sessions', 'otel.scope.name', 'ember.store'`,
    },
  ];
}
