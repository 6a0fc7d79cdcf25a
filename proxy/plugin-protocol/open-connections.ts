/**
 * The open connections of the plugin server. Their number is limited, because otherwise any process that reaches the
 * listener of a sidecar could use up all file descriptors.
 */
import { type Socket } from 'node:net';
import { type Http2Connection } from '@micromegas/http2';

/** Most open connections. Each Grafana server opens one. */
export const MAX_CONNECTIONS = 256;

interface OpenConnection {
  http2: Http2Connection;
  /** Resolves when all calls of the connection have ended. */
  ended: Promise<void>;
}

export class OpenConnections {
  readonly #onCount: (count: number) => void;
  /** All connections whose socket is not closed, oldest first. */
  readonly #all = new Map<Socket, OpenConnection>();
  /** Sockets without a complete connection preface, oldest first. */
  readonly #withoutPreface = new Set<Socket>();

  /** @param onCount Called with the number of connections with a preface, whenever it changes. */
  constructor(onCount: (count: number) => void = () => undefined) {
    this.#onCount = onCount;
  }

  /** At the limit, closes the oldest connection without a preface. @returns False if all connections have sent the preface. */
  makeRoom(): boolean {
    if (this.#all.size < MAX_CONNECTIONS) {
      return true;
    }
    for (const socket of this.#withoutPreface) {
      this.#remove(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  add(socket: Socket, connection: OpenConnection): void {
    this.#all.set(socket, connection);
    this.#withoutPreface.add(socket);
    socket.once('close', () => this.#remove(socket));
  }

  /** Call this when the peer has sent the preface. */
  prefaceReceived(socket: Socket): void {
    this.#withoutPreface.delete(socket);
    this.#onCount(this.#all.size - this.#withoutPreface.size);
  }

  /** Closes all connections. Resolves when their calls have ended. */
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

  #remove(socket: Socket): void {
    const hadNoPreface = this.#withoutPreface.delete(socket);
    if (this.#all.delete(socket) && !hadNoPreface) {
      this.#onCount(this.#all.size - this.#withoutPreface.size);
    }
  }
}
