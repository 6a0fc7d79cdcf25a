/**
 * Merges similar masked texts to patterns, with the algorithm Drain and one more step.
 *
 * Drain finds the group of a text by the number of its words and its first two words, and compares the text with the
 * groups that it finds there. The second step splits a group again at positions where its members differ in only a few
 * words without masked parts, because such words, such as `started` and `stopped`, tell different events apart.
 *
 * The work is linear in the length of the texts: the number of words of a text, of leaves, and of groups in a leaf is
 * limited.
 *
 * @see He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017
 */
import { ANY_WORD, MASK } from '../../../contract/logs/log-patterns';
import { StringMap, StringSet } from '../../../contract/string-map';
import { type Pace } from '../../base/async/turns';

/** Words of a text that are compared. A longer text begins with the words of its pattern. */
export const MAX_WORDS = 128;
/** Share of equal words from which on a text belongs to a group. */
const MIN_SIMILARITY = 0.6;
/** Maximum number of groups that a text is compared with. */
const MAX_GROUPS_OF_LEAF = 100;
/** Maximum number of leaves. Further texts share one leaf for each number of words. */
const MAX_LEAVES = 5000;
/** Maximum number of different words at a position at which a group is split. */
const MAX_CONSTANTS = 4;

/** A masked text of log lines. */
export interface MaskedMessage {
  text: string;
  /** Texts of different levels are never merged. */
  level: string;
}

/** Texts that belong together. */
export interface MessageGroup<T extends MaskedMessage> {
  /** One text unchanged, or words with `ANY_WORD` at the positions in which the members differ. */
  pattern: string;
  /** In the order of the texts. */
  members: readonly T[];
  /** True if the texts go on after the pattern, because they have more than `MAX_WORDS` words. */
  isCut: boolean;
}

interface Tokenized<T> {
  text: T;
  words: readonly string[];
}

interface Group<T> {
  /** Undefined at the positions in which the members differ. */
  words: Array<string | undefined>;
  members: Array<Tokenized<T>>;
}

/**
 * Merges texts. The result does not depend on anything but the texts and their order.
 *
 * @param texts In the order of importance, because a group has the words of its first members.
 */
export async function mergeMessages<T extends MaskedMessage>(
  texts: readonly T[],
  pace: Pace
): Promise<Array<MessageGroup<T>>> {
  const leaves = new StringMap<Array<Group<T>>>();
  for (const text of texts) {
    const compared = addMessage({ text, words: wordsOf(text.text) }, leaves);
    const stepEnd = pace.worked(compared, text.text.length);
    if (stepEnd !== undefined) {
      await stepEnd;
    }
  }
  const merged: Array<MessageGroup<T>> = [];
  await pace.each(
    [...leaves.values()].flat(),
    1,
    (group) => merged.push(...splitGroup(group).map(messageGroupOf)),
    ({ members, words }) => members.length * words.length
  );
  return merged;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/, MAX_WORDS + 1);
}

/** Adds a text to a group. @returns The number of words that were compared. */
function addMessage<T extends MaskedMessage>(added: Tokenized<T>, leaves: StringMap<Array<Group<T>>>): number {
  const key = leafKey(added);
  const isKnown = leaves.has(key) || leaves.size < MAX_LEAVES;
  const leaf = isKnown ? key : JSON.stringify([added.text.level, added.words.length]);
  const groups = leaves.get(leaf) ?? [];
  leaves.set(leaf, groups);
  const best = mostSimilar(added.words, groups);
  if (best === undefined) {
    // In a full leaf, each text is a group of its own, with which no other text is compared.
    groups.push({ words: [...added.words], members: [added] });
  } else {
    addMember(best, added);
  }
  return added.words.length * Math.min(groups.length, MAX_GROUPS_OF_LEAF);
}

function addMember<T>(group: Group<T>, added: Tokenized<T>): void {
  group.members.push(added);
  added.words.forEach((word, at) => {
    if (group.words[at] !== word) {
      group.words[at] = undefined;
    }
  });
}

/** The level, the number of words, and the first two words. A word with a masked part counts as masked. */
function leafKey({ text: { level }, words }: Tokenized<MaskedMessage>): string {
  return JSON.stringify([level, words.length, ...words.slice(0, 2).map((word) => (isVariable(word) ? MASK : word))]);
}

function isVariable(word: string): boolean {
  return word.includes(MASK);
}

/** The group that shares the most words with a text. Undefined if none is similar. */
function mostSimilar<T>(words: readonly string[], groups: ReadonlyArray<Group<T>>): Group<T> | undefined {
  let best: Group<T> | undefined;
  let most = MIN_SIMILARITY * words.length;
  for (const group of groups.slice(0, MAX_GROUPS_OF_LEAF)) {
    if (group.words.length !== words.length) {
      continue;
    }
    const equal = words.reduce((sum, word, at) => sum + Number(group.words[at] === word), 0);
    if (equal > most || (equal === most && best === undefined)) {
      best = group;
      most = equal;
    }
  }
  return best;
}

/** Splits a group at all positions where its members have only a few words, none of which has a masked part. */
function splitGroup<T extends MaskedMessage>({ words, members }: Group<T>): Array<Group<T>> {
  const positions = words.flatMap((word, at) => (word === undefined && isConstant(members, at) ? [at] : []));
  if (positions.length === 0) {
    return [{ words, members }];
  }
  const parts = new StringMap<Group<T>>();
  for (const member of members) {
    const key = JSON.stringify(positions.map((at) => member.words[at]));
    const part = parts.get(key);
    if (part === undefined) {
      parts.set(key, { words: [...member.words], members: [member] });
      continue;
    }
    addMember(part, member);
  }
  return [...parts.values()];
}

function isConstant<T>(members: ReadonlyArray<Tokenized<T>>, at: number): boolean {
  const values = new StringSet();
  for (const { words } of members) {
    if (isVariable(words[at])) {
      return false;
    }
    values.add(words[at]);
    if (values.size > MAX_CONSTANTS) {
      return false;
    }
  }
  return true;
}

function messageGroupOf<T extends MaskedMessage>({ words, members }: Group<T>): MessageGroup<T> {
  const isCut = words.length > MAX_WORDS;
  const isOne = members.length === 1;
  return {
    pattern: isOne
      ? members[0].text.text
      : words
          .slice(0, MAX_WORDS)
          .map((word) => word ?? ANY_WORD)
          .join(' '),
    members: members.map(({ text }) => text),
    isCut: isCut && !isOne,
  };
}
