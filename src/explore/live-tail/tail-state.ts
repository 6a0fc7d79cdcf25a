/**
 * The state of one live tail: what to request next, and what has arrived. Times of arrival are seconds of the server's
 * clock. Times in milliseconds are those of the local clock. Only differences between local times are used, so the two
 * clocks may differ.
 */
import { type DataFrame } from '@grafana/data';
import { TAIL_COUNT_COLUMNS, type TailRequest } from '../../../contract/logs/tail-request';
import { type ArrivedLine, arrivalsOf } from './arrived-lines';
import { KnownLines } from './known-lines';
import { TailLines } from './tail-lines';

/**
 * Each step (one request of the tail) reads the lines of this many seconds again. It may take up to 150 s until queries
 * return a line that has arrived at the server. So lines do not appear in the order of their arrival.
 */
export const OVERLAP_SECONDS = 180;
/** While no lines appear, the server may be behind. So each step reads up to this many additional seconds again. */
const STALL_SECONDS = 300;
/** A tail restarts if it was interrupted for more seconds than this. */
const MAX_GAP_SECONDS = 600;
/** A line that appears more than this many seconds after its arrival is not counted as late. */
const COUNTED_SECONDS = 900;
/** Seconds between two steps that request numbers of lines, in order to find late lines. */
const CHECK_INTERVAL_SECONDS = 60;

/** The values in the notice of a live tail. Counts are since the start of the tail. */
export interface TailStatus {
  /**
   * Seconds from the arrival of the newest line at the server until the browser received it. Undefined before the first
   * line.
   */
  delaySeconds: number | undefined;
  /** Lines that appeared too late. They are not shown. */
  late: number;
  /** Lines that are not shown, because too many arrived at once. */
  missed: number;
  /** Seconds whose lines are not shown, because the tail was interrupted. */
  gapSeconds: number;
}

/** The newest lines, the `meta` of the last frame with new lines, and the status. */
export interface TailView {
  lines: Pick<DataFrame, 'fields' | 'length'>;
  meta: DataFrame['meta'];
  status: TailStatus;
}

/** For one query. Call `next` and `accept` in turn: only one step may be in flight. */
export class TailState {
  readonly #capacity: number;
  readonly #buffer: TailLines;
  #known = new KnownLines();
  #meta: DataFrame['meta'];
  #startedMs: number;
  /** Start of the last step that succeeded. */
  #succeededMs: number | undefined;
  #checkedMs: number;
  #lastLineMs: number;
  #server: { seconds: number; atMs: number } | undefined;
  #delaySeconds: number | undefined;
  #gapSeconds = 0;
  /** Late lines before the last restart. */
  #lateBefore = 0;
  /** Number of lines that were missed before the last restart, and of lines beyond the capacity of a response. */
  #missedBefore = 0;
  /** `ageSeconds` of the last request for lines. */
  #ageSeconds = OVERLAP_SECONDS;

  /** @param capacity Maximum number of lines that are shown, and of lines of one step. */
  constructor(capacity: number, nowMs: number) {
    this.#capacity = capacity;
    this.#buffer = new TailLines(capacity);
    this.#startedMs = nowMs;
    this.#checkedMs = nowMs;
    this.#lastLineMs = nowMs;
  }

