/**
 * Limits the useless work that a peer can cause: frames without content, streams that are reset immediately, data for
 * closed streams.
 *
 * Each limit is a token bucket. Useful work earns tokens. For example, the peer responds to DATA with WINDOW_UPDATE
 * frames, so DATA that this side sends earns the tokens for these frames. The known attacks are CVE-2019-9511 to 9518,
 * CVE-2023-44487 (rapid reset), CVE-2024-27316 (CONTINUATION), CVE-2025-8671 (MadeYouReset).
 */
import { type Clock } from './options.ts';
import { FloodError } from './protocol.ts';

/**
 * Maximum burst of streams that the peer resets, or that this side resets or rejects because of the peer. Grafana
 * resets one stream for each cancelled query.
 */
const RESET_BURST = 10_000;
/** Number of resets that the peer may cause per second in the long run. */
const RESETS_PER_SECOND = 2000;

/** Maximum burst of frames that carry no data of a stream, such as PING. */
const FRAME_BURST = 10_000;
/** Number of such frames that the peer may send per second in the long run. */
const FRAMES_PER_SECOND = 2000;

/**
 * A DATA frame with fewer bytes of content than this is counted as a frame without content. The messages of Flight and
 * Grafana are longer.
 */
const TINY_BYTES = 64;

/**
 * The peer may send one more frame for every 4 KiB of DATA, sent or received. The value is the binary logarithm of 4
 * KiB. Peers send a WINDOW_UPDATE frame after 16 KiB of DATA or more.
 */
const LOG_BYTES_PER_EARNED_FRAME = 12;

/**
 * In a frame without flow control, every 1 KiB counts as one more frame. The value is the binary logarithm of 1 KiB.
 */
const LOG_BYTES_PER_FRAME = 10;

/**
 * If a frame affects many streams, every 64 of them count as one more frame. The value is the binary logarithm of 64.
 */
const LOG_STREAMS_PER_FRAME = 6;

/** The limits of one connection. A `FloodError` closes it with ENHANCE_YOUR_CALM. */
export class FloodGuard {
  readonly #resets: TokenBucket;
  readonly #frames: TokenBucket;
  /** Bytes of DATA that the peer may still send on streams that this side closed early. */
  #lateBytes = 0;

  constructor(clock: Clock) {
    this.#resets = new TokenBucket(RESET_BURST, RESETS_PER_SECOND, clock);
    this.#frames = new TokenBucket(FRAME_BURST, FRAMES_PER_SECOND, clock);
  }

  /** Call this when the peer has reset a stream, or has caused this side to reset or reject it. @throws {FloodError} */
  countReset(): void {
    if (!this.#resets.take(1)) {
      throw new FloodError('resets');
    }
  }

  /**
   * Counts a frame that carries no data of an open stream.
   *
   * @param bytes Bytes of the payload that cause work.
   * @param streams Streams that this side visits because of the frame.
   * @throws {FloodError}
   */
  countFrame(bytes = 0, streams = 0): void {
    if (!this.#frames.take(1 + (bytes >> LOG_BYTES_PER_FRAME) + (streams >> LOG_STREAMS_PER_FRAME))) {
      throw new FloodError('frames');
    }
  }

  /** Counts the headers of a new request, if they are long. @param bytes Compressed length. @throws {FloodError} */
  countRequestHeaders(bytes: number): void {
    const cost = bytes >> LOG_BYTES_PER_FRAME;
    if (cost > 0 && !this.#frames.take(cost)) {
      throw new FloodError('frames');
    }
  }

  /**
   * Counts DATA for an open stream.
   *
   * @param contentBytes Bytes that are content for certain, not padding.
   * @throws {FloodError}
   */
  countData(contentBytes: number): void {
    if (contentBytes >= TINY_BYTES) {
      this.#frames.earn(contentBytes >> LOG_BYTES_PER_EARNED_FRAME);
    } else if (!this.#frames.take(1)) {
      throw new FloodError('frames');
    }
  }

  /**
   * Call this when this side closes a stream early.
   *
   * @param windowBytes Bytes that the peer may still send on the stream.
   */
  allowLateData(windowBytes: number): void {
    this.#lateBytes += windowBytes;
  }

  /** Counts DATA for a closed stream. @throws {FloodError} */
  countLateData(bytes: number): void {
    this.#lateBytes -= bytes;
    if (this.#lateBytes < 0) {
      // The peer sent more than the windows allow, because it sent DATA on a stream that it had ended or reset itself.
      this.countFrame(-this.#lateBytes);
      this.#lateBytes = 0;
    } else if (bytes < TINY_BYTES) {
      this.countFrame();
    }
  }

  /**
   * Call this when a DATA frame was sent. The peer may respond with two WINDOW_UPDATE frames: for the stream and for
   * the connection.
   */
  dataSent(bytes: number): void {
    this.#frames.earn(2 + (bytes >> LOG_BYTES_PER_EARNED_FRAME));
  }
}

/**
 * A rate limit that allows bursts. A full bucket allows one burst, and the bucket refills at a constant rate.
 *
 * `take` reads the clock only when tokens are missing, so a token usually costs one subtraction. Tokens for a quiet
 * time are added only when the bucket is empty. So the peer can take two bursts after a quiet time.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #clock: Pick<Clock, 'nowMs'>;
  #tokens: number;
  #refilledMs: number;

  /** @param burst Tokens of a full bucket. */
  constructor(burst: number, perSecond: number, clock: Pick<Clock, 'nowMs'>) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#tokens = burst;
    this.#refilledMs = clock.nowMs();
  }

  /** @returns False when the bucket has fewer than `count` tokens. Then no token is taken. */
  take(count: number): boolean {
    if (this.#tokens < count) {
      this.#refill();
      if (this.#tokens < count) {
        return false;
      }
    }
    this.#tokens -= count;
    return true;
  }

  /** Adds tokens, up to a full bucket. */
  earn(count: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + count);
  }

  #refill(): void {
    const now = this.#clock.nowMs();
    this.earn(((now - this.#refilledMs) / 1000) * this.#perSecond);
    this.#refilledMs = now;
  }
}
