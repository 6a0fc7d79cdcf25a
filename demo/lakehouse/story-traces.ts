/**
 * The traces of the story: one for each log message with a trace. Expressions are SQL over the columns of `lake.tick`
 * and of `TraceSource.columns`; times are milliseconds after the start of the trace.
 *
 * A match request passes the web gateway, the matchmaker and the session store. During the incident, a request waits
 * for a connection of the matchmaker's pool. A request that fails does not reach the session store.
 *
 * The story contains two intentional errors. The clock of the session store is ahead (`clockAheadMs` of its process).
 * Some requests from ap-south arrive through a proxy that records no spans, so the parent of their first span does not
 * exist.
 */
import { HTTP, POOL, reservation, RPC, type StorySpan, TO_MATCHMAKER, type TraceSource } from './story-trace-spans';

const NO_SESSION = `'no session within 2000 ms'`;
/** Requests that arrive through the proxy in ap-south. */
const UNRECORDED_PARENT = `region = 'ap-south' AND i % 12 = 0`;

/** The span of a match request at the web gateway. */
const REQUEST_SPAN = {
  key: 'request',
  service: 'web-gateway',
  name: 'POST /v1/match',
  kind: 'SERVER',
  begin: '0',
  end: 'ms',
} satisfies Partial<StorySpan>;

/** The gateway's call of the matchmaker. */
const FIND_SPAN = {
  key: 'find',
  parent: `'request'`,
  service: 'web-gateway',
  name: 'matchmaker.Find',
  kind: 'CLIENT',
  properties: TO_MATCHMAKER,
} satisfies Partial<StorySpan>;

const REQUEST: TraceSource = {
  trace: 'request',
  columns: {
    ms: 'lake.latency(region, v, trouble)',
    failed: `region = 'eu-west' AND v < trouble`,
    waiting: `if(region = 'eu-west', trouble, 0.0) * 0.5`,
  },
  endsAfterMs: 0,
  spans: [
    {
      ...REQUEST_SPAN,
      parent: `if(${UNRECORDED_PARENT}, 'edge', NULL)`,
      error: `if(failed, ${NO_SESSION}, NULL)`,
      properties: HTTP('if(failed, 504, 200)'),
    },
    {
      key: 'authenticate',
      parent: `'request'`,
      service: 'web-gateway',
      name: 'authenticate',
      kind: 'INTERNAL',
      begin: '0.01 * ms',
      end: '0.05 * ms',
      properties: `'player', player, 'otel.scope.name', 'ember.http'`,
    },
    {
      ...FIND_SPAN,
      begin: '0.06 * ms',
      end: '0.97 * ms',
      error: `if(failed, ${NO_SESSION}, NULL)`,
    },
    {
      key: 'serve',
      parent: `'find'`,
      service: 'matchmaker',
      name: 'matchmaker.Find',
      kind: 'SERVER',
      begin: '0.09 * ms',
      end: '0.95 * ms',
      error: `if(failed, ${NO_SESSION}, NULL)`,
      properties: RPC('ember.Matchmaker', 'Find', ''),
    },
    {
      key: 'acquire',
      parent: `'serve'`,
      service: 'matchmaker',
      name: 'session_pool.acquire',
      kind: 'INTERNAL',
      begin: '0.12 * ms',
      end: 'if(failed, 0.93, 0.18 + waiting) * ms',
      error: `if(failed, 'session pool exhausted', NULL)`,
      exception: 'ember.pool.Timeout',
      properties: POOL('if(trouble > 0, 8, 64)'),
    },
    ...reservation('serve', '(0.2 + waiting) * ms', '0.92 * ms', 'NOT failed'),
  ],
};

const MOST_ATTEMPTS = 5;

/** A request that fails after 2000 ms and up to four retries. Each retry links to the previous attempt. */
const TIMEOUT: TraceSource = {
  trace: 'timeout',
  columns: {
    ms: '2000 + 20 * v',
    attempts: 'CAST(u * 4 AS INTEGER) + 1',
    region: `'eu-west'`,
  },
  endsAfterMs: 0,
  spans: [
    {
      ...REQUEST_SPAN,
      error: NO_SESSION,
      exception: 'ember.http.GatewayTimeout',
      properties: HTTP('504'),
    },
    ...Array.from({ length: MOST_ATTEMPTS }, (_none, attempt) => attemptSpans(attempt)).flat(),
  ],
};

