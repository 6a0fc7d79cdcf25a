/**
 * Starts the proxy process and wires its parts together.
 *
 * Standard output is only for the handshake. Log lines go to standard error, in the format that Grafana reads.
 */
import { isSea } from 'node:sea';
import { STREAM_WINDOW_BYTES } from './flight-sql/connection';
import { callResource } from './handlers/call-resource';
import { checkHealth } from './handlers/check-health';
import { PendingProofs } from './handlers/health/pending-proofs';
import { type Handlers } from './handlers/plugin-request';
import { queryChunkedData } from './handlers/query-chunked-data';
import { queryData } from './handlers/query-data';
import { shareChecks } from './handlers/shared-checks';
import { TableColumns } from './handlers/table-columns';
import { createInstanceStore, type InstanceStoreDeps } from './instances/instance-store';
import { LineBuffer } from './logging/line-buffer';
import { createLogger } from './logging/logger';
import { budgetSize, thisMachine } from './memory/budget-size';
import { MemoryBudget } from './memory/memory-budget';
import { createMetrics, type Metrics } from './metrics/metrics';
import { createOperatorPolicy } from './operator/operator-policy';
import { runCommand } from './plugin-protocol/run-command';
import { endOnCrash, runPlugin } from './plugin-protocol/run-plugin';
import { startMode } from './plugin-protocol/start-mode';
import { FilterableColumns } from './sql-edit/filterable-columns';
import { ParserFiles } from './sql-edit/parser-files';
import { parserOfBuild } from './sql-edit/parser-thread';

interface ServiceDeps extends InstanceStoreDeps {
  metrics: Metrics;
  memory: MemoryBudget;
  parserFiles: ParserFiles;
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
}

/** Creates the handlers, and the parts that they share. */
function createService(deps: ServiceDeps): {
  handlers: Handlers;
  close(): Promise<void>;
} {
  const { now, metrics } = deps;
  const store = createInstanceStore(deps);
  const proofs = new PendingProofs(now);
  const check = shareChecks((request, signal) => checkHealth(request, { ...deps, store, proofs }, signal), now);
  const parser = parserOfBuild(deps.parserFiles);
  const queries = { parser, filterable: new FilterableColumns(parser), columns: new TableColumns(now) };
  const shared = { ...deps, ...queries, observers: [metrics], store, proofs, checkHealth: check };
  return {
    handlers: {
      queryData: (request, signal) => queryData(request, shared, signal),
      queryChunkedData: (request, signal) => queryChunkedData(request, shared, signal),
      checkHealth: check,
      callResource: (request, signal) => callResource(request, shared, signal),
      collectMetrics: () => metrics.render(),
    },
    close: async () => {
      parser.close();
      await store.close();
    },
  };
}

async function main(): Promise<void> {
  const { env, argv, versions, platform } = process;
  const mode = startMode(env, argv.slice(2), { nodeVersion: versions.node, platform });
  if (mode.kind !== 'plugin' && mode.kind !== 'sidecar') {
    await runCommand(mode, process);
    return;
  }
  const lines = new LineBuffer({
    write: (text) => process.stderr.write(text),
    later: (callback, ms) => void setTimeout(callback, ms).unref(),
  });
  process.once('exit', () => lines.flush());
  const logger = createLogger({ write: (line, level) => lines.add(line, level) });
  endOnCrash(process, logger);
  if (isSea() && env.GF_PLUGIN_NODE) {
    logger.warn('The setting node is ignored: on Windows, the executable of the plugin contains Node.js');
  }
  const metrics = createMetrics();
  const size = budgetSize(process.env, thisMachine(), logger);
  const memory = new MemoryBudget({
    ...size,
    aheadBytes: STREAM_WINDOW_BYTES,
    onRefused: () => metrics.memoryRefused(),
  });
  metrics.watchMemory(memory);
  const service = createService({
    logger,
    metrics,
    memory,
    // In a single executable, this is the folder of the executable.
    parserFiles: new ParserFiles(__dirname, logger),
    now: Date.now,
    elapsedMs: () => performance.now(),
    policy: createOperatorPolicy(process.env, logger),
    environment: process.env,
  });
  await runPlugin({ mode, service, memory, logger, process });
}

void main();
