/**
 * One call to the server as a sequence of messages that the consumer pulls.
 *
 * Little is read ahead; the rest stays with the server, held back by flow control. What ends a call early (the consumer,
 * a signal, the deadline) resets its stream at once, and the server stops the query.
 */
import { framed } from '../grpc/message-prefix';
import { Status } from '../grpc/status';
import { decodeGrpcMessage } from '../grpc/status-message';
import { grpcTimeout } from '../grpc/timeout';
import { type HeaderField } from '../http2/hpack/header-field';
import { type Headers } from '../http2/headers';
import { ErrorCode } from '../http2/protocol';
import { type Http2Stream, type StreamEvents } from '../http2/stream';
import { ProxyError } from '../errors/proxy-error';
import { type MemoryAccount } from '../memory/memory-account';
import { type MetadataEntry } from './call-metadata';
import { CallFailed, type CallFailure } from './call-failure';
import { type Connection } from './connection';
import { BadFraming, MessageAssembler, TooLong } from './message-assembler';

/** Bytes that may wait for the consumer before no more are read. Below the half of it, reading goes on. */
const BYTES_AHEAD = 1024 * 1024;

/** Bytes from which on an answer counts as large: others should not wait behind it. */
const LARGE_BYTES = 1024 * 1024;

/** What a message takes beside its bytes, so that empty ones are not kept without end. */
const MESSAGE_BYTES = 128;

const USER_AGENT = 'micromegas-grafana';

export interface CallRequest {
  path: string;
  message: Uint8Array;
  metadata: readonly MetadataEntry[];
  /** Milliseconds that are left for the call. */
  timeoutMs: number;
  signal: AbortSignal;
  /** What is received is taken from it. */
  memory: MemoryAccount;
}

interface Waiting {
  resolve: (message: Uint8Array | undefined) => void;
  reject: (reason: CallFailed) => void;
}

function statusOf(headers: Headers): CallFailure | 'ok' | undefined {
  const code = headers.get('grpc-status');
  if (code === undefined) {
    return undefined;
  }
  return code === '0'
    ? 'ok'
    : {
        kind: 'status',
        code: /^\d+$/.test(code) ? Number(code) : Status.UNKNOWN,
        details: decodeGrpcMessage(headers.get('grpc-message') ?? ''),
      };
}

/** @throws What is no failure of a call. */
function failureOf(reason: unknown): CallFailure {
  if (reason instanceof TooLong) {
    return { kind: 'too-large', bytes: reason.bytes };
  }
  if (reason instanceof BadFraming) {
    return { kind: 'protocol', what: reason.message };
  }
  if (reason instanceof ProxyError) {
    return { kind: 'memory', error: reason };
  }
  throw reason;
}

