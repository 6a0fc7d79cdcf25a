/**
 * Finds the parents of spans and their problems: missing parents, cycles, duplicate ids, and clocks that differ. No
 * span is left out and no time is changed. Each problem becomes a warning on its span.
 */
import { StringMap } from '../../../contract/string-map';
import { type Pace } from '../../base/async/turns';
import { truncateString } from '../../base/errors/truncate-string';
import { type Span } from './span';

/** A span with its position in the tree, and warnings about it. */
export interface CheckedSpan {
  span: Span;
  /** Index of the parent. -1: a root, the parent was not found, or the link to it is ignored to break a cycle. */
  parent: number;
  /** Undefined for a root, and for a span whose link to its parent is ignored to break a cycle. */
  parentId: string | undefined;
  warnings: readonly string[];
}

/** The difference of the clocks of two computers. */
export interface ClockSkew {
  /** The computer whose clock is ahead of the clock of `behind`. */
  ahead: string;
  behind: string;
  /** The largest difference, in milliseconds. */
  ms: number;
  /** Number of spans with a warning about the difference. */
  spans: number;
}

/** All spans of a trace, and the number of problems of each kind. */
export interface CheckedTrace {
  spans: CheckedSpan[];
  /** Number of spans whose parent was not found. */
  orphans: number;
  cycles: number;
  /** Number of ids that several spans have. */
  duplicates: number;
  skews: ClockSkew[];
}

/** Maximum number of UTF-16 units of a name or an id in a warning. */
const MAX_NAME_CHARACTERS = 100;

/** Minimum reported clock difference in nanoseconds. Smaller differences are below the precision of clocks. */
const LEAST_SKEW_NS = 1e6;

/** One shared value for all spans without warnings. */
const NO_WARNINGS: readonly string[] = [];
/** One shared value for all spans whose only problem is their end. */
const ENDS_EARLY: readonly string[] = [
  'The recorded end is before the start, so the duration is unknown and shown as zero. The clock of the process may have been set back.',
];

/** Number of values per span that a check reads, for `Pace`. */
const VALUES = 4;

/** Checks the spans of one trace in linear time, in steps between which other work of the process runs. */
export async function checkSpans(spans: readonly Span[], pace: Pace): Promise<CheckedTrace> {
  const indices = new StringMap<number>();
  const repeated = new StringMap<number>();
  await pace.each(spans, VALUES, ({ id }, index) => {
    if (indices.has(id)) {
      repeated.set(id, (repeated.get(id) ?? 1) + 1);
    } else {
      indices.set(id, index);
    }
  });
  const checked: CheckedSpan[] = [];
  await pace.each(spans, VALUES, (span) => {
    const parent = span.parentId === undefined ? undefined : indices.get(span.parentId);
    const warnings = span.endsEarly ? ENDS_EARLY : NO_WARNINGS;
    checked.push({ span, parent: parent ?? -1, parentId: span.parentId, warnings });
  });
  const orphans = await warnOrphans(checked, pace);
  await warnRepeated(checked, repeated, pace);
  return {
    spans: checked,
    orphans,
    cycles: await breakCycles(checked, pace),
    duplicates: repeated.size,
    skews: await warnSkews(checked, pace),
  };
}

function warn(checked: CheckedSpan, message: string): void {
  checked.warnings = [...checked.warnings, message];
}

async function warnOrphans(checked: readonly CheckedSpan[], pace: Pace): Promise<number> {
  let orphans = 0;
  await pace.each(checked, VALUES, (checkedSpan) => {
    const { parent, parentId } = checkedSpan;
    if (parentId !== undefined && parent < 0) {
      orphans++;
      warn(
        checkedSpan,
        `The parent ${shortened(parentId)} was not found. It was not recorded, or it belongs to a process that was not searched.`
      );
    }
  });
  return orphans;
}

async function warnRepeated(
  checked: readonly CheckedSpan[],
  repeated: ReadonlyMap<string, number>,
  pace: Pace
): Promise<void> {
  await pace.each(checked, VALUES, (checkedSpan) => {
    const times = repeated.get(checkedSpan.span.id);
    if (times !== undefined) {
      warn(checkedSpan, `The id of this span occurs ${times} times in the trace.`);
    }
  });
}

