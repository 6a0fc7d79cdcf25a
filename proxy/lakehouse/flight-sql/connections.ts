/**
 * The connections to one server: opened when a call needs one, shared by all calls, and reopened after a failure.
 *
 * Most calls share one connection. More connections are opened
 *
 * - up to `MAX_CONNECTIONS`, while each connection carries a large response. On such a connection, other responses
 *   would wait behind megabytes of the large response in the socket buffers of both sides. HTTP/2 flow control does not
 *   limit these buffers.
 * - up to `MAX_SPREAD`, while each connection has calls and the server name has unused addresses, to share the load.
 *
 * An old connection is replaced: a load balancer chooses the server of a connection only once, and the addresses of a
 * name change. An idle connection is closed after some time: load balancers and firewalls drop idle connections, often
 * without telling the client. The next call on a dropped connection would wait and fail.
 */
import { StringSet } from '../../../contract/string-map';
import { ProxyError } from '../../base/errors/proxy-error';
import { TimeoutError, withLimits } from '../../base/async/with-limits';
import { type ServerRoute } from '../network/routes';
import { type Connection } from './connection';
import { Connector, type ConnectorDeps } from './connector';

/** Maximum number of connections to a server with one address. */
const MAX_CONNECTIONS = 2;

/** Maximum number of connections to a server with several addresses. */
const MAX_SPREAD = 4;

/** If an additional connection cannot be opened, the next attempt begins at least this many milliseconds later. */
const PAUSE_MS = 5000;

/** When connections are closed and replaced. Default: `DEFAULT_AGES`. */
export interface ConnectionAges {
  /** A connection without calls is closed after this many milliseconds. */
  idleMs: number;
  /** A connection is replaced after this many milliseconds, or up to `jitter * renewMs` later. */
  renewMs: number;
  /** A share of `renewMs`, 0 or more. The delay is random, so that connections are not all replaced at once. */
  jitter: number;
}

/**
 * Common load balancers and firewalls drop idle connections after 4 minutes (Azure), 350 seconds (AWS) or more. The
 * renewal costs one handshake, which no call waits for.
 */
export const DEFAULT_AGES: ConnectionAges = { idleMs: 180_000, renewMs: 600_000, jitter: 0.5 };

interface ConnectionsDeps extends ConnectorDeps {
  ages?: ConnectionAges | undefined;
}

/** An open connection that accepts calls. */
interface Member {
  connection: Connection;
  /** The time of `performance.now()` from which a new connection replaces this one. */
  renewFromMs: number;
  /** Closes the connection when it has been idle for some time. */
  timer: NodeJS.Timeout;
}

/** Owns its connections until `close`. It opens the first one when a call needs it. */
export class Connections {
  readonly #connector: Connector;
  readonly #ages: ConnectionAges;
  readonly #end = new AbortController();
  /** All connections that are open. Includes connections that no longer accept calls and finish their running calls. */
  readonly #open = new Set<Connection>();
  #members: Member[] = [];
  #opening: Promise<Connection> | undefined;
  /** Until this time of `performance.now()`, no additional connection is opened. */
  #pausedUntilMs = 0;

  constructor(route: ServerRoute, deps: ConnectionsDeps) {
    this.#connector = new Connector(route, deps);
    this.#ages = deps.ages ?? DEFAULT_AGES;
  }

  get isClosed(): boolean {
    return this.#end.signal.aborted;
  }

  /** True while a connection is being opened and the SOCKS proxy has not connected to the server yet. */
  get isAtProxy(): boolean {
    return this.#connector.isAtProxy;
  }

