/**
 * The results that several callers of a data source share: results of running statements, and results of statements
 * that ended a short time ago.
 *
 * The key of a statement decides who shares its result, see `proxy/query/sharing/`. Nothing is shared between
 * instances, so changed settings begin with no results.
 */
import { Cache } from '../../../contract/cache';
import { StringMap } from '../../../contract/string-map';
import { type StartTimer, startSystemTimer } from '../../base/async/with-limits';
import { type KeptMemory } from '../../observe/memory/kept-memory';
import { MAX_KEPT_RESULT_BYTES } from './kept-messages';
import { Recording, type RecordingEnd } from './recording';

/** Maximum number of bytes of all kept results of a data source, including the results of running statements. */
export const MAX_KEPT_BYTES = 8 * MAX_KEPT_RESULT_BYTES;

/**
 * After its result was too large, a statement is not shared for this many milliseconds: other callers would wait for a
 * result that they cannot get.
 */
const LARGE_MS = 60_000;
/** Maximum number of statements that are remembered as too large. */
const MAX_LARGE = 1000;

/**
 * Minimum milliseconds between two searches for expired results, and from the end of a statement to the next search.
 */
const LEAST_SWEEP_MS = 1000;

/** A caller's request for the result of a statement. */
export interface SharedRequest {
  /** Equal for callers that may share a result. Of bounded length. */
  key: string;
  /** See `Recording.owner`. */
  owner: string;
  /**
   * Maximum age of a result that the caller accepts, in milliseconds from the start of its statement. 0: the caller
   * accepts only the result of a statement that is not sent yet.
   */
  maxAgeMs: number;
  /**
   * True: the caller accepts no shared result. The result of its statement replaces the shared result with this key.
   */
  skips: boolean;
}

/**
 * The recording from which a caller gets its result, and the state of the recording when the caller came.
 *
 * - `first`: the recording is new. This caller, or a caller that joins the recording, sends the statement.
 * - `joined`: the statement of the recording waits for a slot, or runs and is young enough.
 * - `kept`: the result is complete.
 */
export interface SharedPlace {
  kind: 'first' | 'joined' | 'kept';
  recording: Recording;
  /** Call this when the caller stops reading. Further calls have no effect. */
  leave(): void;
}

export interface SharedResultsDeps {
  /** Milliseconds of a monotonic clock: a clock that is set back must not keep results longer. */
  elapsedMs: () => number;
  /** Default: nothing is kept, so results are not shared. */
  kept?: KeptMemory | undefined;
  /** For tests. */
  startTimer?: StartTimer | undefined;
}

/** The shared results of one instance. */
export class SharedResults {
  readonly #deps: SharedResultsDeps;
  readonly #unregister: (() => void) | undefined;
  /** Statements that have not ended. */
  readonly #running = new StringMap<Recording>();
  /** Complete results, the least recently used first. */
  readonly #complete = new StringMap<Recording>();
  /** The keys whose statements are not shared, because their results were too large. */
  readonly #large: Cache<true>;
  #keptBytes = 0;
  #cancelTimer: (() => void) | undefined;
  /** The timer waits for the expiry of this result. */
  #nextEnd: Recording | undefined;
  #isClosed = false;