function attemptSpans(attempt: number): StorySpan[] {
  const at = (extra: number, part = attempt) => `${10 + extra} + ${part} * 1980.0 / attempts`;
  const when = `attempts > ${attempt}`;
  return [
    {
      key: `find/${attempt}`,
      parent: `'request'`,
      service: 'web-gateway',
      name: 'matchmaker.Find',
      kind: 'CLIENT',
      begin: at(0),
      end: at(-10, attempt + 1),
      when,
      error: `'deadline exceeded'`,
      ...(attempt === 0 ? {} : { link: `find/${attempt - 1}` }),
      properties: `'retry', ${attempt}, ${TO_MATCHMAKER}`,
    },
    {
      key: `serve/${attempt}`,
      parent: `'find/${attempt}'`,
      service: 'matchmaker',
      name: 'matchmaker.Find',
      kind: 'SERVER',
      begin: at(2),
      end: at(-12, attempt + 1),
      when,
      error: `'deadline exceeded'`,
      properties: RPC('ember.Matchmaker', 'Find', ''),
    },
    {
      key: `acquire/${attempt}`,
      parent: `'serve/${attempt}'`,
      service: 'matchmaker',
      name: 'session_pool.acquire',
      kind: 'INTERNAL',
      begin: at(4),
      end: at(-14, attempt + 1),
      when,
      error: `'session pool exhausted'`,
      exception: 'ember.pool.Timeout',
      properties: POOL('8'),
    },
  ];
}

const CLOSED: TraceSource = {
  trace: 'closed',
  columns: { ms: 'lake.latency(region, v, trouble) * 0.6' },
  endsAfterMs: 0,
  spans: [
    {
      ...REQUEST_SPAN,
      error: `'client closed the connection'`,
      properties: HTTP('499'),
    },
    {
      ...FIND_SPAN,
      begin: '0.08 * ms',
      end: '0.98 * ms',
      error: `'canceled'`,
    },
    {
      key: 'serve',
      parent: `'find'`,
      service: 'matchmaker',
      name: 'matchmaker.Find',
      kind: 'SERVER',
      begin: '0.14 * ms',
      end: '0.96 * ms',
      error: `'canceled'`,
      properties: RPC('ember.Matchmaker', 'Find', ''),
    },
  ],
};

/** A request that waits for the pool. The matchmaker logs it at the end of the wait. */
const POOL_WAIT: TraceSource = {
  trace: 'pool',
  columns: { ms: '260 + 1500 * trouble * u', region: `'eu-west'` },
  endsAfterMs: 50,
  spans: [
    {
      ...REQUEST_SPAN,
      properties: HTTP('200'),
    },
    {
      ...FIND_SPAN,
      begin: '3',
      end: 'ms - 3',
    },
    {
      key: 'serve',
      parent: `'find'`,
      service: 'matchmaker',
      name: 'matchmaker.Find',
      kind: 'SERVER',
      begin: '6',
      end: 'ms - 6',
      properties: RPC('ember.Matchmaker', 'Find', ''),
    },
    {
      key: 'acquire',
      parent: `'serve'`,
      service: 'matchmaker',
      name: 'session_pool.acquire',
      kind: 'INTERNAL',
      begin: '10',
      end: 'ms - 50',
      properties: POOL('8'),
    },
    ...reservation('serve', 'ms - 45', 'ms - 10'),
  ],
};

const READY: TraceSource = {
  trace: 'ready',
  columns: { ms: 'round(300 + 400 * v + 9000 * trouble)' },
  endsAfterMs: 0,
  spans: [
    {
      key: 'assemble',
      service: 'matchmaker',
      name: 'match.assemble',
      kind: 'CONSUMER',
      begin: '0',
      end: 'ms',
      properties: `'messaging.system', 'nats', 'messaging.destination.name', 'match.waiting', 'region', region, 'otel.scope.name', 'ember.match'`,
    },
    {
      key: 'rank',
      parent: `'assemble'`,
      service: 'matchmaker',
      name: 'rank_players',
      kind: 'INTERNAL',
      begin: 'ms - 120',
      end: 'ms - 80',
      properties: `'players', 8 + CAST(u * 24 AS INTEGER), 'otel.scope.name', 'ember.match'`,
    },
    ...reservation('assemble', 'ms - 75', 'ms - 20'),
    {
      key: 'announce',
      parent: `'assemble'`,
      service: 'matchmaker',
      name: 'match.ready publish',
      kind: 'PRODUCER',
      begin: 'ms - 10',
      end: 'ms - 2',
      properties: `'messaging.system', 'nats', 'messaging.destination.name', 'match.ready', 'otel.scope.name', 'ember.match'`,
    },
  ],
};

export const TRACE_SOURCES: readonly TraceSource[] = [REQUEST, TIMEOUT, CLOSED, POOL_WAIT, READY];
