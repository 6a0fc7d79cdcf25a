/**
 * Removes changed copies of a secret from foreign strings: in another letter case, with other or no separators,
 * reversed, or only a part of the secret.
 */
import { type Secret } from './secret';

/**
 * A part of a secret is removed if it has at least this many letters and digits. Shorter parts of a long secret occur
 * in unrelated strings by chance.
 */
const MAX_PART = 8;
/** For a secret with fewer than 16 letters and digits, the minimum is half of its length, but at least this number. */
const MIN_PART = 4;

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

/**
 * The string without parts of the secrets. Takes linear time in the lengths of the string and of the secrets.
 *
 * @param removed Replaces each part.
 */
export function withoutTraces(message: string, secrets: readonly Secret[], removed: string): string {
  return secrets.reduce((rest, secret) => withoutTracesOf(rest, secret, removed), message);
}

function withoutTracesOf(message: string, secret: Secret, removed: string): string {
  const own = lettersOf(secret.reveal()).letters;
  const length = Math.max(MIN_PART, Math.min(MAX_PART, Math.ceil(own.length / 2)));
  const parts = new Set([...partsOf(own, length), ...partsOf(own.toReversed(), length)]);
  const { letters, starts, ends } = lettersOf(message);
  const pieces: string[] = [];
  let kept = 0;
  partsOf(letters, length).forEach((part, at) => {
    if (!parts.has(part)) {
      return;
    }
    const start = starts[at];
    if (start >= kept) {
      pieces.push(message.slice(kept, start), removed);
    }
    kept = ends[at + length - 1];
  });
  return [...pieces, message.slice(kept)].join('');
}
