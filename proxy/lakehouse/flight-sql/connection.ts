/**
 * One HTTP/2 connection to the server, with a large window and keepalive. It tracks its calls, and whether it accepts
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
import { formatAddress } from '../../../contract/settings/host';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { type ServerRoute } from '../network/routes';
import { type LastResponse } from '../network/server-addresses';
import { type ConnectionEnd } from '../../observe/telemetry/connection-events';

/**
 * Flow control windows in bytes, for one call and for all calls. With the default of 64 KiB, results take three times
 * as long.
 */
export const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 32 * 1024 * 1024;

/**
 * Maximum length of a frame that the server may send, in bytes. Large frames cost less than many small ones. HTTP/2
 * allows 16 MiB, but frames above 256 KiB were no faster.
 */
const FRAME_BYTES = 256 * 1024;

/**
 * Maximum size of the header list of a response, in bytes. Error messages are sent as headers, and an error message
 * that lists the columns of a wide table is long.
 */
const HEADER_BYTES = 1024 * 1024;

/** The times of the HTTP/2 PING that checks a connection without traffic. Default: `DEFAULT_KEEPALIVE`. */
export interface KeepaliveTimes {
  /** If calls are running and no bytes arrive for this many milliseconds, a PING is sent. */
  intervalMs: number;
  /** Time limit in milliseconds for the response to the PING. */
  timeoutMs: number;
}

export const DEFAULT_KEEPALIVE: KeepaliveTimes = { intervalMs: 10_000, timeoutMs: 10_000 };

/** The `:authority` header. HTTP proxies in front of the server use it for routing. */
function authorityOf({ host, port, tls }: ServerRoute): string {
  return tls?.serverName ?? formatAddress(host, port);
}

/**
 * An open socket. If there is a `source`, it delivers the received bytes in place of the `data` events of the socket.
 */
export interface OpenSocket {
  socket: Socket;
  source?: ByteSource | undefined;
  /** The connection writes the times of responses here. */
  lastResponse: LastResponse;
}

/**
 * - `opening`: the server has not sent its connection preface.
 * - `open`: accepts calls.
 * - `retired`: no longer accepts calls, and its running calls finish.
 * - `closed`: its calls have failed or finished.
 *
 * `by` is the side that ended the connection: this backend, or the server. After a failure, `by` is `server`. `reason`
 * is the failure, or the reason that the server gave. Undefined if both are missing.
 */
export type ConnectionState =
  { kind: 'opening' } | { kind: 'open' } | { kind: 'retired' | 'closed'; by: 'backend' | 'server'; reason: unknown };

/** Settles the promise of `open`: `resolve` after the connection preface, `reject` when the connection closes. */
interface Opening {
  resolve: () => void;
  reject: (reason: unknown) => void;
}

/**
 * One HTTP/2 connection. It belongs to `Connections`, which retires or destroys it. Without calls, it does not keep the
 * process alive.
 */
export class Connection {
  readonly #keepalive: KeepaliveTimes;
  readonly #http2: Http2Connection;
  readonly #socket: Socket;
  readonly #lastResponse: LastResponse;
  readonly #isTls: boolean;
  readonly #authority: string;
  readonly #scheme: string;
  readonly #calls = new Set<object>();
  readonly #largeCalls = new Set<object>();
  #state: ConnectionState = { kind: 'opening' };
  #opening: Opening | undefined;
  #timer: NodeJS.Timeout | undefined;
  #bytesSeen = 0;
  #isPingInFlight = false;
  #idleSinceMs = performance.now();
  /** The time of `performance.now()` at which the connection was opened. */
  readonly openedMs = performance.now();
  /** The remote IP address. With a SOCKS proxy, the address of that proxy. Empty if the socket has already closed. */
  readonly remoteAddress: string;
  /** Called when the last call has ended. */
  onIdle: (() => void) | undefined;
  /** Called once, when an opened connection has ended. `how` is `lost` if the server or a failure ended it. */
  onEnd: ((how: ConnectionEnd) => void) | undefined;

  private constructor({ socket, source, lastResponse }: OpenSocket, route: ServerRoute, keepalive: KeepaliveTimes) {
    this.#keepalive = keepalive;
    this.#authority = authorityOf(route);
    this.#scheme = route.tls === undefined ? 'http' : 'https';
    this.#socket = socket;
    this.#lastResponse = lastResponse;
    this.#isTls = route.tls !== undefined;
    this.remoteAddress = socket.remoteAddress ?? '';
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
      onReady: () => {
        this.noteResponse();
        if (this.#state.kind === 'opening') {
          this.#state = { kind: 'open' };
        }
        this.#opening?.resolve();
      },
      onGoAway: (reason) => this.#end('retired', 'server', reason),
      onClose: (reason) => {
        this.#end('closed', 'server', reason);
        clearTimeout(this.#timer);
        this.#opening?.reject(this.failure ?? new Error('The connection was closed'));
        this.onEnd?.(this.#isEndedHere && reason === undefined ? 'closed' : 'lost');
      },
    });
  }

