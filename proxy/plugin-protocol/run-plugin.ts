/**
 * Runs the proxy process from its start to a clean exit.
 *
 * As a plugin it ends when Grafana calls `GRPCController.Shutdown` (and kills it two seconds later) or has ended itself. As a
 * sidecar it ends on SIGTERM or SIGINT only.
 */
import { waitAtMost } from '../async/with-limits';
import { type Logger } from '../logging/logger';
import { type Handlers } from '../handlers/plugin-request';
import { type MemoryBudget } from '../memory/memory-budget';
import { GrafanaWatch } from './grafana-watch';
import { GrpcServer } from './grpc-server';
import { openPluginListener, openSidecarListener, type Listener } from './open-listener';
import { pluginServices, processServices } from './plugin-services';
import { handshakeLine, listenText, type StartMode } from './start-mode';

/** Time for running calls to end, and for the handlers to close. Together below the 2 s that Grafana waits. */
const GRACE_MS = 500;
const CLOSE_MS = 500;

/** The process exits at the latest after this time. */
const LAST_RESORT_MS = 1500;

export interface Service {
  handlers: Handlers;
  close(): Promise<void>;
}

export interface RunOptions {
  mode: Exclude<StartMode, { kind: 'refused' }>;
  service: Service;
  /** Budget for arriving requests. */
  memory: MemoryBudget;
  logger: Logger;
  process: PluginProcess;
}

/** The parts of Node's `process` that are used here. */
export type PluginProcess = Pick<NodeJS.Process, 'ppid' | 'stdout' | 'on'> & {
  exit(code: number): void;
};

/** Resolves when the server accepts connections and, as a plugin, the handshake is written. */
export async function runPlugin({ mode, service, memory, logger, process }: RunOptions): Promise<void> {
  let listener: Listener | undefined;
  let watch: GrafanaWatch | undefined;
  let stopping = false;

  const stop = (why: string): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    logger.debug('The proxy stops', { why });
    watch?.stop();
    setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
    void stopServing(server, service, logger).then(() => process.exit(0));
  };
  const onShutdown = (): void => {
    if (mode.kind === 'plugin') {
      stop('Grafana called Shutdown');
    } else {
      logger.debug('A Grafana instance stops; the sidecar keeps running');
    }
  };
  const server = new GrpcServer({
    methods: [...pluginServices(service.handlers), ...processServices({ onShutdown })],
    memory,
    logger,
    onConnections: (count) => watch?.connections(count),
  });

  process.on('exit', () => listener?.remove());
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => {
    // Ctrl-C in the terminal of Grafana reaches its plugins as well, but Grafana ends them by Shutdown.
    if (mode.kind === 'sidecar') {
      stop('SIGINT');
    }
  });

  if (mode.kind === 'sidecar') {
    listener = await openSidecarListener(server, mode.address, mode.socketMode);
    logger.info('The proxy listens', { network: listener.address.network, address: listenText(listener.address) });
    return;
  }
  watch = new GrafanaWatch({ parentId: () => process.ppid, onGone: (sign) => stop(`Grafana has ended: ${sign}`) });
  listener = await openPluginListener({ server, ports: mode.ports, logger });
  process.stdout.write(handshakeLine(listener.address));
}

async function stopServing(server: GrpcServer, service: Service, logger: Logger): Promise<void> {
  try {
    await server.close(GRACE_MS);
    await waitAtMost(CLOSE_MS, service.close());
  } catch (error) {
    logger.error('The proxy did not stop cleanly', { error });
  }
}

/**
 * Ends the process after an uncaught error, since its state is unknown. Grafana then starts a new one. The log line has the
 * level error; Grafana would log the text of Node at debug.
 */
export function endOnCrash(process: NodeJS.Process, logger: Logger): void {
  const crash = (what: string) => (error: unknown) => {
    logger.error(`The proxy ends after ${what}`, { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash('an uncaught error'));
  process.on('unhandledRejection', crash('an unhandled promise rejection'));
  // Grafana reads these pipes. GrafanaWatch detects its end.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
}
