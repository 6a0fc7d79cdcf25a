import { Fifo } from './fifo.ts';

interface Listener {
  /** Position in the stream, in bytes. The callback is due when no byte before this position is in use. */
  end: number;
  callback: () => void;
}

const NO_BYTES = new Uint8Array(0);

/** The unsent bytes of a stream, as the pieces that were added. Pieces are neither joined nor copied. */
export class SendQueue {
  #pieces: Uint8Array[] = [];
  /** The first piece with unsent bytes, and the number of its bytes that are sent. */
  #index = 0;
  #offset = 0;
  #bytes = 0;
  /** Total number of bytes that have left the queue, and number of these bytes that the socket has taken. */
  #movedBytes = 0;
  #releasedBytes = 0;
  /** Sorted by `end`. */
  readonly #listeners = new Fifo<Listener>();

  /** Bytes in the queue. */
  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
  }

  /** Calls back when the bytes that were added so far are no longer in use: all are sent or dropped. */
  whenReleased(callback: () => void): void {
    this.#listeners.push({ end: this.#movedBytes + this.#bytes, callback });
    this.release(0);
  }

  /** Call this when the socket has taken `length` more of the bytes that left the queue. */
  release(length: number): void {
    this.#releasedBytes += length;
    // The loop reads the first listener again after each callback, because a callback may add a listener.
    for (let next = this.#listeners.peek(); next !== undefined && next.end <= this.#releasedBytes;) {
      this.#listeners.shift();
      next.callback();
      next = this.#listeners.peek();
    }
  }

  /** Moves `length` bytes to `out`. */
  moveTo(out: Uint8Array[], length: number): void {
    this.#bytes -= length;
    this.#movedBytes += length;
    let missing = length;
    while (missing > 0) {
      const piece = this.#pieces[this.#index] ?? NO_BYTES;
      const end = Math.min(piece.length, this.#offset + missing);
      out.push(this.#offset === 0 && end === piece.length ? piece : piece.subarray(this.#offset, end));
      missing -= end - this.#offset;
      this.#offset = end;
      if (end === piece.length) {
        // The queue keeps no reference to a sent piece.
        this.#pieces[this.#index++] = NO_BYTES;
        this.#offset = 0;
      }
    }
    if (this.#index === this.#pieces.length) {
      this.#dropPieces();
    }
  }

  /** Drops the bytes in the queue. */
  clear(): void {
    this.#dropPieces();
    this.#bytes = 0;
    this.#listeners.forEach((listener) => (listener.end = Math.min(listener.end, this.#movedBytes)));
    this.release(0);
  }

  #dropPieces(): void {
    this.#pieces = [];
    this.#index = 0;
    this.#offset = 0;
  }
}
