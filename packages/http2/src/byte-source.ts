/**
 * Reads a socket into one buffer that is reused for every read. By default Node.js allocates a buffer for each read,
 * which keeps the garbage collector busy during large transfers.
 */
import { type OnReadOpts } from 'node:net';

/** Size of the buffer: one read returns at most this many bytes. */
const READ_BYTES = 256 * 1024;

/**
 * Delivers the bytes of one socket to one listener. Create the socket with `connect({ ..., onread: source.onread })`,
 * and pass both to the connection.
 */
export class ByteSource {
  #listener: ((bytes: Buffer) => void) | undefined;
  /** Copies of the bytes that arrived before there was a listener. */
  readonly #early: Buffer[] = [];

  /**
   * The option `onread` of `net.connect`. Each socket needs its own source, because some operating systems may write
   * into the buffer of a socket at any time.
   */
  readonly onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (length, bytes) => {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
      if (this.#listener === undefined) {
        this.#early.push(Buffer.from(view));
      } else {
        this.#listener(view);
      }
      return true;
    },
  };

  /**
   * @param listener Gets all bytes, including those that have already arrived. The bytes are valid only during the
   *   call.
   */
  sendTo(listener: (bytes: Buffer) => void): void {
    this.#listener = listener;
    this.#early.splice(0).forEach(listener);
  }
}
