/**
 * A gRPC server that is built on `packages/http2`. It has no TLS, because Grafana connects to plugins without TLS.
 *
 * The server of grpc-js is not used: it copies every response twice, first into one message and then into one frame.
 * That doubles the memory, and blocks the event loop for responses of hundreds of megabytes.
 */
import { StringMap } from '../../contract/string-map';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import {
  type Clock,
  type ConnectionLimits,
  FloodError,
  type Headers,
  Http2Connection,
  type Http2Stream,
  type Keepalive,
  SYSTEM_CLOCK,
} from '@micromegas/http2';
import { Status } from '../base/grpc';
import { ProxyError } from '../base/errors/proxy-error';
import { waitAtMost } from '../base/async/with-limits';
import { type Logger } from '../observe/logging/logger';
import { type MemoryBudget } from '../observe/memory/memory-budget';
import { type GrpcMethod } from './grpc-method';
import { OpenConnections } from './open-connections';
import { RequestBody } from './request-body';
import { CallAbort, serveCall } from './serve-call';

/** Large receive windows. With the default, a large request would need a round trip for each 64 KiB. */
const LIMITS: ConnectionLimits = {
  streamWindowBytes: 4 * 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  frameBytes: 16 * 1024,
  headerListBytes: 64 * 1024,
  maxStreams: 2000,
};

/**
 * Keepalive is for TCP only, because a TCP peer may disappear without closing the connection. A unix socket always
 * reports that its peer is gone, so keepalive would only disconnect a Grafana that is halted in a debugger.
 */
const TCP_KEEPALIVE: Keepalive = { intervalMs: 60_000, timeoutMs: 20_000 };

/** Longest wait in milliseconds until the clients know that the server closes. A halted client never responds. */
const ANNOUNCE_MS = 1000;

/** Longest wait in milliseconds for the responses of calls that were stopped. */
const STOPPED_MS = 300;

/** Longest wait in milliseconds for connections to close after their calls have ended. */
const CLOSE_CONNECTIONS_MS = 100;

interface GrpcServerOptions {
  methods: readonly GrpcMethod[];
  logger: Logger;
  /** The memory budget from which arriving requests take memory. */
  memory: MemoryBudget;
  /** Time limit for a request to arrive, in milliseconds. Default: 30 s. */
  requestTimeoutMs?: number;
  /** Called whenever the number of connections that have sent the HTTP/2 preface changes. */
  onConnections?: (count: number) => void;
  clock?: Clock;
}

interface ActiveCall {
  abort: CallAbort;
  endless: boolean;
  closed: Promise<void>;
}

/** Call `listen` until it succeeds, and `close` once. */
export class GrpcServer {
  readonly #server: Server;
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #options: GrpcServerOptions;
  readonly #connections: OpenConnections;
  readonly #calls = new Set<ActiveCall>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#methods = new StringMap(options.methods.map((method) => [method.path, method]));
    this.#connections = new OpenConnections(options.onConnections);
    this.#server = createServer({ noDelay: true }, (socket) => this.#opened(socket));
  }

  /** Resolves when the server accepts connections. Rejects with errors of Node.js, such as EADDRINUSE. */
  listen(options: ListenOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.logger.error('The plugin server failed', { error }));
        resolve();
      });
    });
  }

  /** The port of a TCP listener. */
  get port(): number | undefined {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : undefined;
  }

  /** The number of running calls, without endless ones. */
  get runningCalls(): number {
    return this.#finite().length;
  }

  /**
   * Stops accepting connections, tells the clients to open others, and waits for running calls. Calls that are still
   * running after that are stopped: their handlers respond with 'backend_stopped'. Then closes all connections.
   *
   * @param graceMs Longest wait for running calls, in milliseconds.
   * @param hurried Ends the wait when it resolves. Default: never.
   * @returns The number of calls that were stopped.
   */
  async close(graceMs: number, hurried?: Promise<void>): Promise<number> {
    // Clients connect again when they know, so the listener closes first: a successor has the address then.
    this.#server.close();
    const startedAt = performance.now();
    await waitAtMost(Math.min(ANNOUNCE_MS, graceMs), this.#connections.drain());
    const closed = this.#connections.close();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    void this.#ended().then(resolve);
    void hurried?.then(resolve);
    await waitAtMost(Math.max(0, graceMs - (performance.now() - startedAt)), over);
    const running = this.#finite();
    running.forEach(({ abort }) => abort.stop(new ProxyError('backend_stopped')));
    await waitAtMost(STOPPED_MS, this.#ended());
    for (const call of this.#calls) {
      call.abort.abort(Status.UNAVAILABLE, 'The data source process stops.');
    }
    await waitAtMost(CLOSE_CONNECTIONS_MS, closed);
    this.#connections.destroy();
    return running.length;
  }

  #finite(): ActiveCall[] {
    return Array.from(this.#calls).filter((call) => !call.endless);
  }

  /** Resolves when the calls that run now have ended, except for endless ones. */
  async #ended(): Promise<void> {
    await Promise.all(this.#finite().map((call) => call.closed));
  }

  #opened(socket: Socket): void {
    const { logger, clock } = this.#options;
    const room = this.#connections.makeRoom();
    if (room === 'full') {
      logger.warn('Connection rejected: too many are open, and none of them is idle');
      socket.destroy();
      return;
    }
    if (room === 'replaced') {
      logger.warn('Connection closed: too many are open, and it was idle for the longest time');
    }
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const http2 = new Http2Connection({
      socket,
      limits: LIMITS,
      clock,
      keepalive: socket.remoteAddress === undefined ? undefined : TCP_KEEPALIVE,
      onRequest: (stream, headers) => this.#serve(socket, stream, headers),
      onReady: () => this.#connections.prefaceReceived(socket),
      onClose: (reason) => {
        logEnd(reason, logger);
        resolve();
      },
    });
    this.#connections.add(socket, { http2, ended });
  }

  /** @returns A promise that resolves when the handler of the call has finished. */
  #serve(socket: Socket, stream: Http2Stream, headers: Headers): Promise<void> {
    const method = this.#methods.get(headers.get(':path') ?? '');
    const abort = new CallAbort();
    const memory = this.#options.memory.openRequest();
    const body = new RequestBody(memory, this.#options.requestTimeoutMs);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const endless = method?.endless ?? false;
    const call: ActiveCall = { abort, endless, closed };
    const ended = this.#connections.callStarted(socket, endless ? 'endless' : 'finite');
    this.#calls.add(call);
    stream.events = {
      onData: (bytes) => body.push(bytes),
      onEnd: () => body.end(),
      onClose: () => {
        body.close();
        memory.close();
        abort.abort(Status.CANCELLED, 'The caller left.');
        this.#calls.delete(call);
        ended();
        resolve();
      },
    };
    const { logger, clock = SYSTEM_CLOCK } = this.#options;
    return serveCall({ stream, headers, body, method, abort, logger, clock });
  }
}

function logEnd(reason: unknown, logger: Logger): void {
  if (reason instanceof FloodError) {
    logger.warn('Connection closed: the peer exceeded a flood limit', { flood: reason.kind, error: reason });
  } else if (reason !== undefined) {
    logger.debug('Connection from Grafana failed', { error: reason });
  }
}
