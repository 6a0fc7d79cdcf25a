/**
 * A gRPC server on this project's own HTTP/2, without TLS, as Grafana expects of a plugin.
 *
 * Why not grpc-js: its server copies every answer twice, into one message and into one frame, which doubles memory and
 * stalls the event loop for answers of hundreds of megabytes. What Grafana needs of gRPC fits in a few small files.
 */
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { Status } from '../grpc/status';
import { Http2Connection, type ConnectionLimits } from '../http2/connection';
import { type Headers } from '../http2/headers';
import { type Http2Stream } from '../http2/stream';
import { type Logger } from '../logging/logger';
import { type MemoryBudget } from '../memory/memory-budget';
import { CallAbort } from './call-abort';
import { type GrpcMethod } from './grpc-method';
import { RequestBody } from './read-message';
import { serveCall } from './serve-call';

/** Receive windows: large requests arrive without waiting for a round trip per 64 KiB. */
const LIMITS: ConnectionLimits = {
  streamWindowBytes: 4 * 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  frameBytes: 16 * 1024,
  headerListBytes: 64 * 1024,
  maxStreams: 10_000,
};

/** Longest wait for connections to close by themselves once their calls have ended. */
const CLOSE_CONNECTIONS_MS = 100;

export interface GrpcServerOptions {
  methods: readonly GrpcMethod[];
  logger: Logger;
  /** For requests as they arrive. */
  memory: MemoryBudget;
  /** Milliseconds that a request may take to arrive. Missing: 30 s. */
  requestTimeoutMs?: number;
  /** Told the number of open connections whenever it changes. */
  onConnections?: (count: number) => void;
}

interface ActiveCall {
  abort: CallAbort;
  endless: boolean;
  closed: Promise<void>;
}

export class GrpcServer {
  readonly #server: Server;
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #options: GrpcServerOptions;
  /** Each with a promise that resolves when it is gone. */
  readonly #connections = new Map<Http2Connection, Promise<void>>();
  readonly #calls = new Set<ActiveCall>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#methods = new Map(options.methods.map((method) => [method.path, method]));
    this.#server = createServer({ noDelay: true }, (socket) => this.#opened(socket));
  }

  /** Resolves when connections are accepted. Rejects with Node's error, such as EADDRINUSE. */
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

  /**
   * Takes no more connections, gives running calls so long to end, aborts the rest, and closes every connection.
   *
   * @param graceMs Milliseconds.
   */
  async close(graceMs: number): Promise<void> {
    this.#server.close();
    const finite = Array.from(this.#calls).filter((call) => !call.endless);
    await atMost(graceMs, Promise.all(finite.map((call) => call.closed)));
    for (const call of this.#calls) {
      call.abort.abort(Status.UNAVAILABLE, 'The data source process stops.');
    }
    const closed = Array.from(this.#connections, ([connection, closed]) => {
      connection.close();
      return closed;
    });
    await atMost(CLOSE_CONNECTIONS_MS, Promise.all(closed));
    for (const connection of this.#connections.keys()) {
      connection.destroy();
    }
  }

  #opened(socket: Socket): void {
    const { logger, onConnections } = this.#options;
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const connection = new Http2Connection({
      socket,
      limits: LIMITS,
      onRequest: (stream, headers) => this.#serve(stream, headers),
      onClose: (reason) => {
        if (reason !== undefined) {
          logger.debug('Connection from Grafana failed', { error: reason });
        }
        this.#connections.delete(connection);
        onConnections?.(this.#connections.size);
        resolve();
      },
    });
    this.#connections.set(connection, closed);
    onConnections?.(this.#connections.size);
  }

  #serve(stream: Http2Stream, headers: Headers): void {
    const method = this.#methods.get(headers.get(':path') ?? '');
    const abort = new CallAbort();
    const memory = this.#options.memory.openRequest();
    const body = new RequestBody(memory, this.#options.requestTimeoutMs);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const call: ActiveCall = { abort, endless: method?.endless ?? false, closed };
    this.#calls.add(call);
    stream.events = {
      onData: (bytes) => body.push(bytes),
      onEnd: () => body.end(),
      onClose: () => {
        body.cut();
        memory.close();
        abort.abort(Status.CANCELLED, 'The caller left.');
        this.#calls.delete(call);
        resolve();
      },
    };
    void serveCall({ stream, headers, body, method, abort, logger: this.#options.logger });
  }
}

/** Waits for the work, but not longer than so many milliseconds. */
async function atMost(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
