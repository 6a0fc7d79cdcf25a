/**
 * Detects dead peers: keepalive PING frames, and time limits for the connection preface and for PING acknowledgements.
 */
import { Fifo } from './fifo.ts';
import { pingFrame } from './frame-writer.ts';
import { type Clock, type Keepalive } from './options.ts';
import { type Outbox } from './outbox.ts';
import { Flag } from './protocol.ts';

const OPAQUE_BYTES = Buffer.alloc(8);

/** Sends PING frames, and responds to the PING frames of the peer. Rules: RFC 9113, section 6.7. */
export class Pings {
  readonly #outbox: Outbox;
  readonly #callbacks = new Fifo<() => void>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** @param onAck Called when the peer has responded. */
  send(onAck: () => void): void {
    this.#callbacks.push(onAck);
    this.#outbox.add([pingFrame(OPAQUE_BYTES, false)]);
  }

  onFrame(flags: number, opaque: Buffer): void {
    if ((flags & Flag.ACK) === 0) {
      this.#outbox.reply(pingFrame(opaque, true));
    } else if (opaque.equals(OPAQUE_BYTES)) {
      this.#callbacks.shift()?.();
    }
  }
}

interface PeerWatchOptions {
  clock: Clock;
  /** Milliseconds that the peer has for its connection preface. */
  handshakeMs: number;
  keepalive?: Keepalive | undefined;
  /** Bytes received so far. */
  bytesRead: () => number;
  ping: (onAck: () => void) => void;
  onTimeout: (kind: 'handshake' | 'keepalive') => void;
}

/** Reports a peer that does not send its settings in time, or that does not respond to a keepalive PING. */
export class PeerWatch {
  readonly #options: PeerWatchOptions;
  #cancelTimer: () => void;

  constructor(options: PeerWatchOptions) {
    this.#options = options;
    const { clock, handshakeMs, onTimeout } = options;
    this.#cancelTimer = clock.after(handshakeMs, () => onTimeout('handshake'));
  }

  /** Call this when the first settings of the peer have arrived. */
  handshakeDone(): void {
    this.#cancelTimer();
    this.#waitInterval();
  }

  stop(): void {
    this.#cancelTimer();
  }

  #waitInterval(): void {
    const { clock, keepalive, bytesRead } = this.#options;
    if (keepalive !== undefined) {
      const bytesBefore = bytesRead();
      this.#cancelTimer = clock.after(keepalive.intervalMs, () =>
        bytesRead() === bytesBefore ? this.#ping(keepalive.timeoutMs) : this.#waitInterval()
      );
    }
  }

  #ping(timeoutMs: number): void {
    const { clock, ping, onTimeout } = this.#options;
    let hasTimedOut = false;
    this.#cancelTimer = clock.after(timeoutMs, () => {
      hasTimedOut = true;
      onTimeout('keepalive');
    });
    ping(() => {
      if (!hasTimedOut) {
        this.#cancelTimer();
        this.#waitInterval();
      }
    });
  }
}