  /**
   * Retires or closes the connection. The first call determines the side, and the first known reason is kept. A closed
   * connection stays closed.
   */
  #end(kind: 'retired' | 'closed', by: 'backend' | 'server', reason: unknown): void {
    const before = this.#state;
    this.#state =
      before.kind === 'retired' || before.kind === 'closed'
        ? { kind: before.kind === 'closed' ? 'closed' : kind, by: before.by, reason: before.reason ?? reason }
        : { kind, by, reason };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** The reason why the connection failed, or no longer accepts calls. */
  get failure(): unknown {
    return 'reason' in this.#state ? this.#state.reason : undefined;
  }

  get #isEndedHere(): boolean {
    return 'by' in this.#state && this.#state.by === 'backend';
  }

  /**
   * Starts HTTP/2 on an open socket, and waits for the connection preface of the server. A server that sends its
   * preface has also accepted the TLS client certificate.
   *
   * @param socket The new connection owns the socket from now on, even if `open` fails.
   * @param limitMs Maximum wait for the preface, in milliseconds.
   * @throws {Error} The error of Node.js or of HTTP/2 if the connection fails; `TimeoutError` if the server sends
   *   nothing.
   */
  static async open(
    socket: OpenSocket,
    route: ServerRoute,
    keepalive: KeepaliveTimes,
    limitMs: number,
    signal: AbortSignal
  ): Promise<Connection> {
    const connection = new Connection(socket, route, keepalive);
    try {
      const preface = () =>
        new Promise<void>((resolve, reject) => {
          connection.#opening = { resolve, reject };
        });
      await withLimits({ limitMs, signal, late: 'no connection preface' }, preface);
      // The preface and a frame that ends the connection may arrive together.
      if (connection.state.kind === 'closed') {
        throw connection.failure ?? new Error('The connection was closed');
      }
    } catch (reason) {
      connection.destroy();
      throw reason;
    }
    connection.#http2.unref();
    return connection;
  }

  /** False once the connection is closed. Calls of a retired connection still run. */
  get isAlive(): boolean {
    return this.#http2.isAlive;
  }

  /** True while the connection accepts new calls. */
  get isUsable(): boolean {
    return this.#state.kind === 'open' && this.#http2.isUsable;
  }

  /** True while the connection carries a large response, which would delay the responses of new calls. */
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

  /**
   * Sends a PING, unless an earlier PING still waits for its response. The response to the PING increases `bytesRead`.
   */
  pingServer(): void {
    if (!this.#isPingInFlight && this.isAlive) {
      this.#isPingInFlight = true;
      this.#http2.ping(() => {
        this.noteResponse();
        this.#isPingInFlight = false;
      });
    }
  }

  /**
   * Starts a call and passes its events to `events`. The caller must also call `began` at the start of the call and
   * `ended` at its end, because the keepalive runs only while there are calls.
   *
   * @param fields Header fields without the pseudo header fields.
   */
  request(path: string, fields: readonly HeaderField[], events: StreamEvents): Http2Stream {
    const pseudo: HeaderField[] = [
      [':method', 'POST'],
      [':scheme', this.#scheme],
      [':path', path],
      [':authority', this.#authority],
    ];
    return this.#http2.request([...pseudo, ...fields], events);
  }

  /** Records the start of a call. */
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

  /** Records that the server has responded now. Calls use it for each part of their response. */
  noteResponse(): void {
    this.#lastResponse.atMs = performance.now();
    this.#lastResponse.isTls = this.#isTls;
  }

  /** Records that the response of a call has become large. */
  markLarge(call: object): void {
    this.#largeCalls.add(call);
  }

  /** Records the end of a call. */
  ended(call: object): void {
    this.#calls.delete(call);
    this.#largeCalls.delete(call);
    if (this.#calls.size === 0) {
      this.#idleSinceMs = performance.now();
      this.#http2.unref();
      this.onIdle?.();
    }
  }

  /** Stops accepting calls, and closes the connection after the last running call. */
  retire(): void {
    this.#end('retired', this.isUsable ? 'backend' : 'server', undefined);
    this.#http2.close();
  }

  /** Closes the connection. Its calls fail. */
  destroy(): void {
    this.#state = { kind: 'closed', by: 'backend', reason: this.failure };
    this.#http2.destroy();
  }

  /** Checks after the keepalive interval whether bytes were received. All calls share one timer. */
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

  /**
   * Fails the connection if the server does not respond to the PING. A half-open connection (the peer lost power, or a
   * firewall dropped the state of the connection) accepts bytes, but no response ever arrives.
   */
  #awaitPong(): void {
    this.#timer = setTimeout(() => {
      this.#end('closed', 'server', new TimeoutError('The server does not respond to the keepalive PING'));
      this.#http2.destroy();
    }, this.#keepalive.timeoutMs);
    this.#http2.ping(() => {
      this.noteResponse();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.isAlive) {
        this.#watch();
      }
    });
  }
}
