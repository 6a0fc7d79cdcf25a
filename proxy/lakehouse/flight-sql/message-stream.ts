/**
 * One gRPC call. The consumer pulls its messages.
 *
 * About `BYTES_AHEAD` bytes of messages are queued. When the queue is full, flow control makes the server wait. When
 * the consumer, a signal or the deadline ends the call early, the stream of the call is reset immediately, and the
 * server stops the query.
 */
import {
  Http2ErrorCode,
  Fifo,
  type HeaderField,
  type Headers,
  type Http2Stream,
  type StreamEvents,
} from '@micromegas/http2';
import { framed, grpcTimeout } from '../../base/grpc';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ReceivingMemory } from '../../observe/memory/memory-account';
import { type MetadataEntry } from './call-metadata';
import { responseEvidence, senderOf } from '../network/response-origin';
import { CallError, type CallFailure, type StatusFailure, statusOf } from './call-failure';
import { type Connection } from './connection';
import { FramingError, MessageAssembler, MessageTooLongError } from './message-assembler';

/** Queued bytes at which reading pauses. Reading resumes when less than half of this is queued. */
const BYTES_AHEAD = 1024 * 1024;

/** A response is large when this many bytes were received. Other calls then use another connection. */
const LARGE_BYTES = 1024 * 1024;

/** Bytes that are counted for each queued message in addition to its length, because its objects need memory too. */
const MESSAGE_BYTES = 256;

/**
 * Limit for the number of queued messages. Flow control lets a server send 8 MiB ahead. Record batches have at least a
 * few hundred bytes, so 8 MiB of record batches stay below the limit.
 */
const MAX_QUEUED = 65_536;

/** Maximum number of messages that the consumer gets in one turn of the event loop. */
const MESSAGES_PER_TURN = 256;

/**
 * A PING is sent this many milliseconds before the deadline. If the time limit is short: a quarter of the limit before
 * it.
 */
const PING_BEFORE_DEADLINE_MS = 1000;
/**
 * Minimum time between the PING and the deadline, in milliseconds. If the server has less time for its response, a
 * missing response does not show that the server hangs.
 */
const LEAST_PING_MS = 100;

const USER_AGENT = 'micromegas-grafana';

/** One gRPC call with a single request message. */
export interface CallRequest {
  /** `/service/method`. */
  path: string;
  /** Protobuf, without the gRPC prefix. */
  message: Uint8Array;
  metadata: readonly MetadataEntry[];
  /** Milliseconds that are left for the call. */
  timeoutMs: number;
  signal: AbortSignal;
  /** The account from which the memory for received bytes is taken. */
  memory: ReceivingMemory;
  /** Called when all messages of a successful call have arrived. */
  onReceived?: (() => void) | undefined;
}

interface Waiting {
  resolve: (message: Uint8Array | undefined) => void;
  reject: (reason: CallError) => void;
}

/** @throws `reason` unchanged if `reason` is not a failure of a call. */
function failureOf(reason: unknown): CallFailure {
  if (reason instanceof MessageTooLongError) {
    return { kind: 'too-large', bytes: reason.bytes };
  }
  if (reason instanceof FramingError) {
    return { kind: 'protocol', what: reason.message };
  }
  if (reason instanceof ProxyError) {
    return { kind: 'memory', error: reason };
  }
  throw reason;
}

/** A running call. Read it to the end or cancel it. */
export class MessageStream implements StreamEvents {
  readonly #connection: Connection;
  readonly #request: CallRequest;
  readonly #stream: Http2Stream;
  readonly #assembler: MessageAssembler;
  readonly #queue = new Fifo<Uint8Array>();
  /** Number of messages that the consumer got in this turn of the event loop. */
  #takenCount = 0;
  #timer: NodeJS.Timeout;
  #queuedBytes = 0;
  #receivedBytes = 0;
  #waiting: Waiting | undefined;
  /** True once the server reported success. The call ends when all messages have arrived. */
  #isOk = false;
  /** True if the server ended the stream while a message waits for memory. */
  #hasEnded = false;
  #end: CallFailure | 'ok' | undefined;
  /** The headers that name the sender of a gRPC response. Undefined before the headers have arrived. */
  #sender: readonly string[] | undefined;

