/**
 * Prometheus metrics of the backend, which Grafana serves at /metrics/plugins/<plugin id>.
 *
 * No label contains a data source, a user or an address. All labels have few values: one label with a thousand data
 * sources would multiply the time series of each histogram by a thousand. The label `backend` identifies the process:
 * several Grafana servers that use one sidecar report the same numbers, and a query must count each process once.
 */
import { randomUUID } from 'node:crypto';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ERROR_CODES, type ErrorCode, ERRORS } from '../../base/errors/catalogue';
import { type ConnectionEvents } from '../telemetry/connection-events';
import { QUERY_STAGES } from '../telemetry/query-stages';
import { type QueryObserver } from '../telemetry/query-summary';
import { type TokenEvents } from '../telemetry/token-events';
import { collectProcessMetrics } from './process-metrics';

/** The metrics of the process, for all data sources together. */
export interface Metrics extends Required<QueryObserver>, TokenEvents {
  readonly connections: ConnectionEvents;
  /** Sets the memory budget whose state the metrics show. */
  watchMemory(budget: { readonly totalBytes: number; readonly heldBytes: number; readonly waiting: number }): void;
  /** Call this at the end of each wait for memory, whether it succeeded or failed. */
  memoryWaited(durationMs: number): void;
  /** Call this for a query that fails because no memory is free. */
  memoryRejected(): void;
  healthChecked(status: 'ok' | 'error'): void;
  /** @param path A route of the resource API, or one word for all other paths. @param status HTTP status. */
  resourceCalled(path: string, status: number): void;
  /** Prometheus text exposition. */
  render(): Promise<string>;
}

/** Upper bounds of the buckets of the histograms in this file, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Errors that mean that the identity provider rejected the token request. */
const PROVIDER_REJECTIONS: ReadonlySet<ErrorCode | 'ok'> = new Set<ErrorCode>([
  'provider_refused',
  'provider_client_method',
  'provider_algorithm',
  'provider_dpop_required',
  'provider_not_granted',
  'provider_clock',
  'provider_rejected_request',
]);

type Registers = Registry[];

