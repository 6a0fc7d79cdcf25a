/**
 * One stream of a connection: a request and its answer.
 *
 * It is no Node stream: what arrives is handed on during the read that brought it, and what is sent waits as the pieces
 * that it came in until windows and socket take them.
 *
 * Rules: RFC 9113, sections 5.1, 5.2 and 8.1.
 */
import { frameHeader, resetFrame, windowUpdateFrame } from './frames.ts';
import { contentLength, isInterim, readHeaders, type Headers } from './headers.ts';
import { encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { type Outbox, type Sender } from './outbox.ts';
import { ErrorCode, Flag, FrameType, MAX_WINDOW_BYTES } from './protocol.ts';
import { ReceiveWindow } from './receive-window.ts';
import { SendQueue } from './send-queue.ts';

/** Bytes that may wait to be sent before `room` waits. */
const BYTES_AHEAD = 64 * 1024;

/** What a stream tells the one who uses it. */
export interface StreamEvents {
  /** The headers of the answer (client only; a server has those of the request from the start). */
  onHeaders?(headers: Headers): void;
  /** Valid during the call only: copy what is to stay. */
  onData(bytes: Uint8Array): void;
  onTrailers?(headers: Headers): void;
  /** The peer has sent everything. */
  onEnd(): void;
  /** The last event, always: the code of the reset, NO_ERROR when both sides had ended, undefined when the connection is gone. */
  onClose(code: number | undefined): void;
}

/** What a stream needs of its connection. */
export interface StreamOwner {
  readonly outbox: Outbox;
  readonly isServer: boolean;
  /** Bytes that the peer may send ahead on one stream. */
  readonly windowBytes: number;
  /** A header block as frames, which must go out in the order in which they were asked for. */
  headersFrames(streamId: number, block: Buffer, isEnd: boolean): Buffer[];
  closed(stream: Http2Stream): void;
  /** The peer broke a rule on one stream, which was reset. @throws {ConnectionError} when it does so too often. */
  brokeRule(): void;
}

export class Http2Stream implements Sender {
  readonly #owner: StreamOwner;
  /** 0 while a client's stream waits for the peer to allow one more. */
  id = 0;
  events: StreamEvents | undefined;
  isClosed = false;
  isInLine = false;
  readonly #window: ReceiveWindow;
  readonly #queue = new SendQueue();
  /** True once headers have come: what follows are trailers. */
  #hasHeaders = false;
  #sendWindow = 0;
  #isPaused = false;
  #isRemoteEnded = false;
  #isReset = false;
  #isLocalEnded = false;
  /** What follows the data: nothing yet, its end, or the header block of the trailers. */
  #ending: 'none' | 'data' | Buffer = 'none';
  /** Bytes of the body that were announced and have not come; undefined when none were announced. */
  #missingBytes: number | undefined;
  #room: Promise<void> | undefined;
  #makeRoom: (() => void) | undefined;

  constructor(owner: StreamOwner) {
    this.#owner = owner;
    this.#window = new ReceiveWindow(owner.windowBytes);
  }

  get isRemoteEnded(): boolean {
    return this.#isRemoteEnded;
  }

  /** True once the peer has reset it. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Bytes that the peer may still send on it. */
  get windowBytes(): number {
    return this.#window.leftBytes;
  }

  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  get canSend(): boolean {
    return !this.isClosed && (this.#queue.bytes > 0 ? this.#sendWindow > 0 : this.#ending !== 'none');
  }

  /** Sends headers, ahead of what is written later. Nothing follows when `isEnd`. @throws RangeError for what is no byte. */
  sendHeaders(fields: Iterable<HeaderField>, isEnd = false): void {
    const block = encodeHeaders(fields);
    if (!this.#isDone) {
      this.#isLocalEnded = isEnd;
      this.#owner.outbox.add(this.#owner.headersFrames(this.id, block, isEnd));
      this.#closeIfDone();
    }
  }

  /** Queues bytes, which must not change until they are sent. */
  write(bytes: Uint8Array): void {
    if (!this.#isDone && bytes.length > 0) {
      this.#queue.add(bytes);
      this.#enqueue();
    }
  }

  /** Resolves when little waits to be sent, or nothing ever will be. */
  room(): Promise<void> {
    if (this.isClosed || this.#queue.bytes <= BYTES_AHEAD) {
      return Promise.resolve();
    }
    this.#room ??= new Promise((resolve) => {
      this.#makeRoom = resolve;
    });
    return this.#room;
  }

  /** Calls back once nothing of what was written so far is in use: it has gone out, or it never will. */
  whenSent(done: () => void): void {
    this.#queue.whenSent(done);
  }

  /** What was written was all, but for the trailers. @throws RangeError for what is no byte. */
  end(trailers?: Iterable<HeaderField>): void {
    const ending = trailers === undefined ? 'data' : encodeHeaders(trailers);
    if (!this.#isDone) {
      this.#ending = ending;
      this.#enqueue();
    }
  }

  /** Ends both directions at once. What waits is not sent. */
  reset(code: number): void {
    if (!this.isClosed) {
      if (this.id !== 0) {
        this.#owner.outbox.add([resetFrame(this.id, code)]);
      }
      this.close(code);
    }
  }

  /** The peer may send what the window still allows, and no more. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#giveBack();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  // What follows is for the connection and its outbox.

  /** A request goes out. @param sendWindow Bytes that the peer takes. */
  begin(id: number, block: Buffer, sendWindow: number): void {
    this.id = id;
    this.#sendWindow = sendWindow;
    this.#owner.outbox.add(this.#owner.headersFrames(id, block, false));
    this.#enqueue();
  }

  /** A request has come. @param isEnd That was all of it: `ended` must follow, once somebody listens. */
  accept(id: number, headers: Headers, isEnd: boolean, sendWindow: number): void {
    this.id = id;
    this.#sendWindow = sendWindow;
    this.#hasHeaders = true;
    this.#missingBytes = contentLength(headers);
    this.#isRemoteEnded = isEnd;
  }

  /** A header block has come: the answer, or what follows a body. @param fields Undefined when they are too many. */
  onHeaders(fields: readonly HeaderField[] | undefined, isEnd: boolean): void {
    if (this.#isRemoteEnded) {
      this.#breakOff(ErrorCode.STREAM_CLOSED);
    } else if (fields === undefined) {
      this.#breakOff(ErrorCode.ENHANCE_YOUR_CALM);
    } else if (this.#hasHeaders) {
      this.#onTrailers(fields, isEnd);
    } else {
      this.#onAnswer(fields, isEnd);
    }
  }

  /** A DATA frame begins. What breaks a rule resets the stream. */
  onDataFrame(length: number): void {
    if (this.#isRemoteEnded) {
      this.#breakOff(ErrorCode.STREAM_CLOSED);
    } else if (!this.#window.count(length)) {
      this.#breakOff(ErrorCode.FLOW_CONTROL_ERROR);
    } else if (!this.#hasHeaders) {
      this.#breakOff(ErrorCode.PROTOCOL_ERROR);
    } else {
      this.#giveBack();
    }
  }

  onData(bytes: Uint8Array): void {
    if (this.#missingBytes !== undefined) {
      this.#missingBytes -= bytes.length;
    }
    this.events?.onData(bytes);
  }

  /** The peer's side has ended. */
  ended(): void {
    if (this.isClosed) {
      return;
    }
    this.#isRemoteEnded = true;
    if ((this.#missingBytes ?? 0) !== 0) {
      this.#breakOff(ErrorCode.PROTOCOL_ERROR);
      return;
    }
    this.events?.onEnd();
    if (!this.#owner.isServer && !this.#isDone) {
      // The answer is complete: what is left of the request interests nobody.
      this.reset(ErrorCode.NO_ERROR);
    }
    this.#closeIfDone();
  }

  onReset(code: number): void {
    this.#isReset = true;
    this.close(code);
  }

  onWindowUpdate(bytes: number): void {
    if (bytes === 0) {
      this.#breakOff(ErrorCode.PROTOCOL_ERROR);
    } else if (!this.widen(bytes)) {
      this.#breakOff(ErrorCode.FLOW_CONTROL_ERROR);
    }
  }

  /** The peer takes more (or less). @returns false when that is more than there is. */
  widen(bytes: number): boolean {
    this.#sendWindow += bytes;
    this.#enqueue();
    return this.#sendWindow <= MAX_WINDOW_BYTES;
  }

  /** Nothing more happens on the stream. */
  close(code: number | undefined): void {
    if (this.isClosed) {
      return;
    }
    this.isClosed = true;
    this.#queue.clear();
    this.#ending = 'none';
    this.#owner.closed(this);
    this.#makeRoom?.();
    this.events?.onClose(code);
  }

  fill(out: Uint8Array[], limit: number): number {
    // A window that the peer's settings made smaller may be below zero.
    const length = Math.max(0, Math.min(limit, this.#sendWindow, this.#queue.bytes));
    const ending = this.#queue.bytes === length ? this.#ending : 'none';
    if (length > 0 || ending === 'data') {
      this.#sendWindow -= length;
      out.push(frameHeader(length, FrameType.DATA, ending === 'data' ? Flag.END_STREAM : Flag.NONE, this.id));
      this.#queue.take(out, length);
    }
    if (ending !== 'none') {
      this.#isLocalEnded = true;
      this.#ending = 'none';
      if (ending !== 'data') {
        out.push(...this.#owner.headersFrames(this.id, ending, true));
      }
    }
    return length;
  }

  filled(): void {
    this.#closeIfDone();
    if (this.#room !== undefined && this.#queue.bytes <= BYTES_AHEAD) {
      this.#makeRoom?.();
      this.#room = undefined;
    }
  }

  sent(length: number): void {
    this.#queue.sent(length);
  }

  /** True when nothing more can be said. */
  get #isDone(): boolean {
    return this.isClosed || this.#isLocalEnded;
  }

  /** The peer broke a rule on this stream. @throws {ConnectionError} when it does so too often. */
  #breakOff(code: number): void {
    if (!this.isClosed) {
      this.#owner.outbox.reply(resetFrame(this.id, code));
      this.close(code);
      this.#owner.brokeRule();
    }
  }

  #onAnswer(fields: readonly HeaderField[], isEnd: boolean): void {
    const headers = readHeaders(fields, 'response');
    if (headers === undefined || (isInterim(headers) && isEnd)) {
      this.#breakOff(ErrorCode.PROTOCOL_ERROR);
    } else if (!isInterim(headers)) {
      this.#hasHeaders = true;
      this.#missingBytes = contentLength(headers);
      this.events?.onHeaders?.(headers);
      if (isEnd) {
        this.ended();
      }
    }
  }

  #onTrailers(fields: readonly HeaderField[], isEnd: boolean): void {
    const headers = readHeaders(fields, 'trailers');
    if (headers === undefined || !isEnd) {
      this.#breakOff(ErrorCode.PROTOCOL_ERROR);
    } else {
      this.events?.onTrailers?.(headers);
      this.ended();
    }
  }

  #giveBack(): void {
    if (this.#isPaused || this.#isRemoteEnded || this.isClosed) {
      return;
    }
    const bytes = this.#window.reopen();
    if (bytes > 0) {
      this.#owner.outbox.add([windowUpdateFrame(this.id, bytes)]);
    }
  }

  #enqueue(): void {
    if (this.id !== 0 && !this.isInLine && this.canSend) {
      this.#owner.outbox.enqueue(this);
    }
  }

  #closeIfDone(): void {
    if (!this.#isLocalEnded) {
      return;
    }
    if (this.#isRemoteEnded) {
      this.close(ErrorCode.NO_ERROR);
    } else if (this.#owner.isServer) {
      // The answer is complete: whoever still sends may stop (RFC 9113, section 8.1).
      this.reset(ErrorCode.NO_ERROR);
    }
  }
}
