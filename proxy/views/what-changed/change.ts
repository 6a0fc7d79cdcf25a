/** The type of a change, the rule for growth, and the order of changes. */

/**
 * `new-lines`: lines of a target and level that had no line in the time before the window. `more-lines`: more lines
 * than in that time. `first-lines`: lines of a process or program that wrote no lines before, so there is nothing to
 * compare with. The other kinds are about processes of a program.
 */
export type ChangeKind =
  'new-lines' | 'more-lines' | 'first-lines' | 'started' | 'more-started' | 'ended' | 'more-ended' | 'new-version';

/** Bytes of the objects of a change, without its strings. */
export const CHANGE_BYTES = 500;

/** A change in the window, compared with the time before the window. */
export interface Change {
  kind: ChangeKind;
  exe: string;
  /** Undefined for a change of the whole program. */
  processId?: string;
  /** Target of the log lines. Undefined for changes of processes. */
  target?: string;
  /** Level from 1 (fatal) to 6 (trace). Undefined for changes of processes. */
  level?: number;
  /** The version. Set only for `new-version`. */
  version?: string;
  /** Number of lines or processes in the time before, scaled to the length of the window. */
  before: number;
  /** Number of lines or processes in the window. */
  after: number;
  /**
   * Time of the first line or process of the window, in nanoseconds since 1970. It is exact or rounded down to the
   * minute.
   */
  firstNs: bigint;
}

/**
 * Minimum growth, as a multiple of the standard deviation (about the square root of `before`). Smaller growth counts as
 * random.
 */
export const MIN_DEVIATIONS = 2;

/** True if the growth from `before` to `after` is not random. The SQL of `changed-lines.ts` has the same rule. */
export function hasGrown(before: number, after: number): boolean {
  return after - before >= MIN_DEVIATIONS * Math.sqrt(before + 1);
}

const RANKS: Readonly<Record<ChangeKind, number>> = {
  'new-lines': 0,
  started: 0,
  ended: 0,
  'new-version': 0,
  'more-lines': 1,
  'more-started': 1,
  'more-ended': 1,
  'first-lines': 2,
};

/**
 * Returns the display order of changes. New lines, new versions, and processes that started or ended come first: those
 * before the moment in the order of their distance from it, then those after the moment. Without a moment, the earliest
 * comes first. Increases follow, sorted by their factor. Lines of new processes come last.
 *
 * @param atMs The moment of the query, in milliseconds since 1970.
 */
export function changeOrder(atMs: number | undefined): (a: Change, b: Change) => number {
  const atNs = atMs === undefined ? undefined : BigInt(Math.floor(atMs * 1000)) * 1000n;
  return (a, b) => {
    const rank = RANKS[a.kind];
    if (rank !== RANKS[b.kind]) {
      return rank - RANKS[b.kind];
    }
    const byRank = rank === 0 ? byTime(a, b, atNs) : rank === 1 ? factor(b) - factor(a) : 0;
    return byRank || (a.level ?? 0) - (b.level ?? 0) || b.after - a.after;
  };
}

function byTime({ firstNs: a }: Change, { firstNs: b }: Change, atNs: bigint | undefined): number {
  const isBefore = (ns: bigint) => atNs !== undefined && ns <= atNs;
  return isBefore(a) !== isBefore(b) ? (isBefore(a) ? -1 : 1) : Number(isBefore(a) ? b - a : a - b);
}

/** The factor of an increase: `after` divided by `before`. */
export function factor({ before, after }: Change): number {
  return after / before;
}
