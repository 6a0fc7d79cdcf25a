/**
 * Keeps the number of lines of each second, and the identities of the lines that a live tail has received. Finds the
 * new lines of a response, and counts the lines that were never received.
 */
import { type KnownCounts, MAX_TAIL_SECONDS } from '../../../contract/logs/tail-request';
import { type ArrivedLine } from './arrived-lines';

interface Second {
  /** Number of lines on the server. */
  lines: number;
  /** Number of lines that were received. */
  received: number;
  /**
   * Number of lines that were not received, but do not count as missed. They arrived before the tail began, or count as
   * late.
   */
  excused: number;
  /** Number of received lines by identity. Undefined when the identities are no longer kept. */
  identities: Map<number, number> | undefined;
}

/** Maximum number of seconds for which a tail keeps the number of lines. */
const MAX_SECONDS = 3600;
/** Maximum number of identities that are kept: about 15 MB. Equal lines share an identity. */
const MAX_IDENTITIES = 200_000;

/** One per tail. A second is a number of seconds since 1970, by the clock of the server. */
export class KnownLines {
  readonly #seconds = new Map<number, Second>();
  #identities = 0;
  #late = 0;
  /** Number of missed lines of seconds that are no longer kept. */
  #missedBefore = 0;

  /** Number of lines that appeared too late to be received: the tail no longer read their second. */
  get late(): number {
    return this.#late;
  }

  /** Number of lines that are missing because too many arrived at once. */
  get missed(): number {
    let missed = this.#missedBefore;
    for (const second of this.#seconds.values()) {
      missed += missedOf(second);
    }
    return missed;
  }

  /** The number of lines of each second, from `fromSecond` on. Undefined if no number is known. */
  counts(fromSecond: number): KnownCounts | undefined {
    const seconds = [...this.#seconds.keys()].filter((second) => second >= fromSecond);
    if (seconds.length === 0) {
      return undefined;
    }
    const firstSecond = Math.min(...seconds);
    // Several servers receive lines. If the clock of one of them is ahead, the list could be longer than allowed.
    const length = Math.min(Math.max(...seconds) - firstSecond + 1, MAX_TAIL_SECONDS);
    const lines = Array.from({ length }, (_none, index) => this.#seconds.get(firstSecond + index)?.lines ?? 0);
    return { firstSecond, lines };
  }

  /**
   * The lines that are new, in the given order.
   *
   * @param isFirst True for the first response. The lines that it leaves out arrived before the tail began, so they do
   *   not count as missed.
   */
  add(lines: readonly ArrivedLine[], isFirst: boolean): ArrivedLine[] {
    const occurrences = new Map<Second, Map<number, number>>();
    const fresh = lines.filter(({ second, secondLines, identity }) => {
      const known = this.#secondAt(second);
      known.lines = secondLines;
      const counts = occurrences.get(known) ?? new Map<number, number>();
      occurrences.set(known, counts);
      const occurrence = (counts.get(identity) ?? 0) + 1;
      counts.set(identity, occurrence);
      // If the identities of a second are not kept, the lines of this second count as known.
      if (known.identities === undefined || occurrence <= (known.identities.get(identity) ?? 0)) {
        return false;
      }
      this.#identities += occurrence === 1 ? 1 : 0;
      known.identities.set(identity, occurrence);
      known.received++;
      return true;
    });
    for (const second of occurrences.keys()) {
      const absent = Math.max(0, second.lines - second.received);
      second.excused = isFirst ? absent : Math.min(second.excused, absent);
    }
    return fresh;
  }

  /**
   * Compares numbers of lines with the numbers on the server, for seconds that the tail no longer reads. Additional
   * lines of the server count as late.
   */
  check(counts: ReadonlyArray<readonly [second: number, lines: number]>): void {
    for (const [at, lines] of counts) {
      const second = this.#secondAt(at);
      const late = lines - second.lines;
      if (late > 0) {
        second.lines = lines;
        second.excused += late;
        this.#late += late;
      }
    }
  }

  /**
   * Forgets the seconds before `secondsBefore`, and the identities of lines before `identitiesBefore`. If there are
   * still too many seconds or identities, forgets the oldest ones, too.
   */
  forget({ secondsBefore, identitiesBefore }: { secondsBefore: number; identitiesBefore: number }): void {
    const oldestFirst = [...this.#seconds].sort(([a], [b]) => a - b);
    for (const [at, second] of oldestFirst) {
      if (at < secondsBefore || this.#seconds.size > MAX_SECONDS) {
        this.#missedBefore += missedOf(second);
        this.#seconds.delete(at);
      }
      if (at < identitiesBefore || this.#identities > MAX_IDENTITIES || !this.#seconds.has(at)) {
        this.#identities -= second.identities?.size ?? 0;
        second.identities = undefined;
      }
    }
  }

  #secondAt(at: number): Second {
    const second = this.#seconds.get(at) ?? {
      lines: 0,
      received: 0,
      excused: 0,
      identities: new Map<number, number>(),
    };
    this.#seconds.set(at, second);
    return second;
  }
}

function missedOf({ lines, received, excused }: Second): number {
  return Math.max(0, lines - received - excused);
}
