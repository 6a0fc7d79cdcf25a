/**
 * One call to the server as a sequence of messages that the consumer pulls.
 *
 * It sits on grpc-js's channel rather than on its stream objects: those read sixteen messages ahead, which for record
 * batches is tens of megabytes a query. Here a few wait at most, and the rest stays with the server (flow control).
 */
import { Metadata, status as Status, type Client, type StatusObject } from '@grpc/grpc-js';
import { type MetadataEntry } from './call-metadata';
import { type FlightFailure } from './flight-errors';

/** Messages that are read before the consumer asks for them. */
const MESSAGES_AHEAD = 2;

export interface CallRequest {
  path: string;
  message: Uint8Array;
  metadata: readonly MetadataEntry[];
  /** Milliseconds since 1970. */
  deadlineMs: number;
  signal: AbortSignal;
}

/** A call that ended with another status than OK. Becomes a ProxyError one level up, where its purpose is known. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';

  constructor(readonly failure: FlightFailure) {
    super(failure.details);
  }
}

interface Waiting {
  resolve: (message: Buffer | undefined) => void;
  reject: (reason: CallFailed) => void;
}

type ChannelCall = ReturnType<ReturnType<Client['getChannel']>['createCall']>;

/** A running call. Read it to the end or cancel it. */
export class MessageStream {
  readonly #call: ChannelCall;
  readonly #signal: AbortSignal;
  readonly #queue: Buffer[] = [];
  #waiting: Waiting | undefined;
  #status: FlightFailure | undefined;
  #isReading = false;

  constructor(client: Client, request: CallRequest) {
    this.#call = client.getChannel().createCall(request.path, request.deadlineMs, null, null, undefined);
    this.#signal = request.signal;
    const metadata = new Metadata();
    for (const [name, value] of request.metadata) {
      metadata.set(name, value);
    }
    this.#call.start(metadata, {
      onReceiveMetadata: () => undefined,
      onReceiveMessage: (message: Buffer) => this.#received(message),
      onReceiveStatus: (status) => this.#ended(status),
    });
    this.#call.sendMessageWithContext({}, Buffer.from(request.message));
    this.#call.halfClose();
    this.#readAhead();
    if (this.#signal.aborted) {
      this.#abort();
    } else {
      this.#signal.addEventListener('abort', this.#abort, { once: true });
    }
  }

  /**
   * The next message; undefined when the call ended well. One call at a time.
   *
   * @throws {CallFailed} as soon as the call has failed, even if messages still wait: they are part of no result.
   */
  next(): Promise<Buffer | undefined> {
    if (this.#status !== undefined && this.#status.code !== Status.OK) {
      return Promise.reject(new CallFailed(this.#status));
    }
    const message = this.#queue.shift();
    if (message !== undefined) {
      this.#readAhead();
      return Promise.resolve(message);
    }
    if (this.#status !== undefined) {
      return Promise.resolve(undefined);
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** Ends the call on the server too. Without effect on one that has ended. */
  cancel(code: Status = Status.CANCELLED, details = 'Cancelled'): void {
    if (this.#status === undefined) {
      this.#call.cancelWithStatus(code, details);
    }
  }

  readonly #abort = () => this.cancel();

  #readAhead(): void {
    if (!this.#isReading && this.#status === undefined && this.#queue.length < MESSAGES_AHEAD) {
      this.#isReading = true;
      this.#call.startRead();
    }
  }

  #received(message: Buffer): void {
    this.#isReading = false;
    if (this.#waiting === undefined) {
      this.#queue.push(message);
    } else {
      this.#waiting.resolve(message);
      this.#waiting = undefined;
    }
    this.#readAhead();
  }

  #ended(status: StatusObject): void {
    if (this.#status !== undefined) {
      return;
    }
    this.#status = { code: status.code, details: status.details };
    this.#signal.removeEventListener('abort', this.#abort);
    if (status.code === Status.OK) {
      this.#waiting?.resolve(undefined);
    } else {
      this.#queue.length = 0;
      this.#waiting?.reject(new CallFailed(this.#status));
    }
    this.#waiting = undefined;
  }
}
