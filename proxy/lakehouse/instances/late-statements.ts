/**
 * Keeps the places of late statements for a while. Micromegas may work on a statement for minutes after its caller has
 * left, so the next statements of this caller would add to its load.
 *
 * A probe, `SELECT 1`, tells when the server is free again: when it responds in usual time, all places that were held
 * before it was sent are free. One probe runs at a time.
 */
import { type StartTimer } from '../../base/async/with-limits';
import { type Release } from './statement-slots';

/** A cancelled statement is late if it ran longer than this, in milliseconds. */
export const LATE_AFTER_MS = 5000;
/** A place is held at most this long, in milliseconds. */
export const MAX_HELD_MS = 60_000;
/** Milliseconds between the response to a probe and the next probe. */
const PROBE_PAUSE_MS = 1000;
/** A response within this time is always usual, in milliseconds. */
const FAST_MS = 250;
/** A usual response takes at most this many times as long as the fastest response of the server. */
const USUAL_FACTOR = 4;
/** The limit of a usual response before the server has responded, in milliseconds. */
const UNKNOWN_USUAL_MS = 1000;

/** `late`: the server did not respond in time. `failed`: the connection or the sign-in failed, so a wait is useless. */
export type ProbeOutcome = 'responded' | 'late' | 'failed';

/** Sends one statement that costs nothing. Must not reject. */
export type Probe = (signal: AbortSignal) => Promise<ProbeOutcome>;

interface LateStatementsDeps {
  /** Milliseconds of a monotonic clock. */
  elapsedMs: () => number;
  startTimer: StartTimer;
}

interface HeldPlace {
  release: Release;
  probe: Probe;
  heldAtMs: number;
}

/** The places of the late statements of one data source. */
export class LateStatements {
  readonly #deps: LateStatementsDeps;
  readonly #places = new Set<HeldPlace>();
  readonly #closed = new AbortController();
  /** The fastest response of the server in milliseconds. */
  #fastestMs: number | undefined;
  /** How long the server took for the last probe to which it responded. It becomes usual if the server stays slow. */
  #lastMs: number | undefined;
  #isProbing = false;

  constructor(deps: LateStatementsDeps) {
    this.#deps = deps;
  }

  /** Notes how long the server took for the first message of a statement, in milliseconds. */
  noteResponse(ms: number): void {
    this.#fastestMs = Math.min(ms, this.#fastestMs ?? ms);
  }

  /**
   * Holds a place until a probe responds in usual time.
   *
   * @param release Gives the place back.
   */
  hold(release: Release, probe: Probe): void {
    const place: HeldPlace = { release, probe, heldAtMs: this.#deps.elapsedMs() };
    this.#places.add(place);
    if (!this.#isProbing) {
      this.#isProbing = true;
      void this.#probeUntilFree();
    }
  }

  /** Gives all places back, and ends the probe. */
  close(): void {
    this.#closed.abort();
    this.#release(() => true);
  }

  get #usualMs(): number {
    return this.#fastestMs === undefined ? UNKNOWN_USUAL_MS : Math.max(FAST_MS, USUAL_FACTOR * this.#fastestMs);
  }

  #release(isFree: (place: HeldPlace) => boolean): void {
    for (const place of [...this.#places].filter(isFree)) {
      this.#places.delete(place);
      place.release();
    }
  }

  async #probeUntilFree(): Promise<void> {
    for (let [place] = this.#places; place !== undefined; [place] = this.#places) {
      await this.#probeOnce(place);
      if (this.#places.size > 0) {
        await this.#pause();
      }
    }
    this.#isProbing = false;
  }

  async #probeOnce({ probe, heldAtMs }: HeldPlace): Promise<void> {
    const { elapsedMs, startTimer } = this.#deps;
    const startMs = elapsedMs();
    const probing = new AbortController();
    const end = () => probing.abort();
    const cancelTimer = startTimer(end, Math.max(0, heldAtMs + MAX_HELD_MS - startMs));
    this.#closed.signal.addEventListener('abort', end, { once: true });
    const outcome = await probe(probing.signal);
    this.#closed.signal.removeEventListener('abort', end);
    cancelTimer();
    const tookMs = elapsedMs() - startMs;
    if (outcome === 'responded') {
      this.#lastMs = tookMs;
    }
    const isFree = outcome === 'failed' || (outcome === 'responded' && tookMs <= this.#usualMs);
    const hasExpired = (place: HeldPlace) => startMs + tookMs - place.heldAtMs >= MAX_HELD_MS;
    if (!isFree && [...this.#places].some(hasExpired)) {
      this.#fastestMs = this.#lastMs ?? this.#fastestMs;
    }
    this.#release((place) => (isFree && place.heldAtMs <= startMs) || hasExpired(place));
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#deps.startTimer(resolve, PROBE_PAUSE_MS);
    });
  }
}
