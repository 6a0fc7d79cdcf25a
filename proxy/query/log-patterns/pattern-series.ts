/** Lines of patterns over time, and numbers of new patterns, for panels and alert rules. */
import { type ComposedField, type ComposedFrame, stringField } from '../../frames/data-frames/composed-frames';
import { MULTI_SERIES } from '../../frames/data-frames/frame-field';
import { type Notice } from '../../frames/data-frames/frame-options';
import { type CountedMessages } from './count-messages';
import { type Pattern } from './pattern';
import { type CountedLines, trendBins } from './pattern-sql';

/** Number of patterns that are series of their own. */
export const SHOWN_SERIES = 10;
/** Number of new patterns that are listed. */
export const LISTED_PATTERNS = 50;
/** Characters of a pattern in a label. */
const LABEL_CHARACTERS = 100;

const NANOS_PER_MS = 1_000_000n;

/** One series for each of the patterns with the most lines, and one for the sum of the others. */
export function patternSeries(
  patterns: readonly Pattern[],
  { sampling: { share } }: CountedMessages,
  lines: Pick<CountedLines, 'fromMs' | 'toMs' | 'bins'>,
  notices: readonly Notice[]
): ComposedFrame[] {
  const { starts, widthMs } = trendBins(lines);
  const times = starts.map((start) => BigInt(Math.floor(start)) * NANOS_PER_MS);
  const series = (labels: Record<string, string>, trend: readonly number[]): ComposedFrame => ({
    kind: MULTI_SERIES,
    fields: [
      { kind: 'timestamp', name: 'time', values: times, config: { interval: widthMs } },
      { kind: 'float64', name: 'lines', values: trend.map((count) => Math.round(count / share)), labels, config: {} },
    ],
  });
  const others = patterns.slice(SHOWN_SERIES);
  const sums = starts.map((_start, bin) => others.reduce((sum, { trend }) => sum + trend[bin], 0));
  const frames = [
    ...patterns.slice(0, SHOWN_SERIES).map((pattern) => series(labelsOf(pattern), pattern.trend)),
    ...(others.length === 0 ? [] : [series({ pattern: 'other' }, sums)]),
  ];
  return frames.map((frame, index) => (index === 0 ? { ...frame, notices } : frame));
}

/** One row with the number of new texts. */
export function newCount(count: number, notices: readonly Notice[]): ComposedFrame {
  return {
    kind: { type: 'numeric-wide', typeVersion: [0, 1] },
    notices,
    fields: [{ kind: 'float64', name: 'new_patterns', values: [count] }],
  };
}

/** The lines of each new pattern. */
export function newList(patterns: readonly Pattern[], notices: readonly Notice[]): ComposedFrame {
  const listed = patterns.slice(0, LISTED_PATTERNS);
  const label = (name: 'id' | 'pattern' | 'level'): ComposedField =>
    stringField(
      name,
      listed.map((pattern) => labelsOf(pattern)[name])
    );
  return {
    kind: { type: 'numeric-long', typeVersion: [0, 1] },
    notices,
    fields: [
      label('id'),
      label('pattern'),
      label('level'),
      { kind: 'float64', name: 'lines', values: listed.map(({ lines }) => lines) },
    ],
  };
}

function labelsOf({ id, pattern, level }: Pattern): { id: string; pattern: string; level: string } {
  const isLong = pattern.length > LABEL_CHARACTERS;
  return { id, level, pattern: isLong ? `${pattern.slice(0, LABEL_CHARACTERS)}…` : pattern };
}
