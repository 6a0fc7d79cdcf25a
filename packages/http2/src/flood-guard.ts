/**
 * Limits for what a peer can make this side do without asking for anything: frames that carry nothing, streams that are
 * reset at once, data that nobody takes.
 *
 * A limit is a token bucket. Frames that come with useful work, such as a WINDOW_UPDATE for data that was sent, are paid by
 * that work. Sources of the attacks: CVE-2019-9511 to 9518, CVE-2023-44487 (rapid reset), CVE-2024-27316 (CONTINUATION),
 * CVE-2025-8671 (MadeYouReset).
 */
import { type Clock } from './clock.ts';
import { FloodError } from './protocol.ts';
import { TokenBucket } from './token-bucket.ts';

/** Streams that the peer resets, or makes this side reset or refuse. Grafana resets one for each query that is cancelled. */
const RESET_BURST = 10_000;
const RESETS_PER_SECOND = 2000;

/** Frames that carry nothing for a call. */
const FRAME_BURST = 10_000;
const FRAMES_PER_SECOND = 2000;

/** DATA with less content costs as much as an empty frame. A gRPC message of Flight or Grafana is longer. */
const TINY_BYTES = 64;

/** Bytes of DATA, sent or received, that pay for one frame more. Peers open windows for 16 KiB and more. */
const LOG_BYTES_PER_FRAME = 12;

/** Bytes of a frame without flow control that cost as much as another frame. */
const LOG_BYTES_PER_COST = 10;

/** Streams that are visited for the cost of one frame. */
const LOG_STREAMS_PER_COST = 6;

export class FloodGuard {
  readonly #resets: TokenBucket;
  readonly #frames: TokenBucket;
  /** Bytes of DATA that may still come on streams that this side gave up. */
  #lateBytes = 0;

  constructor(clock: Clock) {
    this.#resets = new TokenBucket(RESET_BURST, RESETS_PER_SECOND, clock);
    this.#frames = new TokenBucket(FRAME_BURST, FRAMES_PER_SECOND, clock);
  }

  /** The peer ended a stream before its time. @throws {FloodError} */
  reset(): void {
    if (!this.#resets.take(1)) {
      throw new FloodError('resets');
    }
  }

  /**
   * A frame has come that carries no data of a call.
   *
   * @param bytes Length of its payload, as far as that costs work.
   * @param streams How many streams it makes this side visit.
   * @throws {FloodError}
   */
  frame(bytes = 0, streams = 0): void {
    if (!this.#frames.take(1 + (bytes >> LOG_BYTES_PER_COST) + (streams >> LOG_STREAMS_PER_COST))) {
      throw new FloodError('frames');
    }
  }

  /** The headers of a new request: only long ones count. @throws {FloodError} */
  requestHeaders(bytes: number): void {
    const cost = bytes >> LOG_BYTES_PER_COST;
    if (cost > 0 && !this.#frames.take(cost)) {
      throw new FloodError('frames');
    }
  }

  /** DATA has come on a stream that is open. @param contentBytes Without padding, or less. @throws {FloodError} */
  data(contentBytes: number): void {
    if (contentBytes >= TINY_BYTES) {
      this.#frames.earn(contentBytes >> LOG_BYTES_PER_FRAME);
    } else if (!this.#frames.take(1)) {
      throw new FloodError('frames');
    }
  }

  /** This side gave a stream up, on which the peer may still send so many bytes. */
  gaveUp(windowBytes: number): void {
    this.#lateBytes += windowBytes;
  }

  /** DATA has come on a stream that is over. @throws {FloodError} */
  lateData(bytes: number): void {
    this.#lateBytes -= bytes;
    if (this.#lateBytes < 0) {
      // What a peer sends on streams that it ended itself was never allowed.
      this.frame(-this.#lateBytes);
      this.#lateBytes = 0;
    } else if (bytes < TINY_BYTES) {
      this.frame();
    }
  }

  /** A frame of DATA went out: the peer opens its windows again, that of the stream and that of the connection. */
  sent(bytes: number): void {
    this.#frames.earn(2 + (bytes >> LOG_BYTES_PER_FRAME));
  }
}
