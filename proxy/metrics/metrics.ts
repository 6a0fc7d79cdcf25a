/**
 * Prometheus metrics of the proxy itself, served by Grafana at /metrics/plugins/<plugin id>.
 */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { type ErrorCode } from '../errors/catalogue';

export interface Metrics {
  /** A query ended. @param code Error code, or `ok`. */
  queryEnded(format: string, code: ErrorCode | 'ok', durationMs: number, rows: number, bytes: number): void;
  queryStarted(): void;
  /** A token request ended at the identity provider. */
  tokenRequested(code: ErrorCode | 'ok', durationMs: number): void;
  /** Reads what is held and who waits whenever metrics are asked for. */
  watchMemory(budget: { readonly heldBytes: number; readonly waiting: number }): void;
  /** A query was refused, since others hold the memory. */
  memoryRefused(): void;
  healthChecked(status: 'ok' | 'error'): void;
  resourceCalled(path: string, status: number): void;
  /** Text exposition of everything. */
  render(): Promise<string>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics in a registry of their own, so that several can live in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const queries = new Counter({
    name: 'micromegas_queries_total',
    help: 'Queries that ended, by format and error code (ok when good).',
    labelNames: ['format', 'code'],
    registers,
  });
  const running = new Gauge({ name: 'micromegas_queries_running', help: 'Queries in flight.', registers });
  const seconds = new Histogram({
    name: 'micromegas_query_duration_seconds',
    help: 'Time from the arrival of a query to its finished answer.',
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
    help: 'Requests to the token endpoint of an identity provider, by error code (ok when good).',
    labelNames: ['code'],
    registers,
  });
  const tokenSeconds = new Histogram({
    name: 'micromegas_token_request_duration_seconds',
    help: 'Time that a token request took.',
    buckets: SECONDS,
    registers,
  });
  let memory = { heldBytes: 0, waiting: 0 };
  new Gauge({
    name: 'micromegas_memory_held_bytes',
    help: 'Memory that requests and answers hold, out of the budget that all queries share.',
    registers,
    collect() {
      this.set(memory.heldBytes);
    },
  });
  new Gauge({
    name: 'micromegas_memory_waiting_queries',
    help: 'Queries that wait until others free memory.',
    registers,
    collect() {
      this.set(memory.waiting);
    },
  });
  const memoryRefusals = new Counter({
    name: 'micromegas_memory_refusals_total',
    help: 'Queries that were refused, since others held the memory.',
    registers,
  });
  const health = new Counter({
    name: 'micromegas_health_checks_total',
    help: 'Save & Test calls, by result.',
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
    queryEnded(format, code, durationMs, rows, bytes) {
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
