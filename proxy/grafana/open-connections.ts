/**
 * The open connections of the plugin server. Their number is limited. Without the limit, any process that reaches the
 * listener of a sidecar could use up all file descriptors.
 */
import { type Socket } from 'node:net';
import { type Http2Connection } from '@micromegas/http2';

/** Maximum number of open connections. Each Grafana server opens one. */
export const MAX_CONNECTIONS = 256;

interface OpenConnection {
  http2: Http2Connection;
  /** Resolves when the HTTP/2 connection is closed, which ends its calls. */
  ended: Promise<void>;
}

interface Calls {
  /** Number of calls in progress that end before the connection does. */
  finite: number;
  /** Number of calls in progress that last as long as the connection, such as Grafana's stdio stream. */
  endless: number;
}

/** Limits the open connections of one server to `MAX_CONNECTIONS`. */
export class OpenConnections {
  readonly #onCount: (count: number) => void;
  /** All connections whose socket is not closed, oldest first. */
  readonly #all = new Map<Socket, OpenConnection>();
  /** Sockets without a complete connection preface, oldest first. */
  readonly #withoutPreface = new Set<Socket>();
  readonly #calls = new Map<Socket, Calls>();
  /** Sockets with a preface and without finite calls, idle for the longest time first. */
  readonly #idle = new Set<Socket>();

  /** @param onCount Called whenever the number of connections with a preface changes. */
  constructor(onCount: (count: number) => void = () => undefined) {
    this.#onCount = onCount;
  }

  /**
   * At the limit, closes the oldest connection without a preface. If each connection has a preface, closes the
   * connection that is idle for the longest time. A connection without calls is closed before a connection with endless
   * calls.
   *
   * @returns 'replaced' if an idle connection was closed, 'full' if there is a finite call in progress on each
   *   connection, 'free' in all other cases.
   */
  makeRoom(): 'free' | 'replaced' | 'full' {
    if (this.#all.size < MAX_CONNECTIONS) {
      return 'free';
    }
    const [silent] = this.#withoutPreface;
    const idle = [...this.#idle];
    const closed = silent ?? idle.find((socket) => this.#calls.get(socket)?.endless === 0) ?? idle[0];
    if (closed === undefined) {
      return 'full';
    }
    this.#remove(closed);
    closed.destroy();
    return closed === silent ? 'free' : 'replaced';
  }

  add(socket: Socket, connection: OpenConnection): void {
    this.#all.set(socket, connection);
    this.#withoutPreface.add(socket);
    this.#calls.set(socket, { finite: 0, endless: 0 });
    socket.once('close', () => this.#remove(socket));
  }

  /** Call this when the peer has sent the preface. */
  prefaceReceived(socket: Socket): void {
    this.#withoutPreface.delete(socket);
    this.#updateIdle(socket);
    this.#onCount(this.#all.size - this.#withoutPreface.size);
  }

  /** Counts a call of a connection. @returns A function to call once, when the call has ended. */
  callStarted(socket: Socket, kind: keyof Calls): () => void {
    this.#count(socket, kind, 1);
    return () => this.#count(socket, kind, -1);
  }

  /** Announces `close` to all clients. Resolves when each of them has responded, or its connection is closed. */
  async drain(): Promise<void> {
    await Promise.all(Array.from(this.#all.values(), ({ http2 }) => http2.drain()));
  }

  /** Closes each connection when its calls have ended. Resolves when all connections are closed. */
  async close(): Promise<void> {
    await Promise.all(
      Array.from(this.#all.values(), ({ http2, ended }) => {
        http2.close();
        return ended;
      })
    );
  }

  destroy(): void {
    this.#all.forEach(({ http2 }) => http2.destroy());
  }

  #count(socket: Socket, kind: keyof Calls, change: 1 | -1): void {
    const calls = this.#calls.get(socket);
    if (calls !== undefined) {
      calls[kind] += change;
      this.#updateIdle(socket);
    }
  }

  /** An idle connection moves to the end of the list. */
  #updateIdle(socket: Socket): void {
    this.#idle.delete(socket);
    if (this.#calls.get(socket)?.finite === 0 && !this.#withoutPreface.has(socket)) {
      this.#idle.add(socket);
    }
  }

  #remove(socket: Socket): void {
    this.#idle.delete(socket);
    this.#calls.delete(socket);
    const hadNoPreface = this.#withoutPreface.delete(socket);
    if (this.#all.delete(socket) && !hadNoPreface) {
      this.#onCount(this.#all.size - this.#withoutPreface.size);
    }
  }
}
