/**
 * Opens connections to one server: connects directly or through a SOCKS proxy, and sets up TLS and HTTP/2. Explains
 * failures.
 *
 * If the name of the server has several addresses and one of them fails, the others are tried.
 */
import { StringSet } from '../../../contract/string-map';
import { type Socket } from 'node:net';
import { type SecureContext } from 'node:tls';
import { ByteSource, GoAwayError } from '@micromegas/http2';
import { ProxyError } from '../../base/errors/proxy-error';
import { formatAddress } from '../../../contract/settings/host';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { clientCertificateError } from '../network/client-certificate';
import { CONNECT_LIMIT_MS, connectTls, startTimeLimit } from '../network/connect';
import { dial } from '../network/dial';
import { wantsClientCertificate } from '../network/node-failure';
import { type ServerRoute, type TlsSettings } from '../network/routes';
import { namedServer, type NamedServer, type ServerAddresses } from '../network/server-addresses';
import { tlsContext } from '../network/tls-context';
import { type ConnectionEvents } from '../../observe/telemetry/connection-events';
import { Connection, type KeepaliveTimes, type OpenSocket } from './connection';
import { type FailedServer, http2Detail, tcpError, tlsError } from './connection-errors';
import { probeServer } from './connection-probe';
import { silentServer } from './silent-server';

/**
 * Maximum number of attempts to open a connection. If TLS or HTTP/2 fails after the server accepted the TCP connection,
 * the next attempt uses another address.
 */
const MAX_ATTEMPTS = 3;

/** If there are other addresses to try: time limit in milliseconds for TLS, and for the preface of HTTP/2. */
const ATTEMPT_LIMIT_MS = 3000;

/** Dependencies of a connector. Other connectors may share `addresses` and `events`. */
export interface ConnectorDeps {
  keepalive: KeepaliveTimes;
  addresses: ServerAddresses;
  events: ConnectionEvents;
}

/** A failure of TLS or HTTP/2 after the server has accepted the TCP connection. */
class SetupError extends Error {
  override readonly name = 'SetupError';

  constructor(
    readonly step: 'tls' | 'http2',
    reason: unknown
  ) {
    super(step, { cause: reason });
  }
}

/** Opens connections over one route, one at a time. The caller owns the connections. They share one TLS context. */
export class Connector {
  readonly #route: ServerRoute;
  readonly #deps: ConnectorDeps;
  readonly #address: string;
  readonly #server: NamedServer;
  #context: SecureContext | undefined;
  #isReaching = false;

  constructor(route: ServerRoute, deps: ConnectorDeps) {
    this.#route = route;
    this.#deps = deps;
    this.#address = formatAddress(route.host, route.port);
    this.#server = namedServer(route);
  }

  /**
   * Opens a connection within `CONNECT_LIMIT_MS`, in up to `MAX_ATTEMPTS` attempts.
   *
   * @param onEnd Called once when the connection has ended.
   * @throws {ProxyError} that explains the failure.
   */
  async open(signal: AbortSignal, onEnd: (connection: Connection) => void): Promise<Connection> {
    const leftMs = startTimeLimit(CONNECT_LIMIT_MS);
    for (let attempt = 1; ; attempt++) {
      try {
        const connection = await this.#openOne(attempt < MAX_ATTEMPTS, leftMs, signal);
        this.#watch(connection, onEnd);
        return connection;
      } catch (reason) {
        if (!signal.aborted) {
          this.#deps.events.failed();
        }
        const canTryOther = reason instanceof SetupError && attempt < MAX_ATTEMPTS && leftMs() > 0 && !signal.aborted;
        if (!canTryOther || this.countUnused(new StringSet()) === 0) {
          throw await this.#explain(reason, leftMs, signal);
        }
      }
    }
  }

  /** The number of the server's addresses that are not in `used` and have not failed recently. 0 with a SOCKS proxy. */
  countUnused(used: ReadonlySet<string>): number {
    return this.#route.socks === undefined ? this.#deps.addresses.countUnused(this.#server, used) : 0;
  }

  /** The server, for errors. */
  get #failedServer(): FailedServer {
    return { address: this.#address, lastResponse: this.#deps.addresses.lastResponse(this.#server) };
  }

  /** True while `open` waits for the SOCKS proxy, or for the server to which that proxy connects. */
  get isAtProxy(): boolean {
    return this.#isReaching && this.#route.socks !== undefined;
  }

