/**
 * Reads of a socket into one buffer, used again and again. By itself Node makes a buffer for each read, and large results
 * keep its garbage collection busy with them.
 */
import { type OnReadOpts } from 'node:net';

/** Bytes that one read brings at most. */
const READ_BYTES = 256 * 1024;

export class ByteSource {
  #take: ((bytes: Buffer) => void) | undefined;
  /** What came before anyone asked. */
  readonly #early: Buffer[] = [];

  /** For the options of a connection: a buffer is its socket's own, since some systems fill it at any time. */
  readonly onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (length, bytes) => {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
      if (this.#take === undefined) {
        this.#early.push(Buffer.from(view));
      } else {
        this.#take(view);
      }
      return true;
    },
  };

  /** @param take Is given what comes from now on, and what came before. The bytes are valid during the call only. */
  sendTo(take: (bytes: Buffer) => void): void {
    this.#take = take;
    this.#early.splice(0).forEach(take);
  }
}