  constructor(deps: SharedResultsDeps) {
    this.#deps = deps;
    this.#large = new Cache({ maxSize: MAX_LARGE, ageMs: LARGE_MS, now: deps.elapsedMs });
    this.#unregister = deps.kept?.register({
      dropAll: () => this.#dropComplete(),
      dropOldest: () => this.#dropOldest(),
      oldestUse: () => this.#complete.values().next().value?.lastUse,
    });
  }

  /** Bytes of all kept results. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /**
   * Adds a caller to a result that the caller may share, or to a new one.
   *
   * @returns Undefined if the caller must send a statement of its own, which is not shared.
   */
  open(request: SharedRequest): SharedPlace | undefined {
    const { key, maxAgeMs, skips } = request;
    if (this.#isClosed || this.#large.get(key)) {
      return undefined;
    }
    const running = skips ? undefined : this.#running.get(key);
    if (running !== undefined && (!running.isSent || running.ageMs < maxAgeMs)) {
      running.lifetimeMs = Math.max(running.lifetimeMs, maxAgeMs);
      return placeIn(running, 'joined');
    }
    const complete = skips ? undefined : this.#complete.get(key);
    if (complete !== undefined && complete.ageMs < maxAgeMs) {
      this.#use(complete);
      return placeIn(complete, 'kept');
    }
    return this.#first(request);
  }

  /**
   * Drops all results of a user whom the server has rejected. From then on, no caller joins the user's running
   * statements.
   *
   * @param owner See `Recording.owner`.
   */
  dropOf(owner: string): void {
    this.#dropWhere((recording) => recording.owner === owner);
  }

  /** Drops all results, when the server has rejected the sign-in. From then on, no caller joins running statements. */
  dropAll(): void {
    this.#dropWhere(() => true);
  }

  /** Drops all results, and shares nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.dropAll();
    this.#unregister?.();
  }

  #dropWhere(isDropped: (recording: Recording) => boolean): void {
    for (const recordings of [this.#complete, this.#running]) {
      for (const recording of recordings.values()) {
        if (isDropped(recording)) {
          recordings.delete(recording.key);
          recording.drop();
        }
      }
    }
  }

  #first({ key, owner, maxAgeMs }: SharedRequest): SharedPlace {
    // If this recording replaces a running one, it gets the longer of the two lifetimes.
    const lifetimeMs = Math.max(maxAgeMs, this.#running.get(key)?.lifetimeMs ?? 0);
    const recording: Recording = new Recording(key, owner, lifetimeMs, {
      elapsedMs: this.#deps.elapsedMs,
      take: (bytes) => this.#take(bytes),
      free: (taken, isInUse) => this.#free(taken, isInUse),
      ended: (ended, end) => this.#ended(ended, end),
    });
    this.#running.set(key, recording);
    return placeIn(recording, 'first');
  }

  /** @returns True if the result is kept. */
  #ended(recording: Recording, end: RecordingEnd): boolean {
    const { key, ageMs, lifetimeMs } = recording;
    const isCurrent = this.#running.get(key) === recording && this.#running.delete(key);
    if (end.kind === 'outgrown' && recording.isTooLarge) {
      this.#large.set(key, true);
    }
    if (!isCurrent || end.kind !== 'complete' || ageMs >= lifetimeMs || this.#deps.kept?.isShort !== false) {
      return false;
    }
    this.#dropOne(key);
    this.#use(recording);
    this.#sweepAfter(recording);
    return true;
  }

  #use(recording: Recording): void {
    recording.lastUse = this.#deps.kept?.nextUse() ?? 0;
    this.#complete.delete(recording.key);
    this.#complete.set(recording.key, recording);
  }

  #take(bytes: number): Uint8Array | undefined {
    const { kept } = this.#deps;
    const size = kept?.sizeOf(bytes) ?? Infinity;
    let hasRoom = this.#keptBytes + size <= MAX_KEPT_BYTES;
    while (!hasRoom && this.#dropOldest()) {
      hasRoom = this.#keptBytes + size <= MAX_KEPT_BYTES;
    }
    const taken = hasRoom ? kept?.takeBuffer(bytes) : undefined;
    if (taken !== undefined) {
      this.#keptBytes += size;
    }
    return taken;
  }

  #free(taken: Uint8Array, isInUse: boolean): void {
    const { kept } = this.#deps;
    this.#keptBytes -= kept?.sizeOf(taken.length) ?? 0;
    kept?.freeBuffer(taken, isInUse);
  }

  #dropOne(key: string): void {
    const recording = this.#complete.get(key);
    this.#complete.delete(key);
    recording?.drop();
  }

  #dropOldest(): boolean {
    const [oldest] = this.#complete.keys();
    if (oldest === undefined) {
      return false;
    }
    this.#dropOne(oldest);
    return true;
  }

  #dropComplete(): void {
    [...this.#complete.keys()].forEach((key) => this.#dropOne(key));
  }

  /** Sets the timer to the expiry of this result, unless another result expires earlier. */
  #sweepAfter(recording: Recording): void {
    const { startTimer = startSystemTimer } = this.#deps;
    const leftMs = leftMsOf(recording);
    if (this.#nextEnd === undefined || leftMs < leftMsOf(this.#nextEnd)) {
      this.#cancelTimer?.();
      this.#nextEnd = recording;
      this.#cancelTimer = startTimer(() => this.#sweep(), Math.max(leftMs, LEAST_SWEEP_MS));
    }
  }

  /** Drops the results that have expired. */
  #sweep(): void {
    this.#nextEnd = undefined;
    let next: Recording | undefined;
    for (const recording of this.#complete.values()) {
      const leftMs = leftMsOf(recording);
      if (leftMs <= 0) {
        this.#dropOne(recording.key);
      } else if (next === undefined || leftMs < leftMsOf(next)) {
        next = recording;
      }
    }
    if (next !== undefined) {
      this.#sweepAfter(next);
    }
  }
}

/** Milliseconds for which the result may still be read. */
function leftMsOf({ lifetimeMs, ageMs }: Recording): number {
  return lifetimeMs - ageMs;
}

function placeIn(recording: Recording, kind: SharedPlace['kind']): SharedPlace {
  return { kind, recording, leave: recording.enter() };
}