  /** Counts the connection until it ends, and avoids the address of a lost connection. */
  #watch(connection: Connection, onEnd: (connection: Connection) => void): void {
    const { addresses, events } = this.#deps;
    const { remoteAddress } = connection;
    const release = addresses.connected(this.#server, remoteAddress);
    events.opened();
    connection.onEnd = (how) => {
      release();
      if (how === 'lost') {
        addresses.failed(this.#server, remoteAddress);
      }
      events.ended(how);
      onEnd(connection);
    };
  }

  async #openOne(mayTryOthers: boolean, leftMs: () => number, signal: AbortSignal): Promise<Connection> {
    const { tls, socks } = this.#route;
    // TLS and SOCKS read from the socket themselves, so a `ByteSource` cannot be used with them.
    const source = tls === undefined && socks === undefined ? new ByteSource() : undefined;
    const socket = await this.#reach(source, leftMs(), signal);
    const address = socket.remoteAddress ?? '';
    const hasOthers = mayTryOthers && this.countUnused(new StringSet([address])) > 0;
    const stepMs = () => (hasOthers ? Math.min(ATTEMPT_LIMIT_MS, leftMs()) : leftMs());
    try {
      const { lastResponse } = this.#failedServer;
      const ready: OpenSocket =
        tls === undefined
          ? { socket, source, lastResponse }
          : { socket: await this.#secure(socket, tls, stepMs(), signal), lastResponse };
      return await Connection.open(ready, this.#route, this.#deps.keepalive, stepMs(), signal).catch((reason) => {
        throw new SetupError('http2', reason);
      });
    } catch (reason) {
      if (!signal.aborted) {
        this.#deps.addresses.failed(this.#server, address);
      }
      throw reason;
    }
  }

  async #reach(source: ByteSource | undefined, limitMs: number, signal: AbortSignal): Promise<Socket> {
    const { addresses } = this.#deps;
    this.#isReaching = true;
    try {
      return await dial(this.#route, signal, {
        limitMs,
        onread: source?.onread,
        lookup: addresses.lookupFor(this.#server),
        onAddressFailed: (address) => addresses.failed(this.#server, address),
      });
    } finally {
      this.#isReaching = false;
    }
  }

  async #secure(socket: Socket, tls: TlsSettings, limitMs: number, signal: AbortSignal): Promise<Socket> {
    this.#context ??= tlsContext(tls);
    const name = tls.serverName ?? this.#route.host;
    const request = { context: this.#context, name, skipVerify: tls.skipVerify, protocols: ['h2'] };
    try {
      return await connectTls(socket, request, signal, limitMs);
    } catch (reason) {
      throw new SetupError('tls', reason);
    }
  }

  #explain(reason: unknown, leftMs: () => number, signal: AbortSignal): Promise<ProxyError> | ProxyError {
    if (!(reason instanceof SetupError)) {
      return reason instanceof ProxyError ? reason : tcpError(reason, this.#failedServer);
    }
    const { step, cause } = reason;
    if (cause instanceof ProxyError) {
      return cause;
    }
    const { tls } = this.#route;
    return step === 'tls' && tls !== undefined
      ? tlsError(cause, this.#failedServer, tls)
      : this.#explainHttp2(cause, leftMs(), signal);
  }

  /**
   * Explains why HTTP/2 failed. The errors of HTTP/2 say little, so a probe finds out which protocol the server speaks.
   *
   * @param limitMs Time limit of the probe in milliseconds.
   */
  async #explainHttp2(reason: unknown, limitMs: number, signal: AbortSignal): Promise<ProxyError> {
    if (reason instanceof TimeoutError) {
      const { address, lastResponse } = this.#failedServer;
      const detail = `${address} accepts the connection, but sends nothing.`;
      return silentServer(lastResponse, { detail, cause: reason });
    }
    const detail = http2Detail(reason);
    if (reason instanceof GoAwayError) {
      return new ProxyError('server_unavailable', { detail, cause: reason });
    }
    const clientCertificate = this.#route.tls?.clientCertificate;
    if (wantsClientCertificate(reason, clientCertificate !== undefined)) {
      return clientCertificateError(clientCertificate, { side: 'server', cause: reason });
    }
    try {
      const lookup = this.#deps.addresses.lookupFor(this.#server);
      const probed = { ...this.#route, lookup, lastResponse: this.#failedServer.lastResponse };
      await withLimits({ limitMs, signal }, (limited) => probeServer(probed, 'tls', limited));
    } catch (found) {
      if (!(found instanceof TimeoutError)) {
        return ProxyError.from(found);
      }
    }
    return new ProxyError('server_unavailable', { detail: detail ?? `Address: ${this.#address}.`, cause: reason });
  }
}
