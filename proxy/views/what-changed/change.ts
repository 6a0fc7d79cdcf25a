/** A change, and the order of changes. */

/**
 * `new-lines`: lines of a target and level that had none in the hour before. `more-lines`: more lines than before.
 * `first-lines`: lines of a process that started in the window, which has no time before. The others are about the
 * processes of a program.
 */
export type ChangeKind =
  'new-lines' | 'more-lines' | 'first-lines' | 'started' | 'more-started' | 'ended' | 'more-ended' | 'new-version';

/** One thing that is new, or that grew, compared with the hour before. */
export interface Change {
  kind: ChangeKind;
  exe: string;
  /** Missing: the change concerns all processes of the program. */
  processId?: string;
  /** Target of the log lines. Missing for changes of processes. */
  target?: string;
  /** 1 (fatal) to 6 (trace). Missing for changes of processes. */
  level?: number;
  /** Of `new-version`. */
  version?: string;
  /** Lines or processes of the hour before, in proportion to the length of the window. */
  before: number;
  /** Lines or processes of the window. */
  after: number;
  /** The first one of the window, in nanoseconds since 1970. Exact, or the start of its minute. */
  firstNs: bigint;
}

/** Growth below this multiple of the usual variation, which is the square root of the number, counts as chance. */
export const MIN_DEVIATIONS = 2;

/** True if `after` is more than chance. The SQL of `changed-lines.ts` has the same rule. */
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
 * What is new comes first, in the order of time, because causes are earlier than their effects. Then what grew, by its
 * factor.
 */
export function compareChanges(a: Change, b: Change): number {
  const rank = RANKS[a.kind];
  if (rank !== RANKS[b.kind]) {
    return rank - RANKS[b.kind];
  }
  const byRank = rank === 0 ? Number(a.firstNs - b.firstNs) : rank === 1 ? factor(b) - factor(a) : 0;
  return byRank || (a.level ?? 0) - (b.level ?? 0) || b.after - a.after;
}

/** How many times as many as before. */
export function factor({ before, after }: Change): number {
  return after / before;
}
