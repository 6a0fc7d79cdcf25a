/**
 * Removes changed copies of a secret from foreign strings: in another letter case, with other or no separators, or
 * reversed.
 */

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

interface Letters {
  /** The letters and digits of a string, in lower case. */
  letters: string;
  /** For each UTF-16 unit of `letters`: start and end of its character in the string. */
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
      const small = character.toLowerCase();
      letters.push(small);
      for (let unit = 0; unit < small.length; unit++) {
        starts.push(at);
        ends.push(end);
      }
    }
    at = end;
  }
  return { letters: letters.join(''), starts, ends };
}

/** The number of letters and digits in a string, in UTF-16 units. */
export function countLetters(string: string): number {
  return lettersOf(string).letters.length;
}

/** Start and end of a part of a string. */
type Range = readonly [start: number, end: number];

/** Start and end of each occurrence of a string. Occurrences may overlap. */
function copiesOf(searched: string, string: string): Range[] {
  const ranges: Range[] = [];
  for (let at = string.indexOf(searched); at !== -1; at = string.indexOf(searched, at + 1)) {
    ranges.push([at, at + searched.length]);
  }
  return ranges;
}

/**
 * The string without the spellings of a secret, in any letter case, with any separators, or reversed. A part of a
 * spelling stays. The time is proportional to the length of the string times the number of spellings.
 *
 * @param spellings Each with at least one letter or digit.
 * @param removed Replaces each copy. Copies of `removed` that are already in the string stay whole.
 */
export function withoutTraces(message: string, spellings: readonly string[], removed: string): string {
  // All spellings are searched in the original string. A search after a replacement would find parts in `removed`.
  const { letters, starts, ends } = lettersOf(message);
  const all = spellings.map((spelling) => lettersOf(spelling).letters);
  const searched = new Set([...all, ...all.map((each) => [...each].reverse().join(''))]);
  const traces = [...searched].flatMap((each) =>
    copiesOf(each, letters).map(([start, end]): Range => [starts[start], ends[end - 1]])
  );
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