/** A running call. Read it to the end or cancel it. */
export class MessageStream implements StreamEvents {
  readonly #stream: Http2Stream;
  readonly #assembler: MessageAssembler;
  readonly #queue: Uint8Array[] = [];
  readonly #timer: NodeJS.Timeout;
  #queuedBytes = 0;
  #receivedBytes = 0;
  #waiting: Waiting | undefined;
  /** What the server said of the outcome; the call ends when its messages are all there. */
  #isOk = false;
  /** The server's side has ended while a message waits for memory. */
  #hasEnded = false;
  #end: CallFailure | 'ok' | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly request: CallRequest
  ) {
    const { path, message, metadata, timeoutMs, signal } = request;
    this.#assembler = new MessageAssembler((received) => this.#received(received), request.memory);
    const fields: HeaderField[] = [
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['grpc-timeout', grpcTimeout(timeoutMs)],
      ['grpc-accept-encoding', 'identity'],
      ['user-agent', USER_AGENT],
      ...metadata,
    ];
    this.#stream = connection.request(path, fields, this);
    connection.began(this);
    this.#timer = setTimeout(() => this.#giveUp({ kind: 'deadline' }), timeoutMs);
    this.#stream.write(framed(message));
    this.#stream.end();
    if (signal.aborted) {
      this.cancel();
    } else {
      signal.addEventListener('abort', this.#abort, { once: true });
    }
  }

  /**
   * The next message; undefined when the call ended well. One call at a time.
   *
   * @throws {CallFailed} as soon as the call has failed, even if messages still wait: they are part of no result.
   */
  next(): Promise<Uint8Array | undefined> {
    if (this.#end !== undefined && this.#end !== 'ok') {
      return Promise.reject(new CallFailed(this.#end));
    }
    const message = this.#queue.shift();
    if (message !== undefined) {
      this.#queuedBytes -= message.length + MESSAGE_BYTES;
      if (this.#queuedBytes < BYTES_AHEAD / 2 && this.#stream.isPaused && !this.#assembler.isWaiting) {
        this.#stream.resume();
      }
      return Promise.resolve(message);
    }
    if (this.#end === 'ok') {
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Ends the call on the server too. Without effect on one that has ended. */
  cancel(): void {
    this.#giveUp({ kind: 'cancelled' });
  }

  readonly #abort = () => this.cancel();

  onHeaders(headers: Headers): void {
    const status = Number(headers.get(':status'));
    const isGrpc = (headers.get('content-type') ?? '').startsWith('application/grpc');
    if (status !== 200 || !isGrpc) {
      // A load balancer that knows gRPC says it in both languages; the one of gRPC is the richer.
      const outcome = isGrpc ? statusOf(headers) : undefined;
      this.#giveUp(outcome !== undefined && outcome !== 'ok' ? outcome : { kind: 'http', status });
      return;
    }
    const outcome = statusOf(headers);
    if (outcome !== undefined) {
      this.#concluded(outcome);
    }
  }

  onTrailers(headers: Headers): void {
    this.#concluded(statusOf(headers));
  }

  #concluded(outcome: CallFailure | 'ok' | undefined): void {
    if (outcome === 'ok') {
      this.#isOk = true;
    } else {
      this.#giveUp(outcome ?? { kind: 'protocol', what: 'Its answer has no gRPC status.' });
    }
  }

  onEnd(): void {
    if (!this.#isOk) {
      // Without trailers, what closes the stream knows whether it was a reset.
      return;
    }
    if (this.#assembler.isWaiting) {
      this.#hasEnded = true;
      return;
    }
    this.#settle(
      this.#assembler.isPartial ? { kind: 'protocol', what: 'Its answer ends in the middle of a message.' } : 'ok'
    );
  }

  onClose(code: number | undefined): void {
    if (this.#hasEnded && this.#assembler.isWaiting) {
      // All of it has come: it is read as soon as there is memory.
      return;
    }
    if (code === ErrorCode.REFUSED_STREAM) {
      this.#settle({ kind: 'refused' });
    } else if (code === undefined) {
      this.#settle({ kind: 'connection', reason: this.connection.failure });
    } else if (code === ErrorCode.NO_ERROR) {
      this.#settle({ kind: 'protocol', what: 'Its answer has no gRPC status.' });
    } else {
      this.#settle({ kind: 'reset', http2Code: code });
    }
  }

  onData(chunk: Uint8Array): void {
    if (this.#end !== undefined) {
      return;
    }
    const before = this.#receivedBytes;
    this.#receivedBytes += chunk.length;
    if (before < LARGE_BYTES && this.#receivedBytes >= LARGE_BYTES) {
      this.connection.isLarge(this);
    }
    this.#assemble(() => this.#assembler.push(chunk));
  }

  /** Reads what has come. While a large message waits for memory, the server sends no more than its window. */
  #assemble(read: () => Promise<void> | undefined): void {
    let room: Promise<void> | undefined;
    try {
      room = read();
    } catch (reason) {
      this.#giveUp(failureOf(reason));
      return;
    }
    if (room !== undefined) {
      this.#stream.pause();
      room.then(
        () => this.#goOn(),
        (reason: unknown) => this.#giveUp(failureOf(reason))
      );
    } else if (this.#queuedBytes >= BYTES_AHEAD) {
      this.#stream.pause();
    }
  }

  /** There is memory for the message that waits. */
  #goOn(): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#assemble(() => this.#assembler.resume());
    if (this.#assembler.isWaiting) {
      return;
    }
    if (this.#hasEnded) {
      this.onEnd();
    } else if (this.#queuedBytes < BYTES_AHEAD / 2) {
      this.#stream.resume();
    }
  }

  #received(message: Uint8Array): void {
    if (this.#waiting === undefined) {
      this.#queue.push(message);
      this.#queuedBytes += message.length + MESSAGE_BYTES;
    } else {
      this.#waiting.resolve(message);
      this.#waiting = undefined;
    }
  }

  /** Ends the call on both sides. */
  #giveUp(failure: CallFailure): void {
    if (this.#end === undefined) {
      this.#settle(failure);
      this.#stream.reset(ErrorCode.CANCEL);
    }
  }

  #settle(end: CallFailure | 'ok'): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#end = end;
    clearTimeout(this.#timer);
    this.request.signal.removeEventListener('abort', this.#abort);
    this.connection.ended(this);
    if (end === 'ok') {
      this.#waiting?.resolve(undefined);
    } else {
      this.#queue.length = 0;
      this.#waiting?.reject(new CallFailed(end));
    }
    this.#waiting = undefined;
  }
}
