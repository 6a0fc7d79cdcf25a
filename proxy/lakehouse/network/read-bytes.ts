/** Reads an exact number of bytes from a socket. The bytes after them stay in the socket. */
import { type Readable } from 'node:stream';

/** The connection ended too early. The error has the code that Node uses for closed connections. */
class ConnectionEndedError extends Error {
  override readonly name = 'ConnectionEndedError';
  readonly code = 'ECONNRESET';
}

/**
 * Resolves with exactly `count` bytes.
 *
 * @throws Node's error, or an error with code ECONNRESET when the stream ends early.
 */
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
    const ended = () => fail(new ConnectionEndedError('The connection ended'));
    stream.on('readable', take);
    stream.on('error', fail);
    stream.on('end', ended);
    stream.on('close', ended);
    take();
    // A destroyed or ended stream emits no further event. After `resolve`, `fail` has no effect.
    if (stream.destroyed || stream.readableEnded) {
      fail(stream.errored ?? new ConnectionEndedError('The connection ended'));
    }
  });
}
