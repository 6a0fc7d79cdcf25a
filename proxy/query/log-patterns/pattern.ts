/** Patterns of log lines, made of masked texts. */
import { createHash } from 'node:crypto';
import { ANY_WORD, patternExpression } from '../../../contract/logs/log-patterns';
import { StringMap, StringSet } from '../../../contract/string-map';
import { type Pace } from '../../base/async/turns';
import { type CountedMessage } from './count-messages';
import { MAX_WORDS, mergeMessages, type MessageGroup } from './merge-messages';

/** Hexadecimal digits of the id of a pattern. */
const ID_DIGITS = 12;

/** A pattern with its lines. The numbers of a sample are those of the sample. */
export interface Pattern extends Omit<CountedMessage, 'text' | 'programNames'> {
  /** A hash of the level and of the most frequent text. Another text may be the most frequent one later. */
  id: string;
  /** One masked text, or the words that several texts share. */
  pattern: string;
  /** Number of merged texts. */
  texts: number;
  /** Names of some of the programs. */
  programNames: readonly string[];
  /** A regular expression for the lines of the pattern. */
  expression: string;
}

/** Merges masked texts to patterns. The patterns with the most lines come first. */
export async function mergedPatterns(texts: readonly CountedMessage[], pace: Pace): Promise<Pattern[]> {
  const groups = await mergeMessages(texts, pace);
  const patterns: Pattern[] = [];
  await pace.each(
    groups,
    1,
    (group) => patterns.push(patternOf(group)),
    ({ members }) => members.length * members[0].trend.length
  );
  return pace.sorted(patterns, byLines);
}

/** Makes each masked text a pattern. */
export async function unmergedPatterns(texts: readonly CountedMessage[], pace: Pace): Promise<Pattern[]> {
  const patterns: Pattern[] = [];
  await pace.each(
    texts,
    1,
    (text) => patterns.push(patternOf({ pattern: text.text, members: [text], isCut: false })),
    ({ text }) => text.length
  );
  return pace.sorted(patterns, byLines);
}

function byLines(a: Pattern, b: Pattern): number {
  return b.lines - a.lines || b.before - a.before || (a.pattern < b.pattern ? -1 : Number(a.pattern > b.pattern));
}

function patternOf({ pattern, members, isCut }: MessageGroup<CountedMessage>): Pattern {
  const [{ level, example, text }] = members;
  const inRange = members.filter(({ lines }) => lines > 0);
  const ends = isCut || members.some((member) => member.isCut);
  const names = new StringSet(members.flatMap(({ programNames }) => programNames));
  return {
    id: createHash('sha256')
      .update(JSON.stringify([level, text]))
      .digest('hex')
      .slice(0, ID_DIGITS),
    pattern,
    level,
    texts: members.length,
    lines: sumOf(members, ({ lines }) => lines),
    before: sumOf(members, ({ before }) => before),
    firstNs: inRange.reduce((least, { firstNs }) => (firstNs < least ? firstNs : least), inRange.at(0)?.firstNs ?? 0n),
    lastNs: inRange.reduce((most, { lastNs }) => (lastNs > most ? lastNs : most), 0n),
    example,
    isCut: ends,
    programs: Math.max(names.size, ...members.map(({ programs }) => programs)),
    programNames: [...names],
    trend: members[0].trend.map((_lines, bin) => sumOf(members, ({ trend }) => trend[bin])),
    expression: patternExpression(pattern, { isMerged: members.length > 1, isCut: ends }),
  };
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

/**
 * The number of lines that fulfil the condition of a merged pattern, and belong to other patterns. Its words are the
 * same as those of these lines, wherever its own texts differ.
 */
export class OtherLines {
  readonly #texts = new StringMap<Array<{ words: readonly string[]; lines: number }>>();

  constructor(texts: readonly CountedMessage[]) {
    for (const { text, level, lines } of texts) {
      const words = text.split(/\s+/, MAX_WORDS + 1);
      const key = keyOf(level, words.length);
      const known = this.#texts.get(key) ?? [];
      known.push({ words, lines });
      this.#texts.set(key, known);
    }
  }

  of({ pattern, level, texts, lines, isCut }: Pattern): number {
    if (texts === 1 || isCut) {
      return 0;
    }
    const words = pattern.split(' ');
    const candidates = this.#texts.get(keyOf(level, words.length)) ?? [];
    const matching = candidates.filter((each) =>
      words.every((word, at) => word === ANY_WORD || word === each.words[at])
    );
    return Math.max(0, sumOf(matching, (each) => each.lines) - lines);
  }
}

function keyOf(level: string, words: number): string {
  return `${words} ${level}`;
}
