/**
 * Prometheus metrics of the proxy, which Grafana serves at /metrics/plugins/<plugin id>.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type ErrorCode } from '../errors/catalogue';
import { type QueryObserver } from '../telemetry/query-summary';

export interface Metrics extends Required<QueryObserver> {
  /** Call this at the end of a token request. */
  tokenRequested(code: ErrorCode | 'ok', durationMs: number): void;
  /** Sets the budget that is read when metrics are rendered. */
  watchMemory(budget: { readonly heldBytes: number; readonly waiting: number }): void;
  /** Call this for a query that fails because no memory is free. */
  memoryRefused(): void;
  healthChecked(status: 'ok' | 'error'): void;
  resourceCalled(path: string, status: number): void;
  /** Prometheus text exposition. */
  render(): Promise<string>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Each `Metrics` object has its own registry, so that tests can create several. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const queries = new Counter({
    name: 'micromegas_queries_total',
    help: 'Ended queries, by format and error code (ok for success).',
    labelNames: ['format', 'code'],
    registers,
  });
  const running = new Gauge({ name: 'micromegas_queries_running', help: 'Queries in flight.', registers });
  const seconds = new Histogram({
    name: 'micromegas_query_duration_seconds',
    help: 'Time from the arrival of a query to its complete answer.',
    labelNames: ['format'],
    buckets: SECONDS,
    registers,
  });
  const rowsTotal = new Counter({ name: 'micromegas_rows_total', help: 'Rows in answers.', registers });
  const bytesTotal = new Counter({
    name: 'micromegas_frame_bytes_total',
    help: 'Bytes of frames in answers.',
    registers,
  });
  const tokens = new Counter({
    name: 'micromegas_token_requests_total',
    help: 'Requests to the token endpoint of an identity provider, by error code (ok for success).',
    labelNames: ['code'],
    registers,
  });
  const tokenSeconds = new Histogram({
    name: 'micromegas_token_request_duration_seconds',
    help: 'Duration of token requests.',
    buckets: SECONDS,
    registers,
  });
  let memory = { heldBytes: 0, waiting: 0 };
  new Gauge({
    name: 'micromegas_memory_held_bytes',
    help: 'Memory of requests and answers, counted against the shared memory budget.',
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
  const memoryRefusals = new Counter({
    name: 'micromegas_memory_refusals_total',
    help: 'Queries that failed because other queries held the memory.',
    registers,
  });
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
    queryStarted: () => running.inc(),
    queryEnded({ format, code, durationMs, rows, bytes }) {
      running.dec();
      queries.inc({ format, code });
      seconds.observe({ format }, durationMs / 1000);
      rowsTotal.inc(rows);
      bytesTotal.inc(bytes);
    },
    tokenRequested(code, durationMs) {
      tokens.inc({ code });
      tokenSeconds.observe(durationMs / 1000);
    },
    watchMemory: (budget) => {
      memory = budget;
    },
    memoryRefused: () => memoryRefusals.inc(),
    healthChecked: (status) => health.inc({ status }),
    resourceCalled: (path, status) => resources.inc({ path, status: String(status) }),
    render: () => registry.metrics(),
  };
}
