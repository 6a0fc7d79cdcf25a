/**
 * One HTTP/2 connection to the server, and what keeps it honest: a wide window, keepalive, and knowing when it takes no
 * more calls.
 *
 * Rules: RFC 9113; grpc/grpc `doc/keepalive.md`.
 */
import { type Socket } from 'node:net';
import {
  type ByteSource,
  type HeaderField,
  Http2Connection,
  type Http2Stream,
  type StreamEvents,
} from '@micromegas/http2';
import { addressText } from '../../contract/host';
import { TimedOut, withLimits } from '../async/with-limits';
import { type ServerRoute } from '../network/routes';

/** Bytes that a server may send ahead, for one call and for all. With HTTP/2's 64 KiB a result drains at a third of the speed. */
export const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 32 * 1024 * 1024;

/** Fewer, larger frames cost less. The largest that HTTP/2 knows is 16 MiB; from here on there is nothing to gain. */
const FRAME_BYTES = 256 * 1024;

/** Error texts travel in headers, and one that lists the columns of a wide table is long. */
const HEADER_BYTES = 1024 * 1024;

export interface Keepalive {
  /** Milliseconds of silence, while calls run, after which the server is asked for a sign of life. */
  intervalMs: number;
  /** Milliseconds within which it must answer. */
  timeoutMs: number;
}

export const DEFAULT_KEEPALIVE: Keepalive = { intervalMs: 10_000, timeoutMs: 10_000 };

/** The name of the server in `:authority`: what proxies in front route by. */
function authorityOf({ host, port, tls }: ServerRoute): string {
  return tls?.serverName ?? addressText(host, port);
}

/** An open socket, and where its bytes come from if not from its events. */
export interface OpenSocket {
  socket: Socket;
  source?: ByteSource | undefined;
}

export class Connection {
  readonly #keepalive: Keepalive;
  readonly #http2: Http2Connection;
  readonly #socket: Socket;
  readonly #authority: string;
  readonly #scheme: string;
  readonly #calls = new Set<object>();
  readonly #largeCalls = new Set<object>();
  #isRetired = false;
  #timer: NodeJS.Timeout | undefined;
  #bytesSeen = 0;
  #isAskedForLife = false;
  #idleSinceMs = performance.now();
  /** Why the connection ended or takes no more calls, when it failed. */
  failure: unknown;
  /** Told when the last call has ended. */
  onIdle: (() => void) | undefined;
  #onGreeting: (() => void) | undefined;
  #onClose: ((reason: unknown) => void) | undefined;

  private constructor({ socket, source }: OpenSocket, route: ServerRoute, keepalive: Keepalive) {
    this.#keepalive = keepalive;
    this.#authority = authorityOf(route);
    this.#scheme = route.tls === undefined ? 'http' : 'https';
    this.#socket = socket;
    this.#http2 = new Http2Connection({
      socket,
      source,
      limits: {
        streamWindowBytes: STREAM_WINDOW_BYTES,
        connectionWindowBytes: CONNECTION_WINDOW_BYTES,
        frameBytes: FRAME_BYTES,
        headerListBytes: HEADER_BYTES,
        maxStreams: 0,
      },
      onReady: () => this.#onGreeting?.(),
      onGoAway: (reason) => {
        this.#isRetired = true;
        this.failure ??= reason;
      },
      onClose: (reason) => {
        this.failure ??= reason;
        clearTimeout(this.#timer);
        this.#onClose?.(this.failure);
      },
    });
  }

  /**
   * Speaks HTTP/2 on a connection that is there. It does once the server has introduced itself: then it also has accepted
   * what TLS was asked for.
   *
   * @throws Node's error when the server does not; `TimedOut` when it says nothing.
   */
  static async open(
    socket: OpenSocket,
    route: ServerRoute,
    keepalive: Keepalive,
    limitMs: number,
    signal: AbortSignal
  ): Promise<Connection> {
    const connection = new Connection(socket, route, keepalive);
    try {
      const preface = () =>
        new Promise<void>((resolve, reject) => {
          connection.#onGreeting = resolve;
          connection.#onClose = (reason) => reject(reason ?? new Error('The connection was closed'));
        });
      await withLimits({ limitMs, signal, late: 'no connection preface' }, preface);
    } catch (reason) {
      connection.destroy();
      throw reason;
    }
    // Nothing of the process waits for a connection that no call uses.
    connection.#http2.unref();
    return connection;
  }

  /** False once the connection is gone. Calls of a retired one still run. */
  get isAlive(): boolean {
    return this.#http2.isAlive;
  }

  /** True while it takes new calls. */
  get isUsable(): boolean {
    return this.#http2.isUsable && !this.#isRetired;
  }

  /** True while an answer on it is large: what is asked now would wait behind it. */
  get isBusy(): boolean {
    return this.#largeCalls.size > 0;
  }

  get callCount(): number {
    return this.#calls.size;
  }

  /** Bytes received so far: more of them are a sign of life. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Asks the server for a sign of life (HTTP/2 PING), unless it was asked already and has not answered yet. */
  askForLife(): void {
    if (!this.#isAskedForLife && this.isAlive) {
      this.#isAskedForLife = true;
      this.#http2.ping(() => (this.#isAskedForLife = false));
    }
  }

  request(path: string, fields: readonly HeaderField[], events: StreamEvents): Http2Stream {
    const pseudo: HeaderField[] = [
      [':method', 'POST'],
      [':scheme', this.#scheme],
      [':path', path],
      [':authority', this.#authority],
    ];
    return this.#http2.request([...pseudo, ...fields], events);
  }

  /** A call has begun. */
  began(call: object): void {
    this.#calls.add(call);
    if (this.#calls.size === 1) {
      this.#http2.ref();
      const isStale = performance.now() - this.#idleSinceMs > this.#keepalive.intervalMs;
      if (isStale) {
        clearTimeout(this.#timer);
        this.#awaitLife();
      } else if (this.#timer === undefined) {
        this.#watch();
      }
    }
  }

  /** The answer of a call turns out to be large. */
  isLarge(call: object): void {
    this.#largeCalls.add(call);
  }

  /** A call has ended. */
  ended(call: object): void {
    this.#calls.delete(call);
    this.#largeCalls.delete(call);
    if (this.#calls.size === 0) {
      this.#idleSinceMs = performance.now();
      this.#http2.unref();
      this.onIdle?.();
    }
  }

  /** Takes no more calls, and ends with the last one. */
  retire(): void {
    this.#isRetired = true;
    this.#http2.close();
  }

  /** Ends with all its calls. */
  destroy(): void {
    this.#http2.destroy();
  }

  /** Looks after a while whether anything was heard. One timer serves all calls, and ends with the last. */
  #watch(): void {
    this.#bytesSeen = this.#socket.bytesRead;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#calls.size === 0 || !this.isAlive) {
        return;
      }
      if (this.#socket.bytesRead === this.#bytesSeen) {
        this.#awaitLife();
      } else {
        this.#watch();
      }
    }, this.#keepalive.intervalMs);
    this.#timer.unref();
  }

  /** A half-open connection (its other end lost power, or a firewall forgot it) takes bytes and never answers. */
  #awaitLife(): void {
    this.#timer = setTimeout(() => {
      this.failure ??= new TimedOut('The server does not answer to keepalive');
      this.destroy();
    }, this.#keepalive.timeoutMs);
    this.#http2.ping(() => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.isAlive) {
        this.#watch();
      }
    });
  }
}
