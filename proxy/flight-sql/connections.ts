/**
 * The connections to one server: opened when a call needs one, shared by all calls, and reopened after a failure.
 *
 * While a connection carries a large answer, new calls use a second one. On the first connection, their answers would wait
 * for megabytes of the large answer in the socket buffers of both sides, which HTTP/2 flow control does not limit.
 */
import { type Socket } from 'node:net';
import { type SecureContext } from 'node:tls';
import { ByteSource, GoAwayReceived } from '@micromegas/http2';
import { ProxyError } from '../errors/proxy-error';
import { addressText } from '../../contract/host';
import { TimedOut, withLimits } from '../async/with-limits';
import { CONNECT_LIMIT_MS, connectTls } from '../network/connect';
import { dial } from '../network/dial';
import { wantsClientCertificate } from '../network/node-failure';
import { type ServerRoute, type TlsSettings } from '../network/routes';
import { tlsContext } from '../network/tls-context';
import { Connection, type Keepalive, type OpenSocket } from './connection';
import { http2Detail, tcpError, tlsError } from './connection-errors';
import { probeServer } from './connection-probe';

const MAX_CONNECTIONS = 2;

/** A second connection is closed after this many milliseconds without calls. */
const SPARE_MS = 60_000;

export class Connections {
  readonly #route: ServerRoute;
  readonly #keepalive: Keepalive;
  readonly #open: Connection[] = [];
  readonly #end = new AbortController();
  readonly #address: string;
  #opening: Promise<Connection> | undefined;
  #context: SecureContext | undefined;

  constructor(route: ServerRoute, keepalive: Keepalive) {
    this.#route = route;
    this.#keepalive = keepalive;
    this.#address = addressText(route.host, route.port);
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /**
   * A connection that accepts calls.
   *
   * @param limitMs Longest wait of this caller in milliseconds. Afterwards, the attempt to connect continues for other callers.
   * @throws {ProxyError} that explains the failure; 'query_cancelled' when `signal` aborts.
   */
  async acquire(limitMs: number, signal: AbortSignal): Promise<Connection> {
    if (signal.aborted || this.isClosed) {
      throw new ProxyError(signal.aborted ? 'query_cancelled' : 'connection_lost');
    }
    return this.#best() ?? this.#wait(this.#connect(), limitMs, signal);
  }

  /** Ends all connections. Calls in flight fail. */
  close(): void {
    this.#end.abort(new ProxyError('connection_lost'));
    this.#open.splice(0).forEach((connection) => connection.destroy());
  }

  #best(): Connection | undefined {
    for (let index = this.#open.length - 1; index >= 0; index--) {
      if (this.#open[index]?.isUsable !== true) {
        this.#open.splice(index, 1);
      }
    }
    const free = this.#open.find((connection) => !connection.isBusy);
    if (free !== undefined || this.#open.length === 0) {
      return free;
    }
    if (this.#open.length < MAX_CONNECTIONS) {
      // The new connection is for later calls: this call is faster on an existing one than with a new connection. A failure to
      // connect is ignored here. It is reported when a call needs the connection.
      this.#connect().catch(() => undefined);
    }
    return this.#open.reduce((a, b) => (b.callCount < a.callCount ? b : a));
  }

  async #wait(opening: Promise<Connection>, limitMs: number, signal: AbortSignal): Promise<Connection> {
    try {
      const limits = { limitMs: Math.min(limitMs, CONNECT_LIMIT_MS), signal, late: this.#address };
      return await withLimits(limits, () => opening);
    } catch (reason) {
      if (signal.aborted) {
        throw new ProxyError('query_cancelled');
      }
      throw reason instanceof TimedOut
        ? new ProxyError('connection_timeout', { detail: `(${this.#address})`, cause: reason })
        : ProxyError.from(reason);
    }
  }

  /** Opens a connection. Simultaneous callers share one attempt to connect. */
  #connect(): Promise<Connection> {
    this.#opening ??= this.#openOne().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openOne(): Promise<Connection> {
    const { signal } = this.#end;
    const socket = await this.#reach(signal);
    let connection: Connection;
    try {
      connection = await Connection.open(socket, this.#route, this.#keepalive, CONNECT_LIMIT_MS, signal);
    } catch (reason) {
      throw await this.#explain(reason, signal);
    }
    if (this.#open.length > 0) {
      this.#closeWhenSpare(connection);
    }
    this.#open.push(connection);
    return connection;
  }

  async #reach(signal: AbortSignal): Promise<OpenSocket> {
    const { tls, socks } = this.#route;
    // TLS and SOCKS read from the socket themselves, so a `ByteSource` cannot be used with them.
    const source = tls === undefined && socks === undefined ? new ByteSource() : undefined;
    let socket: Socket;
    try {
      socket = await dial(this.#route, signal, source?.onread);
    } catch (reason) {
      throw reason instanceof ProxyError ? reason : tcpError(reason, this.#address);
    }
    return tls === undefined ? { socket, source } : { socket: await this.#secure(socket, tls, signal) };
  }

  async #secure(socket: Socket, tls: TlsSettings, signal: AbortSignal): Promise<Socket> {
    try {
      this.#context ??= tlsContext(tls);
      const name = tls.serverName ?? this.#route.host;
      const request = { context: this.#context, name, skipVerify: tls.skipVerify, protocols: ['h2'] };
      return await connectTls(socket, request, signal);
    } catch (reason) {
      throw reason instanceof ProxyError
        ? reason
        : tlsError(reason, this.#address, tls.clientCertificate !== undefined);
    }
  }

  /**
   * Explains why the connection failed. The errors of HTTP/2 say little, so a probe finds out which protocol the server
   * speaks.
   */
  async #explain(reason: unknown, signal: AbortSignal): Promise<ProxyError> {
    if (reason instanceof ProxyError) {
      return reason;
    }
    if (reason instanceof TimedOut) {
      const detail = `(${this.#address} accepts the connection, but sends nothing)`;
      return new ProxyError('connection_timeout', { detail, cause: reason });
    }
    if (reason instanceof GoAwayReceived) {
      return new ProxyError('server_unavailable', { detail: http2Detail(reason), cause: reason });
    }
    if (wantsClientCertificate(reason, this.#route.tls?.clientCertificate !== undefined)) {
      return new ProxyError('tls_client_certificate', { cause: reason });
    }
    try {
      await probeServer(this.#route, 'tls', signal);
    } catch (found) {
      return ProxyError.from(found);
    }
    return new ProxyError('server_unavailable', { detail: `(${this.#address})`, cause: reason });
  }

  #closeWhenSpare(connection: Connection): void {
    let timer: NodeJS.Timeout | undefined;
    connection.onIdle = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (connection.callCount === 0) {
          connection.retire();
        }
      }, SPARE_MS);
      timer.unref();
    };
  }
}
