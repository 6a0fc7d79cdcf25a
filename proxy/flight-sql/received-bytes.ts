/**
 * Bytes as they came: in pieces, each a view of what one network read brought.
 *
 * Most of a large result goes on to Grafana without anyone looking into it. So it is joined only for those who do.
 */
export class ReceivedBytes {
  #pieces: readonly Uint8Array[];

  constructor(
    pieces: readonly Uint8Array[],
    readonly length: number
  ) {
    this.#pieces = pieces;
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** The bytes in one place; memory of their own unless they came so. The pieces are let go. */
  joined(): Uint8Array {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first !== undefined) {
      return first;
    }
    const bytes = Buffer.allocUnsafeSlow(this.length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [bytes];
    return bytes;
  }

  /** What follows the first `count` bytes. */
  after(count: number): ReceivedBytes {
    const rest: Uint8Array[] = [];
    let skip = count;
    for (const piece of this.#pieces) {
      if (skip < piece.length) {
        rest.push(skip === 0 ? piece : piece.subarray(skip));
      }
      skip = Math.max(0, skip - piece.length);
    }
    return new ReceivedBytes(rest, this.length - count);
  }
}
