import { Fifo } from './fifo.ts';

/** Whoever wants to know when the bytes up to some place are in use no more. */
interface Watch {
  /** The place: how many bytes from the first on. */
  end: number;
  done: () => void;
}

const NO_BYTES = new Uint8Array(0);

/** Bytes of a stream that wait to be sent, as the pieces that they came in: none is joined or copied. */
export class SendQueue {
  #pieces: Uint8Array[] = [];
  /** The first piece that is not sent, and how much of it is. */
  #index = 0;
  #offset = 0;
  #bytes = 0;
  /** How many have left the queue in all, and how many of those the socket has taken. */
  #takenBytes = 0;
  #sentBytes = 0;
  /** In the order of their places. */
  readonly #watches = new Fifo<Watch>();

  /** How many wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Calls back once all that was added so far is in use no more: it has gone out, or it never will. */
  whenSent(done: () => void): void {
    this.#watches.push({ end: this.#takenBytes + this.#bytes, done });
    this.sent(0);
  }

  /** So many more of the taken bytes have gone out. */
  sent(length: number): void {
    this.#sentBytes += length;
    // What is asked for in a callback comes behind.
    for (let watch = this.#watches.peek(); watch !== undefined && watch.end <= this.#sentBytes;) {
      this.#watches.shift();
      watch.done();
      watch = this.#watches.peek();
    }
  }

  /** Moves so many bytes to `out`. */
  take(out: Uint8Array[], length: number): void {
    this.#bytes -= length;
    this.#takenBytes += length;
    let missing = length;
    while (missing > 0) {
      const piece = this.#pieces[this.#index] ?? NO_BYTES;
      const end = Math.min(piece.length, this.#offset + missing);
      out.push(this.#offset === 0 && end === piece.length ? piece : piece.subarray(this.#offset, end));
      missing -= end - this.#offset;
      this.#offset = end;
      if (end === piece.length) {
        // What is sent is let go.
        this.#pieces[this.#index++] = NO_BYTES;
        this.#offset = 0;
      }
    }
    if (this.#index === this.#pieces.length) {
      this.#forget();
    }
  }

  /** What waits will never go. */
  clear(): void {
    this.#forget();
    this.#bytes = 0;
    this.#watches.forEach((watch) => (watch.end = Math.min(watch.end, this.#takenBytes)));
    this.sent(0);
  }

  #forget(): void {
    this.#pieces = [];
    this.#index = 0;
    this.#offset = 0;
  }
}