  constructor(connection: Connection, request: CallRequest) {
    this.#connection = connection;
    this.#request = request;
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
    const lastMs = Math.min(PING_BEFORE_DEADLINE_MS, timeoutMs / 4);
    this.#timer = setTimeout(() => this.#awaitDeadline(lastMs), timeoutMs - lastMs);
    this.#stream.write(framed(message));
    this.#stream.end();
    if (signal.aborted) {
      this.cancel();
    } else {
      signal.addEventListener('abort', this.#abort, { once: true });
    }
  }

  /**
   * The next message; undefined after the last message of a successful call. Await the result before you call `next`
   * again.
   *
   * @throws {CallError} as soon as the call has failed. Queued messages are dropped.
   */
  next(): Promise<Uint8Array | undefined> {
    if (this.#end !== undefined && this.#end !== 'ok') {
      return Promise.reject(new CallError(this.#end));
    }
    const message = this.#queue.shift();
    if (message !== undefined) {
      this.#queuedBytes -= message.length + MESSAGE_BYTES;
      this.#request.memory.noteUnread(-message.length);
      if (this.#queuedBytes < BYTES_AHEAD / 2 && this.#stream.isPaused && !this.#assembler.isWaiting) {
        this.#stream.resume();
      }
      return this.#inTurn(message);
    }
    if (this.#end === 'ok') {
      return Promise.resolve(undefined);
    }
    this.#takenCount = 0;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /**
   * Yields to the event loop after some messages. A consumer that always finds a queued message would block the event
   * loop.
   */
  #inTurn(message: Uint8Array): Promise<Uint8Array> {
    this.#takenCount++;
    if (this.#takenCount < MESSAGES_PER_TURN) {
      return Promise.resolve(message);
    }
    this.#takenCount = 0;
    return new Promise((resolve) => setImmediate(resolve, message));
  }

  /** Cancels the call on the server, unless the call has ended. Drops queued messages. */
  cancel(): void {
    this.#fail({ kind: 'cancelled' });
    this.#dropQueue();
  }

  readonly #abort = () => this.cancel();

  /**
   * Sends a PING before the deadline. A server that is busy with the query responds to the PING; a server that hangs
   * does not.
   */
  #awaitDeadline(lastMs: number): void {
    const { bytesRead } = this.#connection;
    this.#connection.pingServer();
    this.#timer = setTimeout(() => {
      const isServerAlive = lastMs < LEAST_PING_MS || this.#connection.bytesRead > bytesRead;
      this.#fail({ kind: 'deadline', isServerAlive });
    }, lastMs);
  }

