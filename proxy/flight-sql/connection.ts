/**
 * One HTTP/2 connection to the server, and what keeps it honest: a wide window, keepalive, and knowing when it takes no
 * more calls.
 *
 * Rules: RFC 9113; grpc/grpc `doc/keepalive.md`.
 */
import {
  connect as connectHttp2,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { type Socket } from 'node:net';
import { addressText } from '../network/address-text';
import { TimedOut, within } from '../network/connect';
import { type ServerRoute } from '../network/routes';

/** Bytes that a server may send ahead, for one call and for all. With HTTP/2's 64 KiB a result drains at a third of the speed. */
export const STREAM_WINDOW_BYTES = 8 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 32 * 1024 * 1024;

/** Fewer, larger frames cost less. The largest that HTTP/2 knows is 16 MiB; from here on there is nothing to gain. */
const FRAME_BYTES = 256 * 1024;

/** Error texts travel in headers, and one that lists the columns of a wide table is long. */
const HEADER_BYTES = 1024 * 1024;

/** Node closes a session whose buffers exceed this, by default at 10 MB. In megabytes; the windows are the limit here. */
const SESSION_MEMORY_MB = 1_000_000;

export interface Keepalive {
  /** Milliseconds of silence, while calls run, after which the server is asked for a sign of life. */
  intervalMs: number;
  /** Milliseconds within which it must answer. */
  timeoutMs: number;
}

export const DEFAULT_KEEPALIVE: Keepalive = { intervalMs: 30_000, timeoutMs: 10_000 };

/** The name of the server in `:authority`: what proxies in front route by. */
function authorityOf({ host, port, tls }: ServerRoute): string {
  return tls?.serverName ?? addressText(host, port);
}

/** Resolves when the server has introduced itself: then it speaks HTTP/2, and has accepted what TLS was asked for. */
function greeted(session: ClientHttp2Session, limitMs: number, signal: AbortSignal): Promise<void> {
  return within<void>({
    limitMs,
    signal,
    late: 'no greeting',
    start: (done, fail) => {
      session.once('remoteSettings', () => done());
      session.once('error', fail);
      session.once('close', () => fail(new Error('The connection was closed')));
    },
  });
}

export class Connection {
  readonly #session: ClientHttp2Session;
  readonly #authority: string;
  readonly #scheme: string;
  readonly #calls = new Set<object>();
  readonly #largeCalls = new Set<object>();
  #isRetired = false;
  #timer: NodeJS.Timeout | undefined;
  #bytesSeen = 0;
  #idleSinceMs = performance.now();
  /** Why the connection ended, when it failed. */
  failure: unknown;
  /** Told when the last call has ended. */
  onIdle: (() => void) | undefined;

  private constructor(
    private readonly socket: Socket,
    route: ServerRoute,
    private readonly keepalive: Keepalive
  ) {
    this.#authority = authorityOf(route);
    this.#scheme = route.tls === undefined ? 'http' : 'https';
    const session = connectHttp2(`http://${addressText(route.host, route.port)}`, {
      createConnection: () => socket,
      maxSessionMemory: SESSION_MEMORY_MB,
      settings: {
        enablePush: false,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxFrameSize: FRAME_BYTES,
        maxHeaderListSize: HEADER_BYTES,
      },
    });
    session.once('connect', () => session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    session.on('goaway', () => (this.#isRetired = true));
    session.on('error', (reason) => (this.failure ??= reason));
    session.on('close', () => clearTimeout(this.#timer));
    // An alert of TLS after the handshake ends the socket without a word to the session.
    socket.on('error', (reason) => {
      this.failure ??= reason;
      this.destroy();
    });
    this.#session = session;
  }

  /**
   * Speaks HTTP/2 on a connection that is there.
   *
   * @throws Node's error when the server does not; `TimedOut` when it says nothing.
   */
  static async open(
    socket: Socket,
    route: ServerRoute,
    keepalive: Keepalive,
    limitMs: number,
    signal: AbortSignal
  ): Promise<Connection> {
    const connection = new Connection(socket, route, keepalive);
    try {
      await greeted(connection.#session, limitMs, signal);
    } catch (reason) {
      connection.destroy();
      throw reason instanceof TimedOut ? reason : (connection.failure ?? reason);
    }
    // Nothing of the process waits for a connection that no call uses.
    connection.#session.unref();
    return connection;
  }

  /** False once the connection is gone. Calls of a retired one still run. */
  get isAlive(): boolean {
    return !this.#session.destroyed && !this.socket.destroyed;
  }

  /** True while it takes new calls. */
  get isUsable(): boolean {
    return this.isAlive && !this.#session.closed && !this.#isRetired && !this.socket.readableEnded;
  }

  /** True while an answer on it is large: what is asked now would wait behind it. */
  get isBusy(): boolean {
    return this.#largeCalls.size > 0;
  }

  get callCount(): number {
    return this.#calls.size;
  }

  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    return this.#session.request({ ':authority': this.#authority, ':scheme': this.#scheme, ...headers });
  }

  /** A call has begun. */
  began(call: object): void {
    this.#calls.add(call);
    if (this.#calls.size === 1) {
      this.#session.ref();
      const isStale = performance.now() - this.#idleSinceMs > this.keepalive.intervalMs;
      if (isStale) {
        clearTimeout(this.#timer);
        this.#askForLife();
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
      this.#session.unref();
      this.onIdle?.();
    }
  }

  /** Takes no more calls, and ends with the last one. */
  retire(): void {
    this.#isRetired = true;
    this.#session.close();
  }

  /** Ends with all its calls. */
  destroy(): void {
    this.#session.destroy();
    this.socket.destroy();
  }

  /** Looks after a while whether anything was heard. One timer serves all calls, and ends with the last. */
  #watch(): void {
    this.#bytesSeen = this.socket.bytesRead;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#calls.size === 0 || !this.isAlive) {
        return;
      }
      if (this.socket.bytesRead === this.#bytesSeen) {
        this.#askForLife();
      } else {
        this.#watch();
      }
    }, this.keepalive.intervalMs);
    this.#timer.unref();
  }

  /** A half-open connection (its other end lost power, or a firewall forgot it) takes bytes and never answers. */
  #askForLife(): void {
    this.#timer = setTimeout(() => {
      this.failure ??= new TimedOut('The server does not answer to keepalive');
      this.destroy();
    }, this.keepalive.timeoutMs);
    this.#session.ping(() => {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.isAlive) {
        this.#watch();
      }
    });
  }
}
