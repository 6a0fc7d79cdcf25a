/**
 * One HTTP/2 connection to the server, with a large window and keepalive. It tracks its calls, and whether it accepts more.
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

/** Flow control windows in bytes, for one call and for all. With the default of 64 KiB, results take three times as long. */
export const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 32 * 1024 * 1024;

/** Fewer, larger frames cost less. HTTP/2 allows up to 16 MiB; larger ones than this were no faster. */
const FRAME_BYTES = 256 * 1024;

/** Error texts are headers, and one that lists the columns of a wide table is long. */
const HEADER_BYTES = 1024 * 1024;

export interface Keepalive {
  /** Milliseconds without received bytes, while calls run, after which a PING is sent. */
  intervalMs: number;
  /** Milliseconds within which the server must answer the PING. */
  timeoutMs: number;
}

export const DEFAULT_KEEPALIVE: Keepalive = { intervalMs: 10_000, timeoutMs: 10_000 };

/** The `:authority` header. Proxies in front of the server route by it. */
function authorityOf({ host, port, tls }: ServerRoute): string {
  return tls?.serverName ?? addressText(host, port);
}

/** An open socket. `source`: delivers its bytes instead of its events. */
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
  #isPingInFlight = false;
  #idleSinceMs = performance.now();
  /** Why the connection failed, or accepts no more calls. */
  failure: unknown;
  /** Called when the last call has ended. */
  onIdle: (() => void) | undefined;
  #onPreface: (() => void) | undefined;
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
      onReady: () => this.#onPreface?.(),
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
   * Starts HTTP/2 on an open socket, and waits for the preface of the server: then the server has also accepted the TLS
   * client certificate.
   *
   * @throws {Error} of Node or of HTTP/2 if the connection fails; `TimedOut` if the server sends nothing.
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
          connection.#onPreface = resolve;
          connection.#onClose = (reason) => reject(reason ?? new Error('The connection was closed'));
        });
      await withLimits({ limitMs, signal, late: 'no connection preface' }, preface);
    } catch (reason) {
      connection.destroy();
      throw reason;
    }
    // A connection without calls does not keep the process alive.
    connection.#http2.unref();
    return connection;
  }

  /** False once the connection is closed. Calls of a retired connection still run. */
  get isAlive(): boolean {
    return this.#http2.isAlive;
  }

  /** True while it accepts new calls. */
  get isUsable(): boolean {
    return this.#http2.isUsable && !this.#isRetired;
  }

  /** True while one of its answers is large: a new call would wait behind it. */
  get isBusy(): boolean {
    return this.#largeCalls.size > 0;
  }

  get callCount(): number {
    return this.#calls.size;
  }

  /** Bytes received so far. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Sends a PING, unless one is unanswered. The answer increases `bytesRead`. */
  pingServer(): void {
    if (!this.#isPingInFlight && this.isAlive) {
      this.#isPingInFlight = true;
      this.#http2.ping(() => (this.#isPingInFlight = false));
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

  /** Call this when a call begins. */
  began(call: object): void {
    this.#calls.add(call);
    if (this.#calls.size === 1) {
      this.#http2.ref();
      const isStale = performance.now() - this.#idleSinceMs > this.#keepalive.intervalMs;
      if (isStale) {
        clearTimeout(this.#timer);
        this.#awaitPong();
      } else if (this.#timer === undefined) {
        this.#watch();
      }
    }
  }

  /** Call this when the answer of a call exceeds the size of a small answer. */
  markLarge(call: object): void {
    this.#largeCalls.add(call);
  }

  /** Call this when a call has ended. */
  ended(call: object): void {
    this.#calls.delete(call);
    this.#largeCalls.delete(call);
    if (this.#calls.size === 0) {
      this.#idleSinceMs = performance.now();
      this.#http2.unref();
      this.onIdle?.();
    }
  }

  /** Accepts no more calls, and closes the connection after the last one. */
  retire(): void {
    this.#isRetired = true;
    this.#http2.close();
  }

  /** Closes the connection. Its calls fail. */
  destroy(): void {
    this.#http2.destroy();
  }

  /** Checks after the interval whether bytes were received. One timer serves all calls. */
  #watch(): void {
    this.#bytesSeen = this.#socket.bytesRead;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#calls.size === 0 || !this.isAlive) {
        return;
      }
      if (this.#socket.bytesRead === this.#bytesSeen) {
        this.#awaitPong();
      } else {
        this.#watch();
      }
    }, this.#keepalive.intervalMs);
    this.#timer.unref();
  }

  /** A half-open connection (the peer lost power, or a firewall dropped its state) accepts bytes and never answers. */
  #awaitPong(): void {
    this.#timer = setTimeout(() => {
      this.failure ??= new TimedOut('The server does not answer the keepalive PING');
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