/**
 * Breaks cycles of parents. Views that start at the roots would not show the spans of a cycle.
 *
 * @returns Number of cycles.
 */
async function breakCycles(checked: readonly CheckedSpan[], pace: Pace): Promise<number> {
  let cycles = 0;
  /** By span: the number of the walk that reached it first. 0: no walk has reached it. */
  const walks = new Uint32Array(checked.length);
  await pace.each(checked, VALUES, (_span, start) => {
    let at = start;
    while (at >= 0 && walks[at] === 0) {
      walks[at] = start + 1;
      const { parent } = checked[at];
      if (parent >= 0 && walks[parent] === start + 1) {
        warn(
          checked[at],
          `This span is its own ancestor. Its link to the parent ${shortened(checked[at].parentId ?? '')} is ignored.`
        );
        checked[at].parent = -1;
        checked[at].parentId = undefined;
        cycles++;
      }
      at = checked[at].parent;
    }
  });
  return cycles;
}

async function warnSkews(checked: readonly CheckedSpan[], pace: Pace): Promise<ClockSkew[]> {
  const skews = new StringMap<ClockSkew>();
  await pace.each(checked, VALUES, (checkedSpan) => {
    const { span, parent } = checkedSpan;
    const caller = checked[parent]?.span;
    const aheadNs = caller === undefined ? 0 : skewOf(span, caller);
    if (caller === undefined || aheadNs === 0) {
      return;
    }
    const [here, there] = [computerOf(span), computerOf(caller)];
    const [ahead, behind] = aheadNs > 0 ? [here, there] : [there, here];
    const ms = Math.abs(aheadNs) / 1e6;
    warn(
      checkedSpan,
      `${outside(span, caller)}. The clock of ${ahead} seems to be ${milliseconds(ms)} ahead of ${behind}. The times are shown as recorded.`
    );
    const key = JSON.stringify([ahead, behind]);
    const known = skews.get(key) ?? { ahead, behind, ms: 0, spans: 0 };
    skews.set(key, { ...known, ms: Math.max(known.ms, ms), spans: known.spans + 1 });
  });
  return [...skews.values()].sort((a, b) => b.spans - a.spans);
}

/**
 * Nanoseconds by which the clock of a span seems to be ahead of the clock of its parent. 0 if the times are possible
 * with equal clocks: the span of a client contains the span of the called server, and any other span begins with its
 * parent or later. The estimate assumes that the network takes the same time in both directions.
 */
function skewOf(span: Span, parent: Span): number {
  if (span.process === parent.process) {
    return 0;
  }
  const early = earlyNs(span, parent);
  const late = lateNs(span, parent);
  const isCall = parent.kind === 'CLIENT' && span.kind === 'SERVER' && span.durationNs <= parent.durationNs;
  if (!isCall) {
    return early >= LEAST_SKEW_NS ? -early : 0;
  }
  return Math.max(early, late) >= LEAST_SKEW_NS ? -early - (parent.durationNs - span.durationNs) / 2 : 0;
}

function outside(span: Span, parent: Span): string {
  const early = earlyNs(span, parent);
  return early > 0
    ? `This span starts ${milliseconds(early / 1e6)} before its parent`
    : `This span ends ${milliseconds(lateNs(span, parent) / 1e6)} after its parent`;
}

/** Nanoseconds by which a span starts before its parent. */
function earlyNs(span: Span, parent: Span): number {
  return (parent.startUs - span.startUs) * 1000;
}

/** Nanoseconds by which a span ends after its parent. */
function lateNs(span: Span, parent: Span): number {
  return span.durationNs - parent.durationNs - earlyNs(span, parent);
}

/** The name of a computer or program for warnings. It is shortened, because each span may have a warning. */
function computerOf({ process: { computer, exe } }: Span): string {
  return shortened(computer === '' ? exe : computer);
}

function shortened(name: string): string {
  return truncateString(name, MAX_NAME_CHARACTERS);
}

/** Formats a duration, with one decimal below 10 ms. */
export function milliseconds(ms: number): string {
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}
