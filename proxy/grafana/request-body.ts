/**
 * Reads the message of a unary or server-streaming request.
 *
 * Any process that can connect to the listener can send requests. So every received and every decompressed byte is
 * counted in the memory account of the request. An announced length allocates no memory. A request has a time limit to
 * arrive.
 */
import { createGunzip } from 'node:zlib';
import { ProxyError } from '../base/errors/proxy-error';
import { PREFIX_BYTES, Status } from '../base/grpc';
import { type MemoryAccount } from '../observe/memory/memory-account';
import { GrpcError } from './grpc-method';

/**
 * Time limit for a request to arrive, in milliseconds. This is enough, because callers are on the same machine or
 * network.
 */
export const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Minimum size of the first buffer of a message, in bytes. Each later buffer has at least twice the size of the
 * previous buffer, up to the limit of the account.
 */
const FIRST_BYTES = 4096;

/** A buffer that grows as bytes arrive, in the memory of a request. */
class GrowingBytes {
  readonly #memory: MemoryAccount;
  #content: Uint8Array | undefined;
  #bytes = 0;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** @throws {GrpcError} RESOURCE_EXHAUSTED for a request that is too long, or if other requests use the memory. */
  push(bytes: Uint8Array): void {
    const end = this.#bytes + bytes.length;
    const { limitBytes } = this.#memory;
    if (end > limitBytes) {
      throw new GrpcError(Status.RESOURCE_EXHAUSTED, `The request is longer than ${limitBytes} bytes.`);
    }
    const content = this.#room(end, limitBytes);
    content.set(bytes, this.#bytes);
    this.#bytes = end;
  }

  get content(): Uint8Array {
    return this.#content?.subarray(0, this.#bytes) ?? new Uint8Array(0);
  }

  free(): void {
    if (this.#content !== undefined) {
      this.#memory.free(this.#content);
      this.#content = undefined;
      this.#bytes = 0;
    }
  }

  #room(end: number, maxLength: number): Uint8Array {
    const content = this.#content;
    if (content !== undefined && end <= content.length) {
      return content;
    }
    try {
      this.#content =
        content === undefined
          ? this.#memory.take(Math.min(maxLength, Math.max(end, FIRST_BYTES)))
          : this.#memory.grow(content, this.#bytes, Math.min(maxLength, Math.max(end, 2 * content.length)));
      return this.#content;
    } catch (reason) {
      throw reason instanceof ProxyError
        ? new GrpcError(Status.RESOURCE_EXHAUSTED, 'Other requests use the memory for requests. Try again.')
        : reason;
    }
  }
}

/** The body of a request, assembled as it arrives. */
export class RequestBody {
  readonly #memory: MemoryAccount;
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  readonly #message: GrowingBytes;
  readonly #timer: NodeJS.Timeout;
  #received = 0;
  #outcome: GrpcError | 'complete' | undefined;
  #wakeUp: (() => void) | undefined;

  /** @param memory Account of this request. Its limit is the maximum length of the request. */
  constructor(memory: MemoryAccount, timeoutMs = REQUEST_TIMEOUT_MS) {
    this.#memory = memory;
    this.#message = new GrowingBytes(memory);
    const late = () => this.#fail(new GrpcError(Status.DEADLINE_EXCEEDED, 'The request did not arrive in time.'));
    this.#timer = setTimeout(late, timeoutMs).unref();
  }

  /** @param bytes The bytes are copied. */
  push(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) {
      return;
    }
    const ofPrefix = Math.min(bytes.length, Math.max(0, PREFIX_BYTES - this.#received));
    this.#prefix.set(bytes.subarray(0, ofPrefix), Math.min(this.#received, PREFIX_BYTES));
    this.#received += bytes.length;
    try {
      if (bytes.length > ofPrefix) {
        this.#message.push(bytes.subarray(ofPrefix));
      }
    } catch (reason) {
      if (!(reason instanceof GrpcError)) {
        throw reason;
      }
      this.#fail(reason);
    }
  }

  /** Call this when the caller has sent the complete request. */
  end(): void {
    this.#settle('complete');
  }

  /** Call this when the stream closes, with or without a complete request. */
  close(): void {
    if (this.#outcome === undefined) {
      this.#fail(new GrpcError(Status.CANCELLED, 'The caller left.'));
    }
  }

  /**
   * Waits for the complete message, which is in the memory of the request.
   *
   * @param encoding Header `grpc-encoding`.
   * @throws {GrpcError} RESOURCE_EXHAUSTED if the request is too long or other requests use the memory; UNIMPLEMENTED
   *   for an unknown compression; INTERNAL for malformed framing or malformed gzip data; CANCELLED if the caller left
   *   before the end; DEADLINE_EXCEEDED if the request did not arrive in time.
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
    const message = this.#checked();
    return this.#prefix[0] === 0 ? message : this.#decompress(message, encoding);
  }

  #checked(): Uint8Array {
    if (this.#received < PREFIX_BYTES) {
      throw new GrpcError(Status.INTERNAL, 'The request has no message.');
    }
    const length = this.#prefix.readUInt32BE(1);
    const { content } = this.#message;
    if (content.length !== length) {
      throw new GrpcError(Status.INTERNAL, `The request announces ${length} bytes, but has ${content.length} bytes.`);
    }
    return content;
  }

  async #decompress(message: Uint8Array, encoding: string | undefined): Promise<Uint8Array> {
    if (encoding !== 'gzip') {
      const name = encoding ?? 'none';
      throw new GrpcError(Status.UNIMPLEMENTED, `Requests may be compressed with gzip only, not with "${name}".`);
    }
    const content = new GrowingBytes(this.#memory);
    const gunzip = createGunzip();
    gunzip.end(message);
    try {
      for await (const chunk of gunzip) {
        content.push(chunk as Uint8Array);
      }
    } catch (reason) {
      throw isZlibError(reason)
        ? new GrpcError(Status.INTERNAL, 'The compressed request cannot be decompressed.')
        : reason;
    }
    this.#message.free();
    return content.content;
  }

  #fail(reason: GrpcError): void {
    this.#message.free();
    this.#settle(reason);
  }

  #settle(outcome: GrpcError | 'complete'): void {
    clearTimeout(this.#timer);
    this.#outcome ??= outcome;
    this.#wakeUp?.();
  }
}

/** True if zlib failed because the bytes are not valid gzip data, or because they end too early. */
function isZlibError(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && String(reason.code).startsWith('Z_');
}
