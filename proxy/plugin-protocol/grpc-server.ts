/**
 * A gRPC server on Node's own HTTP/2, without TLS, as Grafana expects of a plugin.
 *
 * Why not grpc-js: its server copies every answer twice, into one message and into one frame, which doubles memory and
 * stalls the event loop for answers of hundreds of megabytes. What Grafana needs of gRPC fits in a few small files.
 */
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type ListenOptions } from 'node:net';
import { type Logger } from '../logging/logger';
import { CallAbort } from './call-abort';
import { type GrpcMethod } from './grpc-method';
import { GrpcStatus } from './grpc-status';
import { serveCall } from './serve-call';

/** Receive windows: large requests arrive without waiting for a round trip per 64 KiB. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * Node counts queued answers against this limit and refuses new calls above it, by default at 10 MB: one large answer
 * to a slow reader would lock out everybody else on Grafana's only connection. In megabytes; effectively none.
 */
const MAX_SESSION_MEMORY_MB = 1_000_000;

/** Longest wait for connections to close by themselves once their calls have ended. */
const CLOSE_SESSIONS_MS = 100;

export interface GrpcServerOptions {
  methods: readonly GrpcMethod[];
  logger: Logger;
  /** Told the number of open connections whenever it changes. */
  onConnections?: (count: number) => void;
}

interface ActiveCall {
  abort: CallAbort;
  endless: boolean;
  closed: Promise<void>;
}

export class GrpcServer {
  readonly #server: Http2Server;
  readonly #methods: ReadonlyMap<string, GrpcMethod>;
  readonly #options: GrpcServerOptions;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #calls = new Set<ActiveCall>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#methods = new Map(options.methods.map((method) => [method.path, method]));
    this.#server = createServer({
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
      settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
    });
    this.#server.on('session', (session) => this.#opened(session));
    this.#server.on('stream', (stream, headers) => void this.#serve(stream, headers));
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
      call.abort.abort(GrpcStatus.UNAVAILABLE, 'The data source process stops.');
    }
    const closed = Array.from(this.#sessions, (session) => new Promise<void>((resolve) => session.close(resolve)));
    await atMost(CLOSE_SESSIONS_MS, Promise.all(closed));
    for (const session of this.#sessions) {
      session.destroy();
    }
  }

  #opened(session: ServerHttp2Session): void {
    const { logger, onConnections } = this.#options;
    this.#sessions.add(session);
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    session.on('error', (error) => logger.debug('Connection from Grafana failed', { error }));
    session.on('close', () => {
      this.#sessions.delete(session);
      onConnections?.(this.#sessions.size);
    });
    onConnections?.(this.#sessions.size);
  }

  async #serve(stream: ServerHttp2Stream, headers: Parameters<typeof serveCall>[0]['headers']): Promise<void> {
    const method = this.#methods.get(headers[':path'] ?? '');
    const abort = new CallAbort();
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    const call: ActiveCall = { abort, endless: method?.endless ?? false, closed };
    this.#calls.add(call);
    await serveCall({ stream, headers, method, abort, logger: this.#options.logger });
    await closed;
    this.#calls.delete(call);
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