  onHeaders(headers: Headers): void {
    this.#connection.noteResponse();
    const status = Number(headers.get(':status'));
    const isGrpc = (headers.get('content-type') ?? '').startsWith('application/grpc');
    if (status !== 200 || !isGrpc) {
      // A load balancer that supports gRPC sends an HTTP status and a gRPC status. The gRPC status is more specific.
      const outcome = isGrpc ? statusOf(headers) : undefined;
      const evidence = responseEvidence(status, headers);
      this.#fail(
        outcome !== undefined && outcome !== 'ok'
          ? { ...outcome, sender: senderOf(headers) }
          : { kind: 'http', status, evidence }
      );
      return;
    }
    this.#sender = senderOf(headers);
    const outcome = statusOf(headers);
    if (outcome !== undefined) {
      this.#setOutcome(outcome);
    }
  }

  onTrailers(headers: Headers): void {
    this.#connection.noteResponse();
    this.#setOutcome(statusOf(headers));
  }

  #setOutcome(outcome: StatusFailure | 'ok' | undefined): void {
    if (outcome === 'ok') {
      this.#isOk = true;
    } else {
      this.#fail(outcome === undefined ? this.#withoutStatus() : { ...outcome, sender: this.#sender ?? [] });
    }
  }

  /** The failure of a response that ended without a gRPC status. */
  #withoutStatus(): CallFailure {
    return this.#sender === undefined
      ? { kind: 'protocol', what: 'The response has no gRPC status.' }
      : { kind: 'no-trailers', sender: this.#sender };
  }

  onEnd(): void {
    if (!this.#isOk) {
      // No trailers with status OK arrived. `onClose` finds out whether the stream was reset.
      return;
    }
    if (this.#assembler.isWaiting) {
      this.#hasEnded = true;
      return;
    }
    this.#settle(
      this.#assembler.isPartial ? { kind: 'protocol', what: 'The response ends in the middle of a message.' } : 'ok'
    );
  }

  onClose(code: number | undefined): void {
    if (this.#hasEnded && this.#assembler.isWaiting) {
      // All bytes have arrived. They are assembled as soon as memory is free.
      return;
    }
    if (code === Http2ErrorCode.REFUSED_STREAM) {
      this.#settle({ kind: 'unprocessed', reason: this.#connection.failure });
    } else if (code === undefined) {
      this.#settle({ kind: 'connection', reason: this.#connection.failure });
    } else if (code === Http2ErrorCode.NO_ERROR) {
      this.#settle(this.#withoutStatus());
    } else {
      this.#settle({ kind: 'reset', http2Code: code });
    }
  }

  onData(chunk: Uint8Array): void {
    this.#connection.noteResponse();
    if (this.#end !== undefined) {
      return;
    }
    const before = this.#receivedBytes;
    this.#receivedBytes += chunk.length;
    if (before < LARGE_BYTES && this.#receivedBytes >= LARGE_BYTES) {
      this.#connection.markLarge(this);
    }
    this.#assemble(() => this.#assembler.push(chunk));
  }

  /** Assembles received bytes. While a large message waits for memory, the stream is paused. */
  #assemble(read: () => Promise<void> | undefined): void {
    let room: Promise<void> | undefined;
    try {
      room = read();
    } catch (reason) {
      this.#fail(failureOf(reason));
      return;
    }
    if (room !== undefined) {
      this.#stream.pause();
      room.then(
        () => this.#resume(),
        (reason: unknown) => this.#fail(failureOf(reason))
      );
    } else if (this.#queuedBytes >= BYTES_AHEAD) {
      this.#stream.pause();
    }
  }

  /** Continues when memory for the waiting message is available. */
  #resume(): void {
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
      if (this.#queue.length >= MAX_QUEUED) {
        throw new FramingError('The server sends more small messages than can be queued.');
      }
      this.#queue.push(message);
      this.#queuedBytes += message.length + MESSAGE_BYTES;
      this.#request.memory.noteUnread(message.length);
    } else {
      this.#waiting.resolve(message);
      this.#waiting = undefined;
    }
  }

  #dropQueue(): void {
    this.#request.memory.noteUnread(this.#queue.length * MESSAGE_BYTES - this.#queuedBytes);
    this.#queue.clear();
    this.#queuedBytes = 0;
  }

  /** Fails the call, and resets its stream. */
  #fail(failure: CallFailure): void {
    if (this.#end === undefined) {
      this.#settle(failure);
      this.#stream.reset(Http2ErrorCode.CANCEL);
    }
  }

  #settle(end: CallFailure | 'ok'): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#end = end;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener('abort', this.#abort);
    this.#connection.ended(this);
    if (end === 'ok') {
      this.#request.onReceived?.();
      this.#waiting?.resolve(undefined);
    } else {
      this.#dropQueue();
      this.#waiting?.reject(new CallError(end));
    }
    this.#waiting = undefined;
  }
}