function queryMetrics(registers: Registers): Required<QueryObserver> {
  const queries = new Counter({
    name: 'micromegas_queries_total',
    help: 'Ended queries, by format and error code (ok for success).',
    labelNames: ['format', 'code'],
    registers,
  });
  const countOutcome = outcomeMetrics(registers);
  const running = new Gauge({ name: 'micromegas_queries_running', help: 'Queries in flight.', registers });
  const seconds = new Histogram({
    name: 'micromegas_query_duration_seconds',
    help: 'Time from the arrival of a query to its complete result.',
    labelNames: ['format'],
    buckets: SECONDS,
    registers,
  });
  const stageSeconds = new Histogram({
    name: 'micromegas_query_stage_duration_seconds',
    help: 'Time that a query spent in a stage, for queries that reached it. The stage first_batch is the time to first row.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  });
  const shared = new Counter({
    name: 'micromegas_shared_results_total',
    help: 'Queries for which no statement was sent: result from memory, or from an equal statement that was running.',
    labelNames: ['from'],
    registers,
  });
  const rowsTotal = new Counter({ name: 'micromegas_rows_total', help: 'Rows in results.', registers });
  const bytesTotal = new Counter({
    name: 'micromegas_frame_bytes_total',
    help: 'Bytes of frames in results.',
    registers,
  });
  const refreshes = new Counter({
    name: 'micromegas_refreshes_total',
    help: 'Ended queries of dashboards with time bins: read in parts, or over their whole range.',
    labelNames: ['read'],
    registers,
  });
  return {
    queryStarted: () => running.inc(),
    queryEnded({ format, code, durationMs, stagesMs, rows, bytes, sharedFrom, refreshed }) {
      running.dec();
      if (refreshed !== undefined) {
        refreshes.inc({ read: refreshed });
      }
      queries.inc({ format, code });
      countOutcome(code);
      seconds.observe({ format }, durationMs / 1000);
      for (const stage of QUERY_STAGES) {
        const stageMs = stagesMs[stage];
        if (stageMs !== undefined) {
          stageSeconds.observe({ stage }, stageMs / 1000);
        }
      }
      if (sharedFrom !== undefined) {
        shared.inc({ from: sharedFrom });
      }
      rowsTotal.inc(rows);
      bytesTotal.inc(bytes);
    },
  };
}

/**
 * Counts the outcomes of queries. Each code starts at 0, because Prometheus sees no increase if a time series begins
 * with the first failure. Successes are included, so that numerator and denominator of a share both start at 0.
 */
function outcomeMetrics(registers: Registers): (code: ErrorCode | 'ok') => void {
  const outcomes = new Counter({
    name: 'micromegas_query_outcomes_total',
    help: 'Ended queries, by error code (ok for success) and by who mends the cause: author, operator, or none for ok.',
    labelNames: ['code', 'mended_by'],
    registers,
  });
  const count = (code: ErrorCode | 'ok', by: number): void =>
    outcomes.inc({ code, mended_by: code === 'ok' ? 'none' : ERRORS[code].mendedBy }, by);
  (['ok', ...ERROR_CODES] as const).forEach((code) => count(code, 0));
  return (code) => count(code, 1);
}

function tokenMetrics(registers: Registers): TokenEvents {
  const requests = new Counter({
    name: 'micromegas_token_requests_total',
    help: 'Requests to identity providers for a token, by reason and error code (ok for success).',
    labelNames: ['reason', 'code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'micromegas_token_request_duration_seconds',
    help: 'Duration of token requests.',
    buckets: SECONDS,
    registers,
  });
  const rejections = new Counter({
    name: 'micromegas_token_refusals_total',
    help: 'Tokens and keys that Micromegas rejected, and token requests that the identity provider rejected.',
    labelNames: ['by', 'credential'],
    registers,
  });
  const repeated = new Counter({
    name: 'micromegas_token_retries_total',
    help: 'Calls of Micromegas that were repeated with a new token, because Micromegas rejected the first token.',
    registers,
  });
  return {
    tokenRequested({ reason, code, durationMs }) {
      requests.inc({ reason, code });
      seconds.observe(durationMs / 1000);
      if (PROVIDER_REJECTIONS.has(code)) {
        rejections.inc({ by: 'provider', credential: 'service_account' });
      }
    },
    tokenRejected: (credential) => rejections.inc({ by: 'micromegas', credential }),
    callRepeated: () => repeated.inc(),
  };
}

function memoryMetrics(registers: Registers): Pick<Metrics, 'watchMemory' | 'memoryWaited' | 'memoryRejected'> {
  let memory = { totalBytes: 0, heldBytes: 0, waiting: 0 };
  new Gauge({
    name: 'micromegas_memory_budget_bytes',
    help: 'Size of the memory budget.',
    registers,
    collect() {
      this.set(memory.totalBytes);
    },
  });
  new Gauge({
    name: 'micromegas_memory_held_bytes',
    help: 'Memory of requests and responses, counted against the memory budget.',
    registers,
    collect() {
      this.set(memory.heldBytes);
    },
  });
  new Gauge({
    name: 'micromegas_memory_waiting_queries',
    help: 'Queries that wait for memory.',
    registers,
    collect() {
      this.set(memory.waiting);
    },
  });
  const waits = new Counter({ name: 'micromegas_memory_waits_total', help: 'Ended waits for memory.', registers });
  const waitSeconds = new Counter({
    name: 'micromegas_memory_wait_seconds_total',
    help: 'Time of all ended waits for memory.',
    registers,
  });
  const rejections = new Counter({
    name: 'micromegas_memory_refusals_total',
    help: 'Queries that failed because other queries held the memory.',
    registers,
  });
  return {
    watchMemory: (budget) => {
      memory = budget;
    },
    memoryWaited(durationMs) {
      waits.inc();
      // The system's clock may have been set back.
      waitSeconds.inc(Math.max(0, durationMs) / 1000);
    },
    memoryRejected: () => rejections.inc(),
  };
}

function connectionMetrics(registers: Registers): ConnectionEvents {
  const open = new Gauge({
    name: 'micromegas_connections_open',
    help: 'Open connections to Micromegas servers.',
    registers,
  });
  const opened = new Counter({
    name: 'micromegas_connections_opened_total',
    help: 'Opened connections to Micromegas servers.',
    registers,
  });
  const lost = new Counter({
    name: 'micromegas_connections_lost_total',
    help: 'Connections that a Micromegas server closed, or that failed.',
    registers,
  });
  const failed = new Counter({
    name: 'micromegas_connections_failed_total',
    help: 'Failed attempts to connect to a Micromegas server.',
    registers,
  });
  return {
    opened() {
      open.inc();
      opened.inc();
    },
    ended(how) {
      open.dec();
      if (how === 'lost') {
        lost.inc();
      }
    },
    failed: () => failed.inc(),
  };
}

function callMetrics(registers: Registers): Pick<Metrics, 'healthChecked' | 'resourceCalled'> {
  const health = new Counter({
    name: 'micromegas_health_checks_total',
    help: 'Save & test calls, by result.',
    labelNames: ['status'],
    registers,
  });
  const resources = new Counter({
    name: 'micromegas_resource_calls_total',
    help: 'Calls of the resource API, by path and status.',
    labelNames: ['path', 'status'],
    registers,
  });
  return {
    healthChecked: (status) => health.inc({ status }),
    resourceCalled: (path, status) => resources.inc({ path, status: String(status) }),
  };
}

/**
 * Each `Metrics` object has its own registry, so that tests can create several.
 *
 * @param backend The label that identifies the process. Default: random.
 */
export function createMetrics(backend = randomUUID().slice(0, 8)): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ backend });
  const registers = [registry];
  const eventLoop = collectProcessMetrics(registry);
  const queries = queryMetrics(registers);
  let running = 0;
  return {
    ...tokenMetrics(registers),
    ...memoryMetrics(registers),
    ...callMetrics(registers),
    connections: connectionMetrics(registers),
    queryStarted() {
      running += 1;
      eventLoop.start();
      queries.queryStarted();
    },
    queryEnded(summary) {
      running -= 1;
      if (running === 0) {
        eventLoop.stop();
      }
      queries.queryEnded(summary);
    },
    render: () => registry.metrics(),
  };
}