  /** The next request: for lines, or once in a minute for numbers of lines. */
  next(nowMs: number): TailRequest {
    const interruptedSeconds = (nowMs - (this.#succeededMs ?? nowMs)) / 1000;
    if (interruptedSeconds > MAX_GAP_SECONDS) {
      this.#restart(nowMs, interruptedSeconds - OVERLAP_SECONDS);
    }
    const checkedSeconds = (nowMs - this.#checkedMs) / 1000;
    if (this.#succeededMs !== undefined && checkedSeconds >= CHECK_INTERVAL_SECONDS) {
      this.#checkedMs = nowMs;
      const age = Math.min(COUNTED_SECONDS, Math.ceil(this.#sinceStart(nowMs)) + OVERLAP_SECONDS);
      return { kind: 'counts', ageSeconds: age };
    }
    const quietSeconds = Math.min((nowMs - this.#lastLineMs) / 1000, STALL_SECONDS);
    this.#ageSeconds =
      OVERLAP_SECONDS +
      Math.ceil(Math.max(quietSeconds, this.#succeededMs === undefined ? 0 : (nowMs - this.#succeededMs) / 1000));
    return {
      kind: 'lines',
      ageSeconds: this.#ageSeconds,
      known: this.#known.counts(this.#serverSeconds(nowMs) - this.#ageSeconds - 2),
      limit: this.#capacity,
    };
  }

  /**
   * Adds the response to `request`.
   *
   * @param frame      Undefined for a response without rows.
   * @param startedMs  When the step was sent.
   * @returns True if there is something new to show.
   */
  accept(request: TailRequest, frame: DataFrame | undefined, startedMs: number, nowMs: number): boolean {
    if (request.kind === 'counts') {
      return frame !== undefined && this.#check(frame, nowMs);
    }
    const isFirst = this.#succeededMs === undefined;
    this.#succeededMs = startedMs;
    const arrivals = frame === undefined ? undefined : arrivalsOf(frame);
    if (frame === undefined || arrivals === undefined) {
      return false;
    }
    this.#server = { seconds: arrivals.now, atMs: startedMs };
    const missed = this.#known.missed;
    const fresh = this.#known.add(arrivals.lines, isFirst);
    this.#forget(arrivals.now);
    if (fresh.length === 0) {
      return this.#known.missed !== missed;
    }
    // A response may have more lines than the limit: it also has a line for each second in which the number of lines
    // has changed.
    this.#missedBefore += isFirst ? 0 : Math.max(0, fresh.length - this.#capacity);
    this.#lastLineMs = nowMs;
    this.#delaySeconds = delayOf(fresh, arrivals.now + (nowMs - startedMs) / 1000);
    this.#meta = frame.meta;
    this.#buffer.append(
      frame,
      fresh.map(({ row }) => row)
    );
    return true;
  }

  /** The lines and the status to show now. */
  view(): TailView {
    return {
      lines: this.#buffer.frame(),
      meta: this.#meta,
      status: {
        delaySeconds: this.#delaySeconds,
        late: this.#lateBefore + this.#known.late,
        missed: this.#missedBefore + this.#known.missed,
        gapSeconds: this.#gapSeconds,
      },
    };
  }

  /**
   * Counts late lines, which appeared in seconds that the tail no longer reads. @returns True if the number of late
   * lines has grown.
   */
  #check(frame: DataFrame, nowMs: number): boolean {
    const column = (name: string): number[] =>
      (frame.fields.find((field) => field.name === name)?.values ?? []).map(Number);
    const lines = column(TAIL_COUNT_COLUMNS.lines);
    const now = column(TAIL_COUNT_COLUMNS.now)[0] ?? NaN;
    // The first second that the first step has read completely.
    const from = Math.ceil(now - this.#sinceStart(nowMs)) - OVERLAP_SECONDS + 1;
    const to = now - this.#ageSeconds - 1;
    const late = this.#known.late;
    this.#known.check(
      column(TAIL_COUNT_COLUMNS.second).flatMap((second, index) =>
        second >= from && second < to ? [[second, lines[index]] as const] : []
      )
    );
    return this.#known.late !== late;
  }

  #forget(serverSeconds: number): void {
    this.#known.forget({
      secondsBefore: serverSeconds - COUNTED_SECONDS - CHECK_INTERVAL_SECONDS,
      identitiesBefore: serverSeconds - OVERLAP_SECONDS - STALL_SECONDS - MAX_GAP_SECONDS,
    });
  }

  #restart(nowMs: number, gapSeconds: number): void {
    this.#lateBefore += this.#known.late;
    this.#missedBefore += this.#known.missed;
    this.#gapSeconds += Math.round(gapSeconds);
    this.#known = new KnownLines();
    this.#server = undefined;
    this.#startedMs = nowMs;
    this.#checkedMs = nowMs;
    this.#lastLineMs = nowMs;
    this.#succeededMs = undefined;
  }

  #sinceStart(nowMs: number): number {
    return (nowMs - this.#startedMs) / 1000;
  }

  /** An upper bound for the current time of the server, in seconds since 1970. 0 if no response had lines yet. */
  #serverSeconds(nowMs: number): number {
    return this.#server === undefined ? 0 : this.#server.seconds + (nowMs - this.#server.atMs) / 1000;
  }
}

function delayOf(fresh: readonly ArrivedLine[], serverSeconds: number): number {
  const { second, nanos } = fresh[fresh.length - 1];
  return Math.max(0, serverSeconds - second - nanos / 1e9);
}
