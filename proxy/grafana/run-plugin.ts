/**
 * Runs the backend from its start to a clean exit.
 *
 * As a plugin, the process ends when Grafana calls `GRPCController.Shutdown`, when Grafana itself has ended, or on
 * SIGTERM. Grafana kills the plugin two seconds after the Shutdown call. As a sidecar, the process ignores Shutdown. On
 * SIGTERM or SIGINT, it finishes its running calls and ends; a second signal ends the wait for these calls.
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

/** Time limit in milliseconds for running calls of a plugin. Grafana kills the plugin after 2 s. */
const GRACE_MS = 500;

/** Milliseconds after the end of the calls, or after their limit, at which the process exits in any case. */
const LAST_RESORT_MS = 1000;

/** Time limit in milliseconds until the handlers are closed. */
const CLOSE_MS = 500;

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
  const hurried = Promise.withResolvers<void>();
  const lastResort = () => setTimeout(() => process.exit(0), LAST_RESORT_MS).unref();

  const stop = (why: string): void => {
    if (stopping) {
      hurried.resolve();
      return;
    }
    stopping = true;
    watch?.stop();
    const graceMs = mode.kind === 'sidecar' ? mode.drainMs : GRACE_MS;
    const calls = server.runningCalls;
    logger[mode.kind === 'sidecar' ? 'info' : 'debug']('The backend of the plugin stops', {
      why,
      calls,
      waitsAtMostSeconds: graceMs / 1000,
    });
    void waitAtMost(graceMs, hurried.promise).then(lastResort);
    void stopServing({ server, service, logger, graceMs, hurried: hurried.promise }).then(() => process.exit(0));
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
      listener = await openSidecarListener(server, mode);
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

interface StopOptions {
  server: GrpcServer;
  service: Service;
  logger: Logger;
  graceMs: number;
  hurried: Promise<void>;
}

async function stopServing({ server, service, logger, graceMs, hurried }: StopOptions): Promise<void> {
  try {
    const stopped = await server.close(graceMs, hurried);
    if (stopped > 0) {
      logger.warn('Calls were stopped, because they did not end in time', { calls: stopped });
    }
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
