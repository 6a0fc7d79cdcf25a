/** Closes sockets without losing the last bytes of either direction. */
import { type Socket } from 'node:net';
import { type Clock } from './options.ts';

/** Time limit, in milliseconds, for the peer to read the last frames. */
const LINGER_MS = 5000;

/** Maximum number of bytes from the peer that are read and dropped while the connection closes. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;

/**
 * A lingering close: ends the sending side only, then reads and drops bytes until the peer closes its side.
 *
 * When a socket is closed with unread bytes, the system resets the TCP connection. The peer may then lose the bytes
 * that it has not read, among them the GOAWAY frame with the reason.
 */
export class LingeringClose {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #cancelTimer: (() => void) | undefined;
  #droppedBytes = 0;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** Call this when the sending side has ended. */
  start(): void {
    this.#cancelTimer ??= this.#clock.after(LINGER_MS, () => this.#socket.destroy());
  }

  /** Counts received bytes that are dropped. */
  drop(bytes: number): void {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes > MAX_DROPPED_BYTES) {
      this.#socket.destroy();
    }
  }

  /** Call this when the socket is closed. */
  stop(): void {
    this.#cancelTimer?.();
  }
}

/**
 * After a failed write, delays the `destroy` of the socket until the bytes that have already arrived are read.
 *
 * Node.js destroys a socket as soon as a write fails, and drops what the peer had sent before. For HTTP/2 that can be
 * the GOAWAY frame, which names the reason and the requests that may be retried.
 */
export function readBeforeDestroy(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  let hasFailed = false;
  socket.destroy = (reason?: Error) => {
    if (!isFailedWrite(reason)) {
      return destroy(reason);
    }
    if (!hasFailed) {
      hasFailed = true;
      // The event loop reads sockets between two rounds of immediates.
      setImmediate(() => setImmediate(() => destroy(reason)));
    }
    return socket;
  };
}

function isFailedWrite(reason: Error | undefined): boolean {
  return reason !== undefined && 'syscall' in reason && reason.syscall === 'write';
}
