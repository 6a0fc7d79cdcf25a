/**
 * The connections of the plugin server, bounded in number: whoever reaches the listener of a sidecar could open as many as
 * the system has descriptors for.
 */
import { type Socket } from 'node:net';
import { type Http2Connection } from '@micromegas/http2';

/** A Grafana opens one. */
export const MAX_CONNECTIONS = 256;

interface OpenConnection {
  http2: Http2Connection;
  /** Resolves when its calls are over. */
  over: Promise<void>;
}

export class OpenConnections {
  readonly #onCount: (count: number) => void;
  /** By socket, the oldest first, until the socket is closed. */
  readonly #all = new Map<Socket, OpenConnection>();
  /** Sockets of peers that have not completed the connection preface, the oldest first. */
  readonly #silent = new Set<Socket>();

  /** @param onCount Told the number of peers that speak HTTP/2 whenever it changes. */
  constructor(onCount: (count: number) => void = () => undefined) {
    this.#onCount = onCount;
  }

  /** @returns False when there is no room, not even that of a peer that has said nothing yet. */
  makeRoom(): boolean {
    if (this.#all.size < MAX_CONNECTIONS) {
      return true;
    }
    for (const socket of this.#silent) {
      this.#remove(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  add(socket: Socket, connection: OpenConnection): void {
    this.#all.set(socket, connection);
    this.#silent.add(socket);
    socket.once('close', () => this.#remove(socket));
  }

  /** The peer speaks HTTP/2. */
  greeted(socket: Socket): void {
    this.#silent.delete(socket);
    this.#onCount(this.#all.size - this.#silent.size);
  }

  /** Begins to close all. @returns What resolves when the calls of all are over. */
  async close(): Promise<void> {
    await Promise.all(
      Array.from(this.#all.values(), ({ http2, over }) => {
        http2.close();
        return over;
      })
    );
  }

  destroy(): void {
    this.#all.forEach(({ http2 }) => http2.destroy());
  }

  #remove(socket: Socket): void {
    const wasSilent = this.#silent.delete(socket);
    if (this.#all.delete(socket) && !wasSilent) {
      this.#onCount(this.#all.size - this.#silent.size);
    }
  }
}
