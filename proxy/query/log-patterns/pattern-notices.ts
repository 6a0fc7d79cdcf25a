/** What a result of patterns says about its lines, and when an alert rule must not use it. */
import { type PatternResult } from '../../../contract/logs/log-patterns';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ComposedFrame } from '../../frames/data-frames/composed-frames';
import { thousands } from '../../frames/data-frames/format-count';
import { type Notice } from '../../frames/data-frames/frame-options';
import { emptyTable, nothingFound } from '../../views/nothing-found';
import { type ViewContext } from '../../views/view-context';
import { type CountedMessages, MAX_PATTERN_LINES, MAX_MESSAGES } from './count-messages';
import { LISTED_PATTERNS } from './pattern-series';
import { type CountedLines } from './pattern-sql';

export interface PatternFacts {
  counted: CountedMessages;
  lines: CountedLines;
  result: PatternResult;
  /** True if the query has its own conditions on time, so that they may exclude lines of the range before. */
  hasOwnTimes: boolean;
  filterNotices: readonly string[];
}

/** Why it is not known which patterns are new, as a sentence. Undefined: it is known. */
function unknownNew({ counted, lines, result, hasOwnTimes }: PatternFacts): string | undefined {
  if (lines.beforeMs === lines.fromMs) {
    return 'The longest range of the data source does not permit to read the range before.';
  }
  if (hasOwnTimes) {
    return 'The query has its own conditions on time, which may exclude lines of the range before.';
  }
  if (counted.sampling.share < 1) {
    return 'Only a sample of the lines was read.';
  }
  // The texts are merged only if all of them are known. Numbers of new texts come from the server.
  return result === 'table' && counted.allTexts > MAX_MESSAGES
    ? `The lines have more than ${thousands(MAX_MESSAGES)} different texts.`
    : undefined;
}

/** The notices of a result, and whether it is known which patterns are new. */
export function patternNotices(facts: PatternFacts): { notices: Notice[]; knowsNew: boolean } {
  const { counted, result, filterNotices } = facts;
  const unknown = result === 'over-time' ? undefined : unknownNew(facts);
  const warning = (text: string): Notice => ({ severity: 'warning', text });
  const info = (text: string): Notice => ({ severity: 'info', text });
  const { share } = counted.sampling;
  return {
    knowsNew: unknown === undefined,
    notices: [
      ...filterNotices.map(warning),
      ...(share < 1
        ? [
            warning(
              `A sample of ${percent(share)} of ${thousands(counted.lines + counted.before)} lines was read. Numbers of lines are estimates, and patterns with fewer than about ${thousands(Math.ceil(3 / share))} lines may be missing.`
            ),
          ]
        : []),
      ...(counted.allTexts > MAX_MESSAGES
        ? [
            warning(
              `The lines have ${thousands(counted.allTexts)} different texts. Only ${thousands(MAX_MESSAGES)} of them, those ${isAboutNew(result) ? 'without earlier lines' : 'with the most lines'} first, are in this result.`
            ),
          ]
        : []),
      ...(unknown === undefined ? [] : [info(`It is not known which patterns are new. ${unknown}`)]),
      ...(result === 'new-list' && counted.newTexts > LISTED_PATTERNS
        ? [warning(`${thousands(counted.newTexts)} new patterns were found. The first ${LISTED_PATTERNS} are listed.`)]
        : []),
    ],
  };
}

function isAboutNew(result: PatternResult): boolean {
  return result === 'new' || result === 'new-list';
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;
}

/** @throws {ProxyError} 'alert_result_truncated' if the numbers are not exact, or not known. */
export function checkedForRule(facts: PatternFacts): void {
  const { counted, result } = facts;
  const unknown = isAboutNew(result) ? unknownNew(facts) : undefined;
  const isPartial = counted.sampling.share < 1 || (result === 'over-time' && counted.allTexts > MAX_MESSAGES);
  if (unknown !== undefined || isPartial) {
    throw new ProxyError('alert_result_truncated', {
      detail:
        unknown ??
        `The lines are more than ${thousands(MAX_PATTERN_LINES)}, or have more than ${thousands(MAX_MESSAGES)} different texts.`,
      advice: 'Choose a shorter time range, or add conditions to the query.',
    });
  }
}

/** The table if no line was found. */
export function emptyPatterns(table: ComposedFrame, { fromMs, toMs }: CountedLines, lake: ViewContext): ComposedFrame {
  const text = 'No log line fulfils the query';
  return emptyTable(table, nothingFound({ text, range: { fromMs, toMs }, hasSearched: true }, lake), lake);
}
