/** Reads the one message of a unary or server-streaming request. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { PREFIX_BYTES } from '../grpc/message-prefix';
import { Status } from '../grpc/status';
import { GrpcError } from './grpc-error';
import { hasCode } from './node-error';

/** Longest request, compressed or not. Queries are small, but bodies of resource calls and secrets count. */
export const MAX_REQUEST_BYTES = 128 * 1024 * 1024;

/** What a caller sends, put together as it comes. */
export class RequestBody {
  /** What has come, and room for more. */
  #content = Buffer.alloc(0);
  #bytes = 0;
  #outcome: GrpcError | 'complete' | undefined;
  #wakeUp: (() => void) | undefined;

  constructor(private readonly maxBytes = MAX_REQUEST_BYTES) {}

  /** @param bytes Are copied. */
  push(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) {
      return;
    }
    const end = this.#bytes + bytes.length;
    if (end > PREFIX_BYTES + this.maxBytes) {
      this.#content = Buffer.alloc(0);
      this.#settle(tooLong(this.maxBytes));
      return;
    }
    if (end > this.#content.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, 2 * this.#bytes));
      grown.set(this.#content.subarray(0, this.#bytes));
      this.#content = grown;
    }
    this.#content.set(bytes, this.#bytes);
    this.#bytes = end;
  }

  /** The caller has sent everything. */
  end(): void {
    this.#settle('complete');
  }

  /** The caller left. Every stream ends by this: an error is made only where somebody will see it. */
  cut(): void {
    if (this.#outcome === undefined) {
      this.#settle(new GrpcError(Status.CANCELLED, 'The caller left.'));
    }
  }

  /**
   * The message, once the caller has sent everything.
   *
   * @param encoding Header `grpc-encoding`.
   * @throws {GrpcError} RESOURCE_EXHAUSTED when it is too long, UNIMPLEMENTED when its compression is not known, INTERNAL
   *   when the framing is broken, CANCELLED when the caller left in the middle.
   */
  async message(encoding: string | undefined): Promise<Uint8Array> {
    if (this.#outcome === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeUp = resolve;
      });
    }
    if (this.#outcome !== 'complete') {
      throw this.#outcome;
    }
    const framed = this.#content.subarray(0, this.#bytes);
    const message = contentOf(framed);
    return framed[0] === 0 ? message : decompress(message, encoding, this.maxBytes);
  }

  #settle(outcome: GrpcError | 'complete'): void {
    this.#outcome ??= outcome;
    this.#wakeUp?.();
  }
}

function contentOf(framed: Buffer): Buffer {
  if (framed.length < PREFIX_BYTES) {
    throw new GrpcError(Status.INTERNAL, 'The request ended before its message.');
  }
  const length = framed.readUInt32BE(1);
  if (framed.length !== PREFIX_BYTES + length) {
    throw new GrpcError(
      Status.INTERNAL,
      `The request announced ${length} bytes and brought ${framed.length - PREFIX_BYTES}.`
    );
  }
  return framed.subarray(PREFIX_BYTES);
}

function tooLong(maxBytes: number): GrpcError {
  return new GrpcError(Status.RESOURCE_EXHAUSTED, `The request is longer than ${maxBytes} bytes.`);
}

const gunzipAsync = promisify(gunzip);

async function decompress(message: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  if (encoding !== 'gzip') {
    const name = encoding ?? 'none';
    throw new GrpcError(Status.UNIMPLEMENTED, `Requests compressed with "${name}" are not understood, only gzip.`);
  }
  try {
    return await gunzipAsync(message, { maxOutputLength: maxBytes });
  } catch (reason) {
    throw hasCode(reason, 'ERR_BUFFER_TOO_LARGE')
      ? tooLong(maxBytes)
      : new GrpcError(Status.INTERNAL, 'The compressed request cannot be decompressed.');
  }
}
