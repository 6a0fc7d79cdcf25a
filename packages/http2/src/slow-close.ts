/**
 * Closes a socket so that the peer gets the last that it was sent.
 *
 * A socket that is closed with unread bytes answers the peer with a TCP reset, and the peer may lose what it has not read:
 * the GOAWAY frame that says why. So only the sending side is closed at first, and what still comes is read and dropped,
 * until the peer closes its side too.
 */
import { type Socket } from 'node:net';
import { type Clock } from './clock.ts';

/** Milliseconds that a peer has to read the last that it is told. */
const LINGER_MS = 5000;

/** Bytes that are read and dropped: what a peer may have had on the way. */
const MAX_DROPPED_BYTES = 32 * 1024 * 1024;

export class SlowClose {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #droppedBytes = 0;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
  }

  /** The sending side has ended. */
  begin(): void {
    this.#cancel ??= this.#clock.after(LINGER_MS, () => this.#socket.destroy());
  }

  /** Bytes have come that nobody wants any more. */
  drop(bytes: number): void {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes > MAX_DROPPED_BYTES) {
      this.#socket.destroy();
    }
  }

  /** The socket is closed. */
  end(): void {
    this.#cancel?.();
  }
}
