/** Reads a known number of bytes from a socket and leaves what follows in it. */
import { type Readable } from 'node:stream';

/** Node's code for a connection that ends where more was expected. */
class Ended extends Error {
  override readonly name = 'Ended';
  readonly code = 'ECONNRESET';
}

/** @throws Node's error, or one with ECONNRESET when the stream ends before. */
export function readBytes(stream: Readable, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      stream.off('readable', take);
      stream.off('error', fail);
      stream.off('end', ended);
      stream.off('close', ended);
    };
    const take = () => {
      const bytes: unknown = stream.read(count);
      if (Buffer.isBuffer(bytes) && bytes.length === count) {
        stop();
        resolve(bytes);
      }
    };
    const fail = (reason: unknown) => {
      stop();
      reject(reason);
    };
    const ended = () => fail(new Ended('The connection ended'));
    stream.on('readable', take);
    stream.on('error', fail);
    stream.on('end', ended);
    stream.on('close', ended);
    take();
  });
}
