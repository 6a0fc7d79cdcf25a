/**
 * Removes changed copies of a secret from foreign strings: in another letter case, with other or no separators,
 * reversed, or only a part of the secret.
 */
import { type Secret } from './secret';

/**
 * Number of letters and digits in each part of a secret that is searched for. Shorter parts of a long secret occur by
 * chance in unrelated strings.
 */
const PART_LENGTH = 8;
/** If a secret has fewer than 16 letters and digits, its parts have half of its length, but at least this length. */
const SHORTEST_PART_LENGTH = 4;

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

interface Letters {
  /** The letters and digits of a string, in lower case. */
  letters: string[];
  /** Start and end of each letter or digit in the string. */
  starts: number[];
  ends: number[];
}

function lettersOf(string: string): Letters {
  const letters: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const character of string) {
    const end = at + character.length;
    if (LETTER_OR_DIGIT.test(character)) {
      letters.push(character.toLowerCase());
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  return { letters, starts, ends };
}

/** All parts of this length. */
function partsOf(letters: readonly string[], length: number): string[] {
  return Array.from({ length: Math.max(0, letters.length - length + 1) }, (_, at) =>
    letters.slice(at, at + length).join('')
  );
}

/** Start and end of a part of a string. */
type Range = readonly [start: number, end: number];

/**
 * The string without parts of the secrets. The time is proportional to the length of the string times the number of
 * secrets.
 *
 * @param removed Replaces each part. Copies of `removed` that are already in the string stay whole.
 */
export function withoutTraces(message: string, secrets: readonly Secret[], removed: string): string {
  // All secrets are searched in the original string. A search after a replacement would find parts in `removed`.
  const searched = lettersOf(message);
  const traces = secrets.flatMap((secret) => tracesOf(searched, secret));
  const ranges = [...traces, ...copiesOf(removed, message)].sort(([a], [b]) => a - b);
  const pieces: string[] = [];
  let kept = 0;
  for (const [start, end] of ranges) {
    if (start >= kept) {
      pieces.push(message.slice(kept, start), removed);
    }
    kept = Math.max(kept, end);
  }
  return [...pieces, message.slice(kept)].join('');
}

/** The parts of the string that are parts of the secret or of the reversed secret. The ranges may overlap. */
function tracesOf({ letters, starts, ends }: Letters, secret: Secret): Range[] {
  const own = lettersOf(secret.reveal()).letters;
  const length = Math.max(SHORTEST_PART_LENGTH, Math.min(PART_LENGTH, Math.ceil(own.length / 2)));
  const parts = new Set([...partsOf(own, length), ...partsOf(own.toReversed(), length)]);
  return partsOf(letters, length).flatMap((part, at) =>
    parts.has(part) ? [[starts[at], ends[at + length - 1]] as const] : []
  );
}

function copiesOf(searched: string, message: string): Range[] {
  const ranges: Range[] = [];
  for (let at = message.indexOf(searched); at !== -1; at = message.indexOf(searched, at + searched.length)) {
    ranges.push([at, at + searched.length]);
  }
  return ranges;
}
