/**
 * The outgoing frames of a connection. Control frames and headers need no flow control window. DATA is sent as soon as
 * the windows of the peer and the socket allow it. The streams take turns, with one frame each, so that a small
 * response does not wait for a large one.
 *
 * Frames that are added during one callback of the event loop are sent together.
 */
import { type Socket } from 'node:net';
import { Fifo } from './fifo.ts';
import { DEFAULT_FRAME_BYTES, DEFAULT_WINDOW_BYTES, type FloodKind, MAX_WINDOW_BYTES } from './protocol.ts';

/** The outbox stops writing DATA when the socket has this many unsent bytes. */
const MAX_UNSENT_BYTES = 256 * 1024;

/** Longest DATA frame that is sent, even if the peer accepts more: longer frames would delay other streams. */
const MAX_SENT_FRAME_BYTES = 256 * 1024;

/**
 * Parts are joined if their total length is at most JOINED_BYTES, or if their average length is below SHORT_PART_BYTES:
 * one write is faster than many.
 */
const JOINED_BYTES = 32 * 1024;
const SHORT_PART_BYTES = 512;

/** Maximum number of bytes that may wait for a peer that does not read. The memory overhead of each part counts too. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const PART_OVERHEAD_BYTES = 128;

/** Maximum number of replies to frames of the peer that may wait to be sent. nghttp2 and Envoy have the same limit. */
const MAX_REPLIES = 1000;

/**
 * The outbox removes closed streams from the queues when there are more than this number of them, and they are more
 * than half of the queued streams.
 */
const MAX_CLOSED = 256;

/** The sending side of a stream, as the outbox uses it. */
export interface Sender {
  /** True once the stream is closed: it sends nothing more. */
  readonly isClosed: boolean;
  /** True while the stream is in a queue of the outbox. Set by the outbox. */
  isEnqueued: boolean;
  /** Bytes of data that wait to be sent. */
  readonly queuedBytes: number;
  /** True when the stream has a frame to send, and its own window allows it. */
  readonly canSend: boolean;
  /**
   * Moves one frame of DATA to `out`. If no data are left after it, also moves the end of the stream. Call `filled`
   * afterwards.
   *
   * @param limit Bytes of data that the frame may have.
   * @returns Bytes of data in the frame.
   */
  fill(out: Uint8Array[], limit: number): number;
  /** Called when the frames from `fill` are in the outbox. */
  filled(): void;
  /** Called when the socket no longer uses `length` bytes of data from `fill`. */
  release(length: number): void;
}

/** Bytes of data by stream. */
type Shares = Map<Sender, number>;

/** Each connection has one outbox. It is the only code that writes to the socket. */
export class Outbox {
  readonly #socket: Socket;
  /**
   * Called once when a limit is exceeded. The callback must schedule the end of the connection, not close it directly.
   */
  readonly #onFlood: (kind: FloodKind) => void;
  readonly #onDataSent: (bytes: number) => void;
  #frameBytes = DEFAULT_FRAME_BYTES;
  #isClosed = false;
  #window = DEFAULT_WINDOW_BYTES;
  /**
   * Two queues: streams with data, and streams that have only END_STREAM or trailers to send. The second queue needs no
   * window.
   */
  readonly #withData = new Fifo<Sender>();
  readonly #ending = new Fifo<Sender>();
  /** Closed streams in both queues. */
  #closedCount = 0;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  /** Number of replies in `#parts`. */
  #replies = 0;
  /** Number of written replies that the socket has not taken. */
  #unsentReplies = 0;
  #hasFlooded = false;
  /** Bytes of data by stream: those in `#parts`, and those in each write that the socket has not taken. */
  #shares: Shares = new Map();
  readonly #writes = new Set<Shares>();
  /** Written bytes and parts that the socket has not taken. */
  #unsentBytes = 0;
  #unsentParts = 0;
  #isScheduled = false;
  readonly #flush = () => this.#send();

  /** @param onDataSent Gets the length of each frame of DATA. */
  constructor(
    socket: Socket,
    onFlood: (kind: FloodKind) => void,
    onDataSent: (bytes: number) => void = () => undefined
  ) {
    this.#socket = socket;
    this.#onFlood = onFlood;
    this.#onDataSent = onDataSent;
  }

  /** Longest frame that is sent. */
  get frameBytes(): number {
    return this.#frameBytes;
  }

  /** @param bytes Longest frame that the peer accepts. */
  set frameBytes(bytes: number) {
    this.#frameBytes = Math.min(bytes, MAX_SENT_FRAME_BYTES);
  }

