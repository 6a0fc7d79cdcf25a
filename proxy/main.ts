/**
 * Starts the backend and connects its parts.
 *
 * While the backend runs, standard output is only for the handshake. Log lines go to standard error, in the format that
 * Grafana reads.
 */
import { isSea } from 'node:sea';
import { createDiagnostics } from './handlers/diagnostics/diagnostics';
import { describeCheck } from './handlers/diagnostics/describe-check';
import { History } from './handlers/diagnostics/history';
import { ProxyError } from './base/errors/proxy-error';
import { STREAM_WINDOW_BYTES } from './lakehouse/flight-sql/connection';
import { Freshness } from './views/freshness/freshness';
import { callResource } from './handlers/call-resource';
import { checkHealth } from './handlers/check-health';
import { PendingAuditChecks } from './handlers/health/pending-audit-checks';
import { OpenFiles } from './handlers/open-files';
import { type CheckHealthResult, type Handlers, type PluginContext } from './query/plugin-request';
import { queryChunkedData } from './handlers/query-chunked-data';
import { queryData } from './handlers/query-data';
import { LineRates } from './query/log-slices/line-strategy';
import { TableColumns } from './query/table-columns';
import { tracedCalls } from './handlers/traced-calls';
import { createInstanceStore, type InstanceStoreDeps } from './lakehouse/instances/instance-store';
import { parseSettings } from './lakehouse/instances/settings';
import { LineBuffer } from './observe/logging/line-buffer';
import { createLogger } from './observe/logging/logger';
import { budgetSize, thisMachine } from './observe/memory/budget-size';
import { MemoryBudget } from './observe/memory/memory-budget';
import { createMetrics, type Metrics } from './observe/metrics/metrics';
import { createOperatorPolicy } from './lakehouse/operator/operator-policy';
import { runCommand } from './grafana/run-command';
import { endOnCrash, runPlugin } from './grafana/run-plugin';
import { startMode } from './grafana/start-mode';
import { ParserCache } from './sql/edit/parser-cache';
import { ParserFiles } from './sql/edit/parser-files';
import { parserOfBuild } from './sql/edit/parser-thread';
import { loadTracer } from './observe/telemetry/load-tracer';
import { type QueryObserver } from './observe/telemetry/query-summary';
import { ResultCache } from './query/incremental/result-cache';
import { MAX_COST, MIN_WHOLE_MS } from './query/incremental/refresh-query';
import { SlowQueries, slowQueryMs } from './observe/telemetry/slow-queries';
import { type Tracer } from './observe/telemetry/tracer';

interface ServiceDeps extends InstanceStoreDeps {
  metrics: Metrics;
  memory: MemoryBudget;
  parserFiles: ParserFiles;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  observers: readonly QueryObserver[];
  tracer: Tracer | undefined;
}

/** Creates the handlers, and the parts that they share. */
function createService(deps: ServiceDeps): {
  handlers: Handlers;
  close(): Promise<void>;
} {
  const { now, elapsedMs, metrics, tracer } = deps;
  const store = createInstanceStore(deps);
  const auditChecks = new PendingAuditChecks(elapsedMs);
  const history = new History();
  const onChecked = ({ dataSource }: PluginContext, result: CheckHealthResult) => {
    if (dataSource !== undefined) {
      history.checked(dataSource, describeCheck(result, now()));
    }
  };
  const thread = parserOfBuild(deps.parserFiles);
  const parser = new ParserCache(thread, elapsedMs);
  const queries = {
    parser,
    freshness: new Freshness({ ...deps, parser }),
    columns: new TableColumns(elapsedMs),
    lineRates: new LineRates(),
    refresh: { ...deps, results: new ResultCache(deps.memory.kept), minWholeMs: MIN_WHOLE_MS, maxCost: MAX_COST },
  };
  const observers = [...deps.observers, history];
  const shared = { ...deps, ...queries, observers, store, auditChecks, files: new OpenFiles() };
  const describe = ({ dataSource }: PluginContext) => {
    if (dataSource === undefined) {
      throw new ProxyError('resource_invalid', { detail: 'The call has no data source.' });
    }
    return createDiagnostics(dataSource, { history, parse: (source) => parseSettings(source, deps), now });
  };
  return {
    handlers: {
      queryData: (request, signal) => queryData(request, shared, signal),
      queryChunkedData: (request, signal) => queryChunkedData(request, shared, signal),
      ...tracedCalls(
        {
          checkHealth: (request, signal) => checkHealth(request, { ...deps, store, auditChecks, onChecked }, signal),
          callResource: (request, signal) => callResource(request, { ...shared, describe }, signal),
        },
        tracer
      ),
      collectMetrics: () => metrics.render(),
    },
    close: async () => {
      thread.close();
      store.close();
      await tracer?.close();
    },
  };
}

async function main(): Promise<void> {
  const { env, argv, versions, platform } = process;
  const mode = startMode(env, argv.slice(2), { nodeVersion: versions.node, platform });
  if (mode.kind !== 'plugin' && mode.kind !== 'sidecar') {
    await runCommand(mode, process, __dirname);
    return;
  }
  const later = (callback: () => void, ms: number) => void setTimeout(callback, ms).unref();
  const lines = new LineBuffer({ write: (lines) => process.stderr.write(lines), later });
  process.once('exit', () => lines.flush());
  const logger = createLogger({
    write: (line, level) => lines.add(line, level),
    level: mode.kind === 'sidecar' ? mode.logLevel : undefined,
  });
  endOnCrash(process, logger);
  if (isSea() && env.GF_PLUGIN_NODE) {
    logger.warn('The setting node is ignored: on Windows, the executable of the plugin contains Node.js');
  }
  const metrics = createMetrics();
  const size = budgetSize(process.env, thisMachine(), logger);
  const memory = new MemoryBudget({
    ...size,
    aheadBytes: STREAM_WINDOW_BYTES,
    onRejected: () => metrics.memoryRejected(),
    onWaited: (durationMs) => metrics.memoryWaited(durationMs),
  });
  metrics.watchMemory(memory);
  const slowQueries = new SlowQueries({ thresholdMs: slowQueryMs(process.env, logger), logger, later });
  const service = createService({
    logger,
    metrics,
    observers: [metrics, slowQueries],
    connectionEvents: metrics.connections,
    tracer: loadTracer(process.env, __dirname, logger),
    memory,
    // In a single executable, `__dirname` is the folder of the executable.
    parserFiles: new ParserFiles(__dirname, logger),
    now: Date.now,
    elapsedMs: () => performance.now(),
    policy: createOperatorPolicy(process.env, logger),
    environment: process.env,
  });
  await runPlugin({ mode, service, memory, logger, process });
}

void main();
