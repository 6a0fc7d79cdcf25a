/**
 * Runs the backend from its start to a clean exit.
 *
 * As a plugin, the process ends when Grafana calls `GRPCController.Shutdown`, when Grafana itself has ended, or on
 * SIGTERM. Grafana kills the plugin two seconds after the Shutdown call. As a sidecar, the process ends on SIGTERM or
 * SIGINT, and ignores Shutdown.
 */
import { waitAtMost } from '../base/async/with-limits';
import { limitedLogger } from '../observe/logging/limited-logger';
import { type Logger } from '../observe/logging/logger';
import { type Handlers } from '../query/plugin-request';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { GrafanaWatch, parentId } from './grafana-watch';
import { GrpcServer } from './grpc-server';
import { openPluginListener, openSidecarListener, type Listener, whyNotListening } from './open-listener';
import { pluginServices, processServices } from './plugin-services';
import { parentFolders, removeStaleFolders } from './socket-folders';
import { type Command, handshakeLine, formatListenAddress, type StartMode } from './start-mode';

/**
 * Time limits in milliseconds: until running calls have ended, and then until the handlers are closed. The sum is below
 * the 2 s that Grafana waits.
 */
const GRACE_MS = 500;
const CLOSE_MS = 500;

/** Milliseconds after which the process exits, even if calls or handlers have not ended. */
const LAST_RESORT_MS = 1500;

interface Service {
  handlers: Handlers;
  close(): Promise<void>;
}

interface RunOptions {
  mode: Exclude<StartMode, Command>;
  service: Service;
  /** The memory budget from which arriving requests take memory. */
  memory: MemoryBudget;
  logger: Logger;
  process: PluginProcess;
}

/** The parts of `process` of Node.js that are used here. */
export type PluginProcess = Pick<NodeJS.Process, 'ppid' | 'kill' | 'platform' | 'stdout' | 'on' | 'getuid'> & {
  exit(code: number): void;
};

/**
 * Starts the backend. Resolves when the server accepts connections. For a plugin, the handshake is then also written,
 * and the folders of killed processes are removed.
 */
export async function runPlugin({ mode, service, memory, logger, process }: RunOptions): Promise<void> {
  let listener: Listener | undefined;
  let watch: GrafanaWatch | undefined;
  let stopping = false;

  const stop = (why: string): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    logger.debug('The backend of the plugin stops', { why });
    watch?.stop();
    setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();
    void stopServing(server, service, logger).then(() => process.exit(0));
  };
  const peerLogger = limitedLogger(logger, (callback, ms) => setTimeout(callback, ms).unref());
  const onShutdown = (): void => {
    if (mode.kind === 'plugin') {
      stop('Grafana called Shutdown');
    } else {
      peerLogger.debug('A Grafana server stops; the sidecar continues to run');
    }
  };
  const server = new GrpcServer({
    methods: [...pluginServices(service.handlers), ...processServices({ onShutdown })],
    memory,
    logger: peerLogger,
    onConnections: (count) => watch?.connections(count),
  });

  process.on('exit', () => listener?.remove());
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => {
    // As a plugin, the process ignores SIGINT: Ctrl-C in the terminal of Grafana sends SIGINT to Grafana and its
    // plugins, but Grafana ends the plugins by Shutdown.
    if (mode.kind === 'sidecar') {
      stop('SIGINT');
    }
  });

  if (mode.kind === 'sidecar') {
    try {
      listener = await openSidecarListener(server, mode.address, mode.socketMode);
    } catch (error) {
      const reason = whyNotListening(mode.address, error);
      logger.error('The sidecar cannot listen at its address', { address: formatListenAddress(mode.address), reason });
      process.exit(1);
      return;
    }
    logger.info('The backend of the plugin listens', {
      network: listener.address.network,
      address: formatListenAddress(listener.address),
    });
    return;
  }
  watch = new GrafanaWatch({ parentId: parentId(process), onGone: (sign) => stop(`Grafana has ended: ${sign}`) });
  listener = await openPluginListener({ server, ports: mode.ports, logger });
  process.stdout.write(handshakeLine(listener.address.network, formatListenAddress(listener.address)));
  const parents = parentFolders(process.platform);
  await removeStaleFolders({ parents, nowMs: Date.now(), userId: process.getuid?.() });
}

async function stopServing(server: GrpcServer, service: Service, logger: Logger): Promise<void> {
  try {
    await server.close(GRACE_MS);
    await waitAtMost(CLOSE_MS, service.close());
  } catch (error) {
    logger.error('The backend of the plugin did not stop cleanly', { error });
  }
}

/**
 * Ends the process after an uncaught error, because the state of the process is then unknown. Grafana starts a new
 * process. The log line has the level error. Without this line, Grafana would log the error message of Node.js with the
 * level debug.
 */
export function endOnCrash(process: NodeJS.Process, logger: Logger): void {
  const crash = (what: string) => (error: unknown) => {
    logger.error(`The backend of the plugin ends after ${what}`, { error });
    process.exit(1);
  };
  process.on('uncaughtException', crash('an uncaught error'));
  process.on('unhandledRejection', crash('an unhandled promise rejection'));
  // Grafana reads stdout and stderr, so writing fails only when Grafana has ended. GrafanaWatch detects that.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', () => undefined);
}
