/**
 * One stream of a connection: a request and its response.
 *
 * This is not a Node.js stream. Received bytes are passed to the callback while the socket is read. Written pieces are
 * not copied. They wait until the windows of the peer have room for them and the socket takes them.
 *
 * Rules: RFC 9113, sections 5.1, 5.2 and 8.1.
 */
import { encodeFrameHeader, resetFrame, windowUpdateFrame } from './frame-writer.ts';
import { contentLength, isInterim, neverHasBody, readHeaders, type Headers } from './headers.ts';
import { encodeHeaders } from './hpack/encode-headers.ts';
import { type HeaderField } from './hpack/header-field.ts';
import { type Outbox } from './outbox.ts';
import { Http2ErrorCode, Flag, FrameType, MAX_WINDOW_BYTES } from './protocol.ts';
import { ReceiveWindow } from './receive-window.ts';
import { SendQueue } from './send-queue.ts';

/** Queued bytes above which `drained` waits. */
const DRAINED_BYTES = 64 * 1024;

/** The callbacks of a stream. */
export interface StreamEvents {
  /** The headers of the response. Called on the client only: a server gets the headers with the request. */
  onHeaders?(headers: Headers): void;
  /** A part of the body. The bytes are valid during the call only: copy those that you keep. */
  onData(bytes: Uint8Array): void;
  onTrailers?(headers: Headers): void;
  /** The peer has ended its side: the message is complete. */
  onEnd(): void;
  /**
   * The stream is closed. Always the last call.
   *
   * @param code The code of the reset; REFUSED_STREAM for a request that the peer has not processed; NO_ERROR when both
   *   sides have ended; undefined when the connection is closed.
   */
  onClose(code: number | undefined): void;
}

/** The connection, as its streams use it. */
export interface StreamOwner {
  readonly outbox: Outbox;
  readonly isServer: boolean;
  /** Receive window of each stream, in bytes. */
  readonly windowBytes: number;
  /** A header block as frames. They must be sent in the order in which they were created. */
  headersFrames(streamId: number, block: Buffer, isEnd: boolean): Buffer[];
  onStreamClosed(stream: Http2Stream): void;
  /** The peer caused a stream error, and the stream was reset. @throws {FloodError} when that happens too often. */
  onStreamError(): void;
}

/**
 * Set `events` before the first method is called. Methods marked as internal are for the connection, and are not in the
 * published types.
 */
export class Http2Stream {
  readonly #owner: StreamOwner;
  /** The identifier; 0 while a request of the client waits for its turn. */
  id = 0;
  /** The callbacks of the stream. Undefined until the user of a new stream sets them. */
  events: StreamEvents | undefined;
  /** True from just before `onClose`. Writing then has no effect. */
  isClosed = false;
  /** @internal */
  isEnqueued = false;
  readonly #window: ReceiveWindow;
  readonly #queue = new SendQueue();
  /** True once the headers of the message have arrived: the next header block is its trailers. */
  #hasHeaders = false;
  #sendWindow = 0;
  #isPaused = false;
  #isRemoteEnded = false;
  #isReset = false;
  #isLocalEnded = false;
  /**
   * What follows the queued data. 'none': nothing yet. 'data': END_STREAM in the last DATA frame. A buffer: the header
   * block of the trailers.
   */
  #ending: 'none' | 'data' | Buffer = 'none';
  /**
   * Bytes of the body that have not arrived, according to `content-length`; undefined if there is no `content-length`.
   */
  #missingBytes: number | undefined;
  #drained: Promise<void> | undefined;
  #resolveDrained: (() => void) | undefined;
  readonly #isHead: boolean;

  /** @param isHead True for a HEAD request, whose response never has a body. @internal */
  constructor(owner: StreamOwner, isHead = false) {
    this.#owner = owner;
    this.#isHead = isHead;
    this.#window = new ReceiveWindow(owner.windowBytes);
  }

  /** True once the peer has ended its side. */
  get isRemoteEnded(): boolean {
    return this.#isRemoteEnded;
  }

  /** True once the peer has reset the stream. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Bytes that the peer may still send. @internal */
  get windowBytes(): number {
    return this.#window.leftBytes;
  }

