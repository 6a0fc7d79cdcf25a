/** What the peer may still send, on one stream or on all together. Rules: RFC 9113, sections 5.2 and 6.9. */
export class ReceiveWindow {
  readonly #bytes: number;
  #left: number;
  /** Received bytes that the window lacks. */
  #owed = 0;

  /** @param bytes Width of the window. */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /** Bytes that the peer may still send. */
  get leftBytes(): number {
    return this.#left;
  }

  /** Counts what has come. @returns False when the peer sent more than it may. */
  count(length: number): boolean {
    this.#left -= length;
    this.#owed += length;
    return this.#left >= 0;
  }

  /** Opens it again, once half of it is used. @returns By how many bytes; 0 while that is not worth a frame. */
  reopen(): number {
    const owed = this.#owed;
    if (owed < this.#bytes / 2) {
      return 0;
    }
    this.#left += owed;
    this.#owed = 0;
    return owed;
  }
}
