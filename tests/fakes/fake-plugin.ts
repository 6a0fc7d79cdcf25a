/**
 * Entry point of a plugin process with fake handlers, the counterpart of proxy/main.ts. Tests bundle it and start it.
 */
import { createLogger } from '../../proxy/observe/logging/logger';
import { MemoryBudget } from '../../proxy/observe/memory/memory-budget';
import { runCommand } from '../../proxy/grafana/run-command';
import { endOnCrash, runPlugin } from '../../proxy/grafana/run-plugin';
import { startMode } from '../../proxy/grafana/start-mode';
import { FakeHandlers } from './fake-handlers';

const { env, argv, versions, platform } = process;
const mode = startMode(env, argv.slice(2), { nodeVersion: versions.node, platform });
if (mode.kind !== 'plugin' && mode.kind !== 'sidecar') {
  void runCommand(mode, process, __dirname);
} else {
  const logger = createLogger({ write: (line) => process.stderr.write(line) });
  endOnCrash(process, logger);
  const service = { handlers: new FakeHandlers(), close: async () => undefined };
  void runPlugin({ mode, service, memory: new MemoryBudget({ totalBytes: 2 ** 30 }), logger, process });
}
