/** The PING frames of both sides. Rules: RFC 9113, section 6.7. */
import { Fifo } from './fifo.ts';
import { pingFrame } from './frames.ts';
import { type Outbox } from './outbox.ts';
import { Flag } from './protocol.ts';

const OPAQUE_BYTES = Buffer.alloc(8);

export class Pings {
  readonly #outbox: Outbox;
  readonly #waiting = new Fifo<() => void>();

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** Calls back when the peer has answered. */
  send(answered: () => void): void {
    this.#waiting.push(answered);
    this.#outbox.add([pingFrame(OPAQUE_BYTES, false)]);
  }

  onFrame(flags: number, opaque: Buffer): void {
    if ((flags & Flag.ACK) === 0) {
      this.#outbox.reply(pingFrame(opaque, true));
    } else if (opaque.equals(OPAQUE_BYTES)) {
      this.#waiting.shift()?.();
    }
  }
}