  /** Sends frames that need no window. */
  add(frames: readonly Uint8Array[]): void {
    if (this.#isClosed || this.#socket.destroyed) {
      return;
    }
    this.#push(frames);
    const bytes = this.#partsBytes + this.#unsentBytes;
    if (bytes + PART_OVERHEAD_BYTES * (this.#parts.length + this.#unsentParts) > MAX_WAITING_BYTES) {
      this.#flooded('output');
    }
    this.#schedule();
  }

  /** Sends the reply to a frame of the peer. */
  reply(frame: Uint8Array): void {
    this.#replies++;
    if (this.#replies + this.#unsentReplies > MAX_REPLIES) {
      this.#flooded('replies');
    }
    this.add([frame]);
  }

  /** Queues a stream that has data, trailers or END_STREAM to send. */
  enqueue(stream: Sender): void {
    this.#enqueue(stream);
    this.#schedule();
  }

  /** Removes a closed stream from its queue, now or later. */
  drop(stream: Sender): void {
    if (stream.isEnqueued) {
      this.#closedCount++;
      if (this.#closedCount > MAX_CLOSED && this.#closedCount * 2 > this.#withData.length + this.#ending.length) {
        this.#withData.retain(({ isClosed }) => !isClosed);
        this.#ending.retain(({ isClosed }) => !isClosed);
        this.#closedCount = 0;
      }
    }
  }

  /**
   * Enlarges the window in which this side may send on the connection.
   *
   * @returns False when the window exceeds its maximum.
   */
  openWindow(bytes: number): boolean {
    this.#window += bytes;
    this.#scheduleStreams();
    return this.#window <= MAX_WINDOW_BYTES;
  }

  /** Call this when the socket is closed and no longer uses any bytes. */
  socketClosed(): void {
    this.#parts = [];
    this.#partsBytes = 0;
    this.#writes.add(this.#shares);
    this.#writes.forEach((shares) => this.#release(shares));
    this.#withData.clear();
    this.#ending.clear();
  }

  /** Sends the frames that were added, and ends the sending side of the socket. */
  close(): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#writeParts();
      this.#socket.end();
    }
  }

  #send(): void {
    this.#isScheduled = false;
    if (this.#isClosed || this.#socket.destroyed) {
      return;
    }
    this.#fillParts();
    this.#writeParts();
  }

  #fillParts(): void {
    while (this.#partsBytes + this.#unsentBytes < MAX_UNSENT_BYTES) {
      const stream = this.#next();
      if (stream === undefined) {
        break;
      }
      stream.isEnqueued = false;
      if (stream.isClosed) {
        this.#closedCount--;
        continue;
      }
      const frames: Uint8Array[] = [];
      const length = stream.fill(frames, Math.min(this.#frameBytes, this.#window));
      this.#window -= length;
      this.#push(frames);
      if (length > 0) {
        this.#shares.set(stream, (this.#shares.get(stream) ?? 0) + length);
        this.#onDataSent(length);
      }
      stream.filled();
      if (stream.canSend) {
        this.#enqueue(stream);
      }
    }
  }

  #enqueue(stream: Sender): void {
    stream.isEnqueued = true;
    (stream.queuedBytes === 0 ? this.#ending : this.#withData).push(stream);
  }

  #writeParts(): void {
    if (this.#parts.length > 0) {
      const parts = this.#parts;
      const bytes = this.#partsBytes;
      this.#parts = [];
      this.#partsBytes = 0;
      this.#write(parts, bytes);
    }
  }

  #push(frames: readonly Uint8Array[]): void {
    for (const part of frames) {
      this.#parts.push(part);
      this.#partsBytes += part.length;
    }
  }

  /** While the window is closed, only streams without data can send. */
  #next(): Sender | undefined {
    return this.#ending.shift() ?? (this.#window > 0 ? this.#withData.shift() : undefined);
  }

  #write(parts: readonly Uint8Array[], bytes: number): void {
    this.#unsentBytes += bytes;
    this.#unsentParts += parts.length;
    const replies = this.#replies;
    this.#replies = 0;
    this.#unsentReplies += replies;
    const shares = this.#shares;
    this.#shares = new Map();
    this.#writes.add(shares);
    const onWritten = () => {
      this.#unsentBytes -= bytes;
      this.#unsentParts -= parts.length;
      this.#unsentReplies -= replies;
      this.#release(shares);
      this.#scheduleStreams();
    };
    if (bytes <= JOINED_BYTES || bytes < parts.length * SHORT_PART_BYTES) {
      this.#socket.write(parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes), onWritten);
      return;
    }
    this.#socket.cork();
    parts.forEach((part, index) => this.#socket.write(part, index === parts.length - 1 ? onWritten : undefined));
    this.#socket.uncork();
  }

  #release(shares: Shares): void {
    if (this.#writes.delete(shares)) {
      shares.forEach((length, stream) => stream.release(length));
    }
  }

  #flooded(kind: FloodKind): void {
    if (!this.#hasFlooded) {
      this.#hasFlooded = true;
      this.#onFlood(kind);
    }
  }

  #scheduleStreams(): void {
    if (this.#withData.length + this.#ending.length > 0) {
      this.#schedule();
    }
  }

  #schedule(): void {
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      process.nextTick(this.#flush);
    }
  }
}
