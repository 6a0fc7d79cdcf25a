/** The log messages of the story: recurring messages and single messages. */

export interface LogTemplate {
  process: string;
  target: string;
  level: 1 | 2 | 3 | 4 | 5 | 6;
  /** Length of a period in milliseconds. There is one message per period, at a random time. */
  everyMs: number;
  /** SQL condition for the message, on the columns of `lake.tick` (`lake-schema.ts`). Default: always. */
  when?: string;
  /** SQL string expression, on the same columns. */
  message: string;
  /** SQL JSON expression, on the same columns. */
  properties: string;
  /** The trace of each message, in `story-traces.ts`. */
  trace?: 'request' | 'timeout' | 'closed' | 'ready' | 'pool';
}

const REQUEST = `'request_id', request_id, 'region', region`;
const NONE = `json_object()`;
const SCOPE = `'otel.scope.name', 'ember.http', 'otel.severity_text'`;

/** Arguments of `json_object`: the id of the trace, and the id of its span with this key. */
function inTrace(span: string): string {
  return `'otel.trace_id', trace_hex, 'otel.span_id', lake.span_hex(trace_hex, '${span}')`;
}

const SERVER_LOGS = ['server', 'server-restarted'].flatMap((process): LogTemplate[] => [
  {
    process,
    target: 'ember::net',
    level: 4,
    everyMs: 1500,
    message: `format('player {} {} from {}', player, if(v < 0.52, 'joined', 'left'), region)`,
    properties: `json_object('player', player, 'region', region)`,
  },
  {
    process,
    target: 'ember::sim',
    level: 5,
    everyMs: 2000,
    message: `format('tick {}: {} actors, {} awake', i % 1000000, 400 + CAST(v * 200 AS INTEGER), 80 + CAST(u * 60 AS INTEGER))`,
    properties: NONE,
  },
  {
    process,
    target: 'ember::sim',
    level: 6,
    everyMs: 6000,
    message: `format('island rebuild took {:.2f} ms', 0.4 + v * 3)`,
    properties: NONE,
  },
  {
    process,
    target: 'ember::session',
    level: 3,
    everyMs: 1200,
    when: 'v < trouble * 0.9 + 0.002',
    message: `format('join of player {} still waiting for a session after {:.1f} s', player, 1 + 20 * trouble * u)`,
    properties: `json_object('player', player, ${REQUEST}, 'pending_joins', CAST(10 + 900 * trouble AS INTEGER))`,
  },
]);

export const LOG_TEMPLATES: readonly LogTemplate[] = [
  ...SERVER_LOGS,
  {
    process: 'web-gateway',
    target: 'ember.http',
    level: 4,
    everyMs: 700,
    message: `format('POST /v1/match {} in {:.1f} ms', if(region = 'eu-west' AND v < trouble, 504, 200), lake.latency(region, v, trouble))`,
    properties: `json_object(${REQUEST}, 'http.status_code', if(region = 'eu-west' AND v < trouble, 504, 200),
      'duration_ms', round(lake.latency(region, v, trouble), 1), ${SCOPE}, 'INFO', ${inTrace('request')})`,
    trace: 'request',
  },
  {
    process: 'web-gateway',
    target: 'ember.http',
    level: 2,
    everyMs: 400,
    when: `v < trouble * 0.8`,
    message: `format('match request {} failed: no session within 2000 ms', request_id)`,
    properties: `json_object('request_id', request_id, 'region', 'eu-west', 'error_code', 'SESSION_POOL_TIMEOUT',
      'http.status_code', 504, 'retries', CAST(u * 4 AS INTEGER), ${SCOPE}, 'ERROR', ${inTrace('request')})`,
    trace: 'timeout',
  },
  {
    process: 'web-gateway',
    target: 'ember.http',
    level: 2,
    everyMs: 90_000,
    message: `format('match request {} failed: client closed the connection', request_id)`,
    properties: `json_object(${REQUEST}, 'error_code', 'CLIENT_CLOSED', 'http.status_code', 499, ${SCOPE}, 'ERROR', ${inTrace('request')})`,
    trace: 'closed',
  },
  {
    process: 'matchmaker',
    target: 'ember.match',
    level: 4,
    everyMs: 1300,
    message: `format('match of {} players ready in {}', 8 + CAST(u * 24 AS INTEGER), region)`,
    properties: `json_object(${REQUEST}, 'wait_ms', round(300 + 400 * v + 9000 * trouble), 'otel.scope.name', 'ember.match', ${inTrace('assemble')})`,
    trace: 'ready',
  },
  {
    process: 'matchmaker',
    target: 'ember.pool',
    level: 3,
    everyMs: 500,
    when: 'v < trouble * 0.7',
    message: `format('session pool exhausted: {} waiting for 8 connections', CAST(20 + 400 * trouble * u AS INTEGER))`,
    properties: `json_object('request_id', request_id, 'region', 'eu-west', 'error_code', 'SESSION_POOL_TIMEOUT', 'pool.size', 8, ${inTrace('acquire')})`,
    trace: 'pool',
  },
  {
    process: 'editor',
    target: 'editor::assets',
    level: 4,
    everyMs: 7000,
    message: `format('imported harbor/props/crate_{}.mesh in {} ms', i % 97, CAST(40 + 900 * v AS INTEGER))`,
    properties: NONE,
  },
  {
    process: 'editor',
    target: 'editor::shader',
    level: 3,
    everyMs: 240_000,
    message: `format('shader water_{} fell back to the software path', i % 5)`,
    properties: NONE,
  },
  {
    process: 'session-store',
    target: 'ember.store',
    level: 4,
    everyMs: 60_000,
    message: `format('checkpoint written: {} sessions open', CAST(if(trouble > 0, 8, 30 + 12 * wave + 4 * v) AS INTEGER))`,
    properties: `json_object('otel.scope.name', 'ember.store')`,
  },
];

