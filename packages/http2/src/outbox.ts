/**
 * What a connection sends. Short frames go at once; data goes as far as the peer's windows and the socket take it, one
 * frame of each stream in turn, so that a small answer is not held up by a large one.
 *
 * What one turn of the event loop brings goes out in one write.
 */
import { type Socket } from 'node:net';
import { Fifo } from './fifo.ts';
import { DEFAULT_FRAME_BYTES, DEFAULT_WINDOW_BYTES, type FloodKind, MAX_WINDOW_BYTES } from './protocol.ts';

/** Bytes of data that are handed to the socket before it has taken those before. */
const BYTES_AHEAD = 256 * 1024;

/** Longer frames than this would hold up the streams beside it, whatever the peer takes. */
const MAX_SENT_FRAME_BYTES = 256 * 1024;

/** Less than this is copied into one buffer, and so are parts that are this short: the system takes one faster than many. */
const JOINED_BYTES = 32 * 1024;
const SHORT_PART_BYTES = 512;

/** Bytes that may wait for a peer that does not read, and what each part takes in memory beside its bytes. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const PART_BYTES = 128;

/** Replies to frames of the peer that may wait. nghttp2 and Envoy have the same limit. */
const MAX_REPLIES = 1000;

/** Senders that were closed while they waited are dropped when there are so many, and more than others. */
const MAX_CLOSED = 256;

/** A stream, as far as what it sends is concerned. */
export interface Sender {
  /** True once it never sends again. */
  readonly isClosed: boolean;
  /** True when the outbox has enqueued it. */
  isInLine: boolean;
  /** Bytes of data that wait. */
  readonly queuedBytes: number;
  /** True while something could go, the connection's window apart. */
  readonly canSend: boolean;
  /**
   * Moves one frame of what waits to `out`, and the end if it is reached. `filled` must follow.
   *
   * @param limit Bytes of data that may go, as far as others are concerned.
   * @returns How many went.
   */
  fill(out: Uint8Array[], limit: number): number;
  /** What `fill` gave is in the outbox. */
  filled(): void;
  /** So many bytes of data that `fill` gave are in use no more. */
  sent(length: number): void;
}

type Shares = Map<Sender, number>;

export class Outbox {
  readonly #socket: Socket;
  /** Told once when too much waits. Must close the connection, but not during the call. */
  readonly #onFlood: (kind: FloodKind) => void;
  /** Told the length of each frame of data that goes out. */
  readonly #onDataSent: (bytes: number) => void;
  #frameBytes = DEFAULT_FRAME_BYTES;
  #isClosed = false;
  #window = DEFAULT_WINDOW_BYTES;
  /** Streams with data for a frame, and streams of which only the end is left, for which no window is needed. */
  readonly #line = new Fifo<Sender>();
  readonly #endings = new Fifo<Sender>();
  /** How many of these streams are closed. */
  #closedCount = 0;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  /** Replies among the parts, and those that the socket has not taken. */
  #replies = 0;
  #unsentReplies = 0;
  #isFlooded = false;
  /** Bytes of each stream among the parts, and in each write that the socket has not taken. */
  #shares: Shares = new Map();
  readonly #writes = new Set<Shares>();
  /** Bytes that the socket has not taken. */
  #unsentBytes = 0;
  #unsentParts = 0;
  #isScheduled = false;
  readonly #flush = () => this.#send();

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

  /** @param bytes The peer's longest frame. */
  set frameBytes(bytes: number) {
    this.#frameBytes = Math.min(bytes, MAX_SENT_FRAME_BYTES);
  }

  /** Frames that need no window. */
  add(frames: readonly Uint8Array[]): void {
    if (this.#isClosed || this.#socket.destroyed) {
      return;
    }
    this.#push(frames);
    const bytes = this.#partsBytes + this.#unsentBytes;
    if (bytes + PART_BYTES * (this.#parts.length + this.#unsentParts) > MAX_WAITING_BYTES) {
      this.#flooded('output');
    }
    this.#schedule();
  }

  /** A frame that the peer caused by one of its own. */
  reply(frame: Uint8Array): void {
    this.#replies++;
    if (this.#replies + this.#unsentReplies > MAX_REPLIES) {
      this.#flooded('replies');
    }
    this.add([frame]);
  }

  /** The stream has data for a frame, or its end. */
  enqueue(stream: Sender): void {
    this.#enqueue(stream);
    this.#schedule();
  }

  /** A stream is closed. It is dropped here, now or later. */
  forget(stream: Sender): void {
    if (stream.isInLine) {
      this.#closedCount++;
      if (this.#closedCount > MAX_CLOSED && this.#closedCount * 2 > this.#line.length + this.#endings.length) {
        this.#line.retain(({ isClosed }) => !isClosed);
        this.#endings.retain(({ isClosed }) => !isClosed);
        this.#closedCount = 0;
      }
    }
  }

  /** The peer takes more on the connection as a whole. @returns false when that is more than there is. */
  widen(bytes: number): boolean {
    this.#window += bytes;
    this.#scheduleStreams();
    return this.#window <= MAX_WINDOW_BYTES;
  }

  /** The socket is closed: it uses nothing any more. */
  closed(): void {
    this.#parts = [];
    this.#partsBytes = 0;
    this.#writes.add(this.#shares);
    this.#writes.forEach((shares) => this.#ended(shares));
    this.#line.clear();
    this.#endings.clear();
  }

  /** Sends what it has, and nothing more ever. The socket's sending side ends when it has taken that. */
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
    while (this.#partsBytes + this.#unsentBytes < BYTES_AHEAD) {
      const stream = this.#next();
      if (stream === undefined) {
        break;
      }
      stream.isInLine = false;
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
    stream.isInLine = true;
    (stream.queuedBytes === 0 ? this.#endings : this.#line).push(stream);
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

  /** With a closed window only what ends without data can go. */
  #next(): Sender | undefined {
    return this.#endings.shift() ?? (this.#window > 0 ? this.#line.shift() : undefined);
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
    const sent = () => {
      this.#unsentBytes -= bytes;
      this.#unsentParts -= parts.length;
      this.#unsentReplies -= replies;
      this.#ended(shares);
      this.#scheduleStreams();
    };
    if (bytes <= JOINED_BYTES || bytes < parts.length * SHORT_PART_BYTES) {
      this.#socket.write(parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes), sent);
      return;
    }
    this.#socket.cork();
    parts.forEach((part, index) => this.#socket.write(part, index === parts.length - 1 ? sent : undefined));
    this.#socket.uncork();
  }

  #ended(shares: Shares): void {
    if (this.#writes.delete(shares)) {
      shares.forEach((length, stream) => stream.sent(length));
    }
  }

  #flooded(kind: FloodKind): void {
    if (!this.#isFlooded) {
      this.#isFlooded = true;
      this.#onFlood(kind);
    }
  }

  #scheduleStreams(): void {
    if (this.#line.length + this.#endings.length > 0) {
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