  /** Written bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /** @internal */
  get canSend(): boolean {
    return !this.isClosed && (this.#queue.bytes > 0 ? this.#sendWindow > 0 : this.#ending !== 'none');
  }

  /**
   * Sends the headers of a response.
   *
   * @param isEnd True for a response without body and trailers.
   * @throws {RangeError} for a name or value with NUL, a line break, or a character above U+00FF.
   */
  sendHeaders(fields: Iterable<HeaderField>, isEnd = false): void {
    const block = encodeHeaders(fields);
    if (!this.#isDone) {
      this.#isLocalEnded = isEnd;
      this.#owner.outbox.add(this.#owner.headersFrames(this.id, block, isEnd));
      this.#closeIfDone();
    }
  }

  /** Queues bytes of the body. The caller must not change them until `whenSent` calls back. */
  write(bytes: Uint8Array): void {
    if (!this.#isDone && bytes.length > 0) {
      this.#queue.add(bytes);
      this.#enqueue();
    }
  }

  /**
   * Resolves when at most 64 KiB are queued, or the stream is closed. Wait for it between writes to apply backpressure.
   */
  drained(): Promise<void> {
    if (this.isClosed || this.#queue.bytes <= DRAINED_BYTES) {
      return Promise.resolve();
    }
    this.#drained ??= new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
    return this.#drained;
  }

  /** Calls back when the bytes that were written so far are no longer in use: all are sent or dropped. */
  whenSent(callback: () => void): void {
    this.#queue.whenReleased(callback);
  }

  /**
   * Ends this side after the bytes that were written.
   *
   * @throws {RangeError} for a trailer with NUL, a line break, or a character above U+00FF.
   */
  end(trailers?: Iterable<HeaderField>): void {
    const ending = trailers === undefined ? 'data' : encodeHeaders(trailers);
    if (!this.#isDone) {
      this.#ending = ending;
      this.#enqueue();
    }
  }

  /** Closes both sides with RST_STREAM. Queued bytes are dropped. @param code One of `Http2ErrorCode`. */
  reset(code: number): void {
    if (!this.isClosed) {
      if (this.id !== 0) {
        this.#owner.outbox.add([resetFrame(this.id, code)]);
      }
      this.close(code);
    }
  }

  /** Stops sending WINDOW_UPDATE: the peer can send only the rest of the window. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#openWindow();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  // The methods below are for the connection and its outbox.

  /** Sends the headers of a request. @param sendWindow Bytes that the peer accepts. @internal */
  begin(id: number, block: Buffer, sendWindow: number): void {
    this.id = id;
    this.#sendWindow = sendWindow;
    this.#owner.outbox.add(this.#owner.headersFrames(id, block, false));
    this.#enqueue();
  }

  /**
   * Takes a request of the peer.
   * @param isEnd True if it has no body: `onRemoteEnd` must follow once `events` is set. @internal
   */
  accept(id: number, headers: Headers, isEnd: boolean, sendWindow: number): void {
    this.id = id;
    this.#sendWindow = sendWindow;
    this.#hasHeaders = true;
    this.#missingBytes = contentLength(headers);
    this.#isRemoteEnded = isEnd;
  }

  /** A response or trailers have arrived. @param fields Undefined when the list is longer than its limit. @internal */
  onHeaders(fields: readonly HeaderField[] | undefined, isEnd: boolean): void {
    if (this.#isRemoteEnded) {
      this.#fail(Http2ErrorCode.STREAM_CLOSED);
    } else if (fields === undefined) {
      this.#fail(Http2ErrorCode.ENHANCE_YOUR_CALM);
    } else if (this.#hasHeaders) {
      this.#onTrailers(fields, isEnd);
    } else {
      this.#onResponse(fields, isEnd);
    }
  }

  /** A DATA frame begins. @internal */
  onDataFrame(length: number): void {
    if (this.#isRemoteEnded) {
      this.#fail(Http2ErrorCode.STREAM_CLOSED);
    } else if (!this.#window.count(length)) {
      this.#fail(Http2ErrorCode.FLOW_CONTROL_ERROR);
    } else if (!this.#hasHeaders) {
      this.#fail(Http2ErrorCode.PROTOCOL_ERROR);
    } else {
      this.#openWindow();
    }
  }

  /** @internal */
  onData(bytes: Uint8Array): void {
    if (this.#missingBytes !== undefined) {
      this.#missingBytes -= bytes.length;
    }
    this.events?.onData(bytes);
  }

  /** The peer has ended its side. @internal */
  onRemoteEnd(): void {
    if (this.isClosed) {
      return;
    }
    this.#isRemoteEnded = true;
    if ((this.#missingBytes ?? 0) !== 0) {
      this.#fail(Http2ErrorCode.PROTOCOL_ERROR);
      return;
    }
    this.events?.onEnd();
    if (!this.#owner.isServer && !this.#isDone) {
      // The response is complete, so the server does not need the rest of the request.
      this.reset(Http2ErrorCode.NO_ERROR);
    }
    this.#closeIfDone();
  }

  /** @internal */
  onReset(code: number): void {
    this.#isReset = true;
    this.close(code);
  }

  /** @internal */
  onWindowUpdate(bytes: number): void {
    if (bytes === 0) {
      this.#fail(Http2ErrorCode.PROTOCOL_ERROR);
    } else if (!this.changeSendWindow(bytes)) {
      this.#fail(Http2ErrorCode.FLOW_CONTROL_ERROR);
    }
  }

  /** @param bytes Negative for a smaller window. @returns False when the window exceeds its maximum. @internal */
  changeSendWindow(bytes: number): boolean {
    this.#sendWindow += bytes;
    this.#enqueue();
    return this.#sendWindow <= MAX_WINDOW_BYTES;
  }

  /** Closes the stream without a frame. @internal */
  close(code: number | undefined): void {
    if (this.isClosed) {
      return;
    }
    this.isClosed = true;
    this.#queue.clear();
    this.#ending = 'none';
    this.#owner.onStreamClosed(this);
    this.#resolveDrained?.();
    this.events?.onClose(code);
  }

  /** @internal */
  fill(out: Uint8Array[], limit: number): number {
    // New settings of the peer can make the window negative.
    const length = Math.max(0, Math.min(limit, this.#sendWindow, this.#queue.bytes));
    const ending = this.#queue.bytes === length ? this.#ending : 'none';
    if (length > 0 || ending === 'data') {
      this.#sendWindow -= length;
      out.push(encodeFrameHeader(length, FrameType.DATA, ending === 'data' ? Flag.END_STREAM : Flag.NONE, this.id));
      this.#queue.moveTo(out, length);
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

  /** @internal */
  filled(): void {
    this.#closeIfDone();
    if (this.#drained !== undefined && this.#queue.bytes <= DRAINED_BYTES) {
      this.#resolveDrained?.();
      this.#drained = undefined;
    }
  }

  /** @internal */
  release(length: number): void {
    this.#queue.release(length);
  }

  /** True once this side has stopped sending. */
  get #isDone(): boolean {
    return this.isClosed || this.#isLocalEnded;
  }

  /** Resets the stream after a stream error of the peer. @throws {FloodError} when that happens too often. */
  #fail(code: number): void {
    if (!this.isClosed) {
      this.#owner.outbox.reply(resetFrame(this.id, code));
      this.close(code);
      this.#owner.onStreamError();
    }
  }

  #onResponse(fields: readonly HeaderField[], isEnd: boolean): void {
    const headers = readHeaders(fields, 'response');
    if (headers === undefined || (isInterim(headers) && isEnd)) {
      this.#fail(Http2ErrorCode.PROTOCOL_ERROR);
    } else if (!isInterim(headers)) {
      this.#hasHeaders = true;
      // If the response has no body, `content-length` may be the length of the body for a GET request (section 8.1.1).
      this.#missingBytes = this.#isHead || neverHasBody(headers) ? undefined : contentLength(headers);
      this.events?.onHeaders?.(headers);
      if (isEnd) {
        this.onRemoteEnd();
      }
    }
  }

  #onTrailers(fields: readonly HeaderField[], isEnd: boolean): void {
    const headers = readHeaders(fields, 'trailers');
    if (headers === undefined || !isEnd) {
      this.#fail(Http2ErrorCode.PROTOCOL_ERROR);
    } else {
      this.events?.onTrailers?.(headers);
      this.onRemoteEnd();
    }
  }

  #openWindow(): void {
    if (this.#isPaused || this.#isRemoteEnded || this.isClosed) {
      return;
    }
    const bytes = this.#window.reopen();
    if (bytes > 0) {
      this.#owner.outbox.add([windowUpdateFrame(this.id, bytes)]);
    }
  }

  #enqueue(): void {
    if (this.id !== 0 && !this.isEnqueued && this.canSend) {
      this.#owner.outbox.enqueue(this);
    }
  }

  #closeIfDone(): void {
    if (!this.#isLocalEnded) {
      return;
    }
    if (this.#isRemoteEnded) {
      this.close(Http2ErrorCode.NO_ERROR);
    } else if (this.#owner.isServer) {
      // The response is complete, so the client may stop sending (section 8.1).
      this.reset(Http2ErrorCode.NO_ERROR);
    }
  }
}
