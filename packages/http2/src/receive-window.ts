/** The bytes that the peer may send, on one stream or on the connection. Rules: RFC 9113, sections 5.2 and 6.9. */
export class ReceiveWindow {
  readonly #bytes: number;
  #left: number;
  /** Bytes received since the last WINDOW_UPDATE. */
  #received = 0;

  /** @param bytes Size of the window. */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#left = bytes;
  }

  /** Bytes that the peer may still send. */
  get leftBytes(): number {
    return this.#left;
  }

  /** Counts received bytes. @returns False when the peer has sent more than the window allows. */
  count(length: number): boolean {
    this.#left -= length;
    this.#received += length;
    return this.#left >= 0;
  }

  /** Opens the window again when half of it is used. @returns Bytes for a WINDOW_UPDATE frame; 0 for none. */
  reopen(): number {
    const received = this.#received;
    if (received < this.#bytes / 2) {
      return 0;
    }
    this.#left += received;
    this.#received = 0;
    return received;
  }
}
