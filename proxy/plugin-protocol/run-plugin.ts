/**
 * The life of the proxy process, from its start to an exit with everything put away.
 *
 * Started by Grafana, it ends when Grafana asks (`GRPCController.Shutdown`, followed by a kill two seconds later) or is
 * gone. As a sidecar it outlives any Grafana and ends by SIGTERM only.
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

/** What running calls get to end by themselves, and what the handlers get to close. Together well below 2 s. */
const GRACE_MS = 500;
const CLOSE_MS = 500;

/** Whatever hangs, the process is gone by then. */
const LAST_RESORT_MS = 1500;

export interface Service {
  handlers: Handlers;
  close(): Promise<void>;
}

export interface RunOptions {
  mode: Exclude<StartMode, { kind: 'refused' }>;
  service: Service;
  /** For requests as they arrive. */
  memory: MemoryBudget;
  logger: Logger;
  process: PluginProcess;
}

/** The parts of Node's `process` that are used here. */
export type PluginProcess = Pick<NodeJS.Process, 'ppid' | 'stdout' | 'on'> & {
  exit(code: number): void;
};

/** Resolves when the server accepts connections and, for Grafana, the handshake is out. */
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
      stop('Grafana asked for it');
    } else {
      logger.debug('A Grafana stops; the sidecar stays for others');
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
    // Ctrl-C in Grafana's terminal reaches its plugins too, but Grafana wants to end them itself.
    if (mode.kind === 'sidecar') {
      stop('SIGINT');
    }
  });

  if (mode.kind === 'sidecar') {
    listener = await openSidecarListener(server, mode.address, mode.socketMode);
    logger.info('The proxy listens', { network: listener.address.network, address: listenText(listener.address) });
    return;
  }
  watch = new GrafanaWatch({ parentId: () => process.ppid, onGone: (sign) => stop(`Grafana is gone: ${sign}`) });
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
 * After an error that nobody caught the state is unknown: says so in one line that Grafana shows as an error (Node's own
 * text would count as debug), and ends the process, so that Grafana starts a new one.
 */
export function endOnCrash(process: NodeJS.Process, logger: Logger): void {
  const crash = (what: string) => (error: unknown) => {
    logger.error(`The proxy ends after ${what}`, { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash('an error that nobody caught'));
  process.on('unhandledRejection', crash('a failed promise that nobody caught'));
  // The readers of these pipes end with Grafana, which the proxy notices by other signs.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
}