export interface LogEvent {
  process: string;
  /** Minutes after the start of the demo. A negative number is before the start. */
  minute: number;
  target: string;
  level: 1 | 2 | 3 | 4;
  message: string;
  properties: Record<string, string | number>;
}

const MIN_PLAYERS = { region: 'eu-west', 'config.key': 'match.min_players' };
const POOL = { region: 'eu-west', 'config.key': 'session_pool.size' };

export const LOG_EVENTS: readonly LogEvent[] = [
  // The second incident. Its cause has the target and the level of other lines, so a count of lines does not show it.
  {
    process: 'matchmaker',
    minute: -152,
    target: 'ember.match',
    level: 4,
    message: 'configuration revision 4121 applied: match.min_players 8 -> 24',
    properties: { ...MIN_PLAYERS, 'config.revision': 4121, 'config.author': 'imke' },
  },
  {
    process: 'matchmaker',
    minute: -139.5,
    target: 'ember.match',
    level: 4,
    message: 'configuration revision 4122 applied: match.min_players 24 -> 8',
    properties: { ...MIN_PLAYERS, 'config.revision': 4122, 'config.author': 'imke' },
  },
  {
    process: 'lake',
    minute: -104,
    target: 'micromegas_analytics::lakehouse::write_partition',
    level: 3,
    message: 'partition of [measures, global] not written: the object store did not respond within 10 s, trying again',
    properties: {},
  },
  {
    process: 'matchmaker',
    minute: -46,
    target: 'ember.config',
    level: 4,
    message: 'configuration revision 4127 applied: session_pool.size 64 -> 8',
    properties: { ...POOL, 'config.revision': 4127, 'config.author': 'rowan' },
  },
  {
    process: 'server',
    minute: -38.4,
    target: 'ember::session',
    level: 2,
    message: 'join queue holds 912 players, limit is 512: refusing new joins',
    properties: { pending_joins: 912, region: 'eu-west' },
  },
  {
    process: 'server',
    // The last line of the process. The process ends at this time.
    minute: -38,
    target: 'ember::memory',
    level: 1,
    message: 'out of memory: 268435456 bytes for the join queue could not be allocated, aborting',
    properties: { allocation_bytes: 268_435_456, error_code: 'OUT_OF_MEMORY', region: 'eu-west' },
  },
  {
    process: 'server-restarted',
    minute: -37.45,
    target: 'ember::boot',
    level: 4,
    message: 'ember-server 2026.11.3 started after an unclean exit of its predecessor',
    properties: { predecessor: '0b6f5a52-51c4-4d0c-9a3e-6d1d0b7f4a01' },
  },
  {
    process: 'matchmaker',
    minute: -34.2,
    target: 'ember.config',
    level: 4,
    message: 'configuration revision 4128 applied: session_pool.size 8 -> 64',
    properties: { ...POOL, 'config.revision': 4128, 'config.author': 'imke' },
  },
];
