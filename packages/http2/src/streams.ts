/**
 * The streams of a connection: open streams, and requests that wait because the peer limits the number of streams. Also
 * remembers how recent streams ended, because this determines the reaction to late frames.
 *
 * Rules: RFC 9113, sections 5.1 and 5.1.1.
 */
import { Fifo } from './fifo.ts';
import { ConnectionError, Http2ErrorCode, MAX_STREAM_ID } from './protocol.ts';
import { type Http2Stream } from './stream.ts';

/**
 * How a stream ended: the peer ended its side, the peer reset the stream, or this side closed it early and the peer may
 * not know this yet.
 */
type Ending = 'complete' | 'reset by peer' | 'closed early';

/** Number of closed streams that are remembered. Frames for older streams are treated as late, and are ignored. */
const REMEMBERED = 256;

/** The streams of one connection. This class sends and receives nothing itself. */
export class Streams {
  readonly #isServer: boolean;
  readonly #open = new Map<number, Http2Stream>();
  /** Requests that wait because of the limit of the peer, with their header blocks. */
  readonly #waiting = new Map<Http2Stream, Buffer>();
  readonly #endings = new Map<number, Ending>();
  /** The keys of `#endings`, oldest first. */
  readonly #closedIds = new Fifo<number>();
  /** The highest identifier that is no longer remembered. */
  #forgottenId = 0;
  #nextOwnId = 1;
  #lastPeerId = 0;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  /** Streams that count against the limit of concurrent streams. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Open streams and waiting requests. */
  get count(): number {
    return this.#open.size + this.#waiting.size;
  }

  /** The identifier of the latest request of the peer; 0 for none. */
  get lastPeerId(): number {
    return this.#lastPeerId;
  }

  /** False when all identifiers for requests of this side are used. */
  get hasIds(): boolean {
    return this.#nextOwnId <= MAX_STREAM_ID;
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  open(): IterableIterator<Http2Stream> {
    return this.#open.values();
  }

  // Requests of this side

  addWaiting(stream: Http2Stream, block: Buffer): void {
    this.#waiting.set(stream, block);
  }

  /**
   * Opens the request that has waited longest.
   *
   * @returns The stream, its new identifier, and its header block; undefined if no request waits.
   */
  openNext(): [stream: Http2Stream, id: number, block: Buffer] | undefined {
    for (const [stream, block] of this.#waiting) {
      const id = this.#nextOwnId;
      this.#nextOwnId += 2;
      this.#waiting.delete(stream);
      this.#open.set(id, stream);
      return [stream, id, block];
    }
    return undefined;
  }

  waiting(): Http2Stream[] {
    return Array.from(this.#waiting.keys());
  }

  /**
   * The open streams that the peer has not processed.
   *
   * @param lastId The last processed stream, from the GOAWAY frame of the peer.
   */
  after(lastId: number): Http2Stream[] {
    return Array.from(this.#open.values()).filter((stream) => stream.id > lastId);
  }

  // Requests of the peer

  isNewRequest(id: number): boolean {
    return this.#isServer && id % 2 === 1 && id > this.#lastPeerId;
  }

  /** @param stream Undefined for a rejected request. */
  accept(id: number, stream: Http2Stream | undefined): void {
    this.#lastPeerId = id;
    if (stream === undefined) {
      this.#remember(id, 'closed early');
    } else {
      this.#open.set(id, stream);
    }
  }

  // Closed streams

  remove(stream: Http2Stream): void {
    this.#waiting.delete(stream);
    if (this.#open.delete(stream.id)) {
      this.#remember(stream.id, stream.isReset ? 'reset by peer' : stream.isRemoteEnded ? 'complete' : 'closed early');
    }
  }

  /**
   * @returns Undefined for a closed stream.
   * @throws {ConnectionError} for an idle stream.
   */
  getUnlessIdle(id: number): Http2Stream | undefined {
    const stream = this.#open.get(id);
    // Requests have odd identifiers, and only a request can open a stream.
    if (stream === undefined && (id % 2 === 0 || id > (this.#isServer ? this.#lastPeerId : this.#nextOwnId - 2))) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, `There is no stream ${id}.`);
    }
    return stream;
  }

  /**
   * Checks HEADERS or DATA for a stream that is not open.
   *
   * @returns True when the peer had reset the stream. The caller must then send RST_STREAM with STREAM_CLOSED.
   * @throws {ConnectionError} when the stream is idle, its identifier was skipped, or the peer had ended the stream.
   */
  isContentAfterReset(id: number): boolean {
    this.getUnlessIdle(id);
    const ending = this.#endings.get(id);
    if (ending === 'complete') {
      throw new ConnectionError(Http2ErrorCode.STREAM_CLOSED, `Stream ${id} has ended.`);
    }
    if (ending === undefined && id > this.#forgottenId) {
      throw new ConnectionError(Http2ErrorCode.PROTOCOL_ERROR, `Stream ${id} was skipped.`);
    }
    return ending === 'reset by peer';
  }

  #remember(id: number, ending: Ending): void {
    this.#endings.set(id, ending);
    this.#closedIds.push(id);
    const oldest = this.#endings.size > REMEMBERED ? this.#closedIds.shift() : undefined;
    if (oldest !== undefined) {
      this.#endings.delete(oldest);
      this.#forgottenId = Math.max(this.#forgottenId, oldest);
    }
  }
}
