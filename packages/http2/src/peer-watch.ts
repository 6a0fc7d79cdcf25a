/**
 * Ends connections on which nobody speaks: those that never said their first settings, and those whose peer is gone
 * without a trace.
 */
import { type Clock } from './clock.ts';

/** When a silent peer is asked for a sign of life, and how long it has to answer. */
export interface Keepalive {
  intervalMs: number;
  timeoutMs: number;
}

export interface PeerWatchOptions {
  clock: Clock;
  /** Milliseconds that the peer has for its connection preface and its first settings. */
  handshakeMs: number;
  keepalive?: Keepalive | undefined;
  /** Bytes that have come so far. */
  bytesRead: () => number;
  ping: (answered: () => void) => void;
  onSilent: (what: 'handshake' | 'keepalive') => void;
}

export class PeerWatch {
  readonly #options: PeerWatchOptions;
  #cancel: () => void;

  constructor(options: PeerWatchOptions) {
    this.#options = options;
    const { clock, handshakeMs, onSilent } = options;
    this.#cancel = clock.after(handshakeMs, () => onSilent('handshake'));
  }

  /** The first settings have come. */
  greeted(): void {
    this.#cancel();
    this.#rest();
  }

  end(): void {
    this.#cancel();
  }

  #rest(): void {
    const { clock, keepalive, bytesRead } = this.#options;
    if (keepalive !== undefined) {
      const before = bytesRead();
      this.#cancel = clock.after(keepalive.intervalMs, () =>
        bytesRead() === before ? this.#ask(keepalive.timeoutMs) : this.#rest()
      );
    }
  }

  #ask(timeoutMs: number): void {
    const { clock, ping, onSilent } = this.#options;
    let isOver = false;
    this.#cancel = clock.after(timeoutMs, () => {
      isOver = true;
      onSilent('keepalive');
    });
    ping(() => {
      if (!isOver) {
        this.#cancel();
        this.#rest();
      }
    });
  }
}
