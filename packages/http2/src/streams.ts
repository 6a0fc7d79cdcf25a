/**
 * The streams of a connection: those that run, those that wait to begin, and how the latest of the past ended, since that
 * decides what may still come on them.
 *
 * Rules: RFC 9113, sections 5.1 and 5.1.1.
 */
import { Fifo } from './fifo.ts';
import { ConnectionError, ErrorCode, MAX_STREAM_ID } from './protocol.ts';
import { type Http2Stream } from './stream.ts';

/** How a stream ended: both sides had said all, the peer reset it, or this side gave it up, which the peer may not know yet. */
type Ending = 'complete' | 'reset' | 'given up';

/** So many streams of the past are remembered. What comes on older ones is taken for late, and ignored. */
const REMEMBERED = 256;

export class Streams {
  readonly #isServer: boolean;
  readonly #running = new Map<number, Http2Stream>();
  /** Requests that wait until the peer allows one more, with their header blocks. */
  readonly #waiting = new Map<Http2Stream, Buffer>();
  readonly #past = new Map<number, Ending>();
  /** The oldest first. */
  readonly #pastIds = new Fifo<number>();
  /** The highest number of those that are forgotten. */
  #forgottenId = 0;
  #nextOwnId = 1;
  #lastPeerId = 0;

  constructor(isServer: boolean) {
    this.#isServer = isServer;
  }

  get runningCount(): number {
    return this.#running.size;
  }

  get count(): number {
    return this.#running.size + this.#waiting.size;
  }

  /** The latest request of the peer. */
  get lastPeerId(): number {
    return this.#lastPeerId;
  }

  /** False when all numbers for requests of this side are used. */
  get hasNumbers(): boolean {
    return this.#nextOwnId <= MAX_STREAM_ID;
  }

  get(id: number): Http2Stream | undefined {
    return this.#running.get(id);
  }

  running(): IterableIterator<Http2Stream> {
    return this.#running.values();
  }

  // The requests of this side.

  wait(stream: Http2Stream, block: Buffer): void {
    this.#waiting.set(stream, block);
  }

  /** The request that waits for longest runs from now on. @returns It with its number and its header block. */
  begin(): [stream: Http2Stream, id: number, block: Buffer] | undefined {
    for (const [stream, block] of this.#waiting) {
      const id = this.#nextOwnId;
      this.#nextOwnId += 2;
      this.#waiting.delete(stream);
      this.#running.set(id, stream);
      return [stream, id, block];
    }
    return undefined;
  }

  waiting(): Http2Stream[] {
    return Array.from(this.#waiting.keys());
  }

  /** Those that the peer says it never saw. */
  after(lastId: number): Http2Stream[] {
    return Array.from(this.#running.values()).filter((stream) => stream.id > lastId);
  }

  // The requests of the peer.

  isNewRequest(id: number): boolean {
    return this.#isServer && id % 2 === 1 && id > this.#lastPeerId;
  }

  /** @param stream Undefined for a request that is refused. */
  accept(id: number, stream: Http2Stream | undefined): void {
    this.#lastPeerId = id;
    if (stream === undefined) {
      this.#remember(id, 'given up');
    } else {
      this.#running.set(id, stream);
    }
  }

  // The past.

  remove(stream: Http2Stream): void {
    this.#waiting.delete(stream);
    if (this.#running.delete(stream.id)) {
      this.#remember(stream.id, stream.isReset ? 'reset' : stream.isRemoteEnded ? 'complete' : 'given up');
    }
  }

  /** @returns Undefined for a stream that is over. @throws {ConnectionError} when there was no such stream yet. */
  find(id: number): Http2Stream | undefined {
    const stream = this.#running.get(id);
    // Requests have the odd numbers, and nothing else begins a stream.
    if (stream === undefined && (id % 2 === 0 || id > (this.#isServer ? this.#lastPeerId : this.#nextOwnId - 2))) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `There is no stream ${id}.`);
    }
    return stream;
  }

  /**
   * Content has come on a stream that does not run.
   *
   * @returns True when the peer is to be told that it reset it.
   * @throws {ConnectionError} when the stream never was, or when the peer itself had ended it.
   */
  isContentAfterReset(id: number): boolean {
    this.find(id);
    const ending = this.#past.get(id);
    if (ending === 'complete') {
      throw new ConnectionError(ErrorCode.STREAM_CLOSED, `Stream ${id} has ended.`);
    }
    if (ending === undefined && id > this.#forgottenId) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, `Stream ${id} was skipped.`);
    }
    return ending === 'reset';
  }

  #remember(id: number, ending: Ending): void {
    this.#past.set(id, ending);
    this.#pastIds.push(id);
    const oldest = this.#past.size > REMEMBERED ? this.#pastIds.shift() : undefined;
    if (oldest !== undefined) {
      this.#past.delete(oldest);
      this.#forgottenId = Math.max(this.#forgottenId, oldest);
    }
  }
}