  /**
   * A connection that accepts calls.
   *
   * @param limitMs Maximum wait of this caller in milliseconds. After that time, the attempt to connect continues for
   *   other callers.
   * @throws {TimeoutError} when `limitMs` passes.
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
    this.#members.splice(0).forEach(release);
    this.#open.forEach((connection) => connection.destroy());
  }

  #best(): Connection | undefined {
    this.#dropUnusable();
    const [first, ...others] = this.#members;
    if (first === undefined) {
      return undefined;
    }
    if (this.#needsAnother()) {
      // This call uses an existing connection, which is faster. Only later calls use the new connection, so a failure
      // to open it is ignored here.
      this.#connect().catch(() => (this.#pausedUntilMs = performance.now() + PAUSE_MS));
    }
    return others.reduce((best, { connection }) => (isBetter(connection, best) ? connection : best), first.connection);
  }

  #dropUnusable(): void {
    if (!this.#members.every(({ connection }) => connection.isUsable)) {
      this.#members.filter(({ connection }) => !connection.isUsable).forEach((member) => this.#remove(member));
    }
  }

  /** True if a new connection must replace an old one or take some of the load. */
  #needsAnother(): boolean {
    const nowMs = performance.now();
    if (this.#opening !== undefined || nowMs < this.#pausedUntilMs) {
      return false;
    }
    if (this.#members.some(({ renewFromMs }) => nowMs >= renewFromMs)) {
      return true;
    }
    const connections = this.#members.map(({ connection }) => connection);
    if (connections.length < MAX_CONNECTIONS && connections.every(({ isBusy }) => isBusy)) {
      return true;
    }
    const isSpread = connections.length < MAX_SPREAD && connections.every(({ callCount }) => callCount > 0);
    return isSpread && this.#connector.countUnused(new StringSet(connections.map((each) => each.remoteAddress))) > 0;
  }

  async #wait(opening: Promise<Connection>, limitMs: number, signal: AbortSignal): Promise<Connection> {
    try {
      return await withLimits({ limitMs, signal, late: 'no connection' }, () => opening);
    } catch (reason) {
      if (signal.aborted) {
        throw new ProxyError('query_cancelled');
      }
      throw reason instanceof TimeoutError ? reason : ProxyError.from(reason);
    }
  }

  /** Opens a connection. Simultaneous callers share one attempt to connect. */
  #connect(): Promise<Connection> {
    this.#opening ??= this.#openOne().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openOne(): Promise<Connection> {
    const connection = await this.#connector.open(this.#end.signal, (ended) => this.#ended(ended));
    this.#open.add(connection);
    if (this.isClosed) {
      connection.destroy();
      throw new ProxyError('connection_lost');
    }
    this.#retireOldest();
    this.#add(connection);
    return connection;
  }

  #add(connection: Connection): void {
    const { idleMs, renewMs, jitter } = this.#ages;
    const timer = setTimeout(() => {
      if (connection.callCount === 0) {
        this.#remove(member);
      }
    }, idleMs).unref();
    const renewFromMs = connection.openedMs + renewMs * (1 + jitter * Math.random());
    const member: Member = { connection, renewFromMs, timer };
    connection.onIdle = () => timer.refresh();
    this.#members.push(member);
  }

  #ended(connection: Connection): void {
    this.#open.delete(connection);
    const member = this.#members.find((each) => each.connection === connection);
    if (member !== undefined) {
      this.#remove(member);
    }
  }

  /** Retires a connection that a new one replaces. Its running calls finish. */
  #retireOldest(): void {
    const nowMs = performance.now();
    const old = this.#members.find(({ renewFromMs }) => nowMs >= renewFromMs);
    if (old !== undefined) {
      this.#remove(old);
    }
  }

  /** Stops giving calls to the connection. It closes after its running calls. */
  #remove(member: Member): void {
    release(member);
    this.#members = this.#members.filter((each) => each !== member);
    member.connection.retire();
  }
}

/** Stops the timer of a connection that no longer gets calls. */
function release({ connection, timer }: Member): void {
  clearTimeout(timer);
  connection.onIdle = undefined;
}

/**
 * True if `a` is better than `b` for a call. A connection without a large response is better, then one with fewer
 * calls.
 */
function isBetter(a: Connection, b: Connection): boolean {
  return a.isBusy === b.isBusy ? a.callCount < b.callCount : b.isBusy;
}
