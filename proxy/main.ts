/**
 * Starts the proxy process and wires its parts together.
 *
 * Standard output belongs to the handshake; everything that is to be read by people goes to standard error, as lines
 * that Grafana's log takes apart.
 */
import { createHandlers } from './handlers/create-handlers';
import { createLogger } from './logging/logger';
import { createMetrics } from './metrics/metrics';
import { endOnCrash } from './plugin-protocol/end-on-crash';
import { runPlugin } from './plugin-protocol/run-plugin';
import { startMode } from './plugin-protocol/start-mode';
import { trustSystemByDefault } from './trust/trusted-roots';

async function main(): Promise<void> {
  const mode = startMode(process.env, process.argv.slice(2));
  if (mode.kind === 'refused') {
    process.stderr.write(`${mode.sentence}\n`);
    process.exitCode = 1;
    return;
  }
  const logger = createLogger({ write: (line) => process.stderr.write(line) });
  endOnCrash(process, logger);
  const service = createHandlers({
    logger,
    metrics: createMetrics(),
    now: Date.now,
    // Looked up at each call: Node loads its HTTP client on first use, which would cost start-up time here.
    fetch: (input, init) => {
      trustSystemByDefault();
      return fetch(input, init);
    },
  });
  await runPlugin({ mode, service, logger, process });
}

void main();
