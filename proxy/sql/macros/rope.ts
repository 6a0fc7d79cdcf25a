/**
 * A string in parts, built once at the end. A part that occurs twice is stored once, and the length is known before the
 * string is built. So a macro that repeats its argument cannot exhaust the memory.
 */
export class Rope {
  readonly #parts: ReadonlyArray<string | Rope>;
  readonly length: number;

  /** @param parts Parts that are not empty. So the work on a rope is bounded by its length. */
  private constructor(parts: ReadonlyArray<string | Rope>) {
    this.#parts = parts;
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
  }

  /** Joins parts to a rope. */
  static of(...parts: ReadonlyArray<string | Rope>): Rope {
    return Rope.joined(parts);
  }

  /** Like `of`, for lists of any length. JavaScript limits the number of arguments of `of`. */
  static joined(parts: ReadonlyArray<string | Rope>): Rope {
    return new Rope(parts.filter(({ length }) => length > 0));
  }

  /** The parts without white space at both ends. Nested ropes are not trimmed. */
  static trimmed(parts: ReadonlyArray<string | Rope>): Rope {
    const isBlank = (part: string | Rope | undefined) => typeof part === 'string' && part.trim() === '';
    let first = 0;
    let end = parts.length;
    while (first < end && isBlank(parts[first])) {
      first++;
    }
    while (end > first && isBlank(parts[end - 1])) {
      end--;
    }
    const kept = parts.slice(first, end);
    return Rope.joined(
      kept.map((part, index) => {
        const trimmed = typeof part === 'string' && index === 0 ? part.trimStart() : part;
        return typeof trimmed === 'string' && index === kept.length - 1 ? trimmed.trimEnd() : trimmed;
      })
    );
  }

  toString(): string {
    const strings: string[] = [];
    this.#collect(strings);
    return strings.join('');
  }

  /**
   * The last sequence of ASCII letters, digits and underscores. Empty if there is none. The rope is read backwards, and
   * only up to the start of this sequence.
   */
  lastWord(): string {
    const pieces: string[] = [];
    for (const part of this.#backwards()) {
      let end = part.length;
      while (pieces.length === 0 && end > 0 && !isWordCharacter(part, end - 1)) {
        end--;
      }
      let start = end;
      while (start > 0 && isWordCharacter(part, start - 1)) {
        start--;
      }
      if (end > start) {
        pieces.push(part.slice(start, end));
      }
      if (start > 0 && pieces.length > 0) {
        break;
      }
    }
    return pieces.reverse().join('');
  }

  #collect(strings: string[]): void {
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        strings.push(part);
      } else {
        part.#collect(strings);
      }
    }
  }

  *#backwards(): Generator<string> {
    for (let index = this.#parts.length - 1; index >= 0; index--) {
      const part = this.#parts[index];
      if (typeof part === 'string') {
        yield part;
      } else {
        yield* part.#backwards();
      }
    }
  }
}

function isWordCharacter(string: string, at: number): boolean {
  const code = string.charCodeAt(at);
  return (
    (code >= 0x30 && code <= 0x39) || // 0-9
    (code >= 0x41 && code <= 0x5a) || // A-Z
    (code >= 0x61 && code <= 0x7a) || // a-z
    code === 0x5f // _
  );
}
