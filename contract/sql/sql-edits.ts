/**
 * Applies several edits to a string, and maps offsets of the result to offsets of the original. The backend edits SQL
 * in several steps, for example filters before macros. If the server returns an error with an offset in the sent SQL,
 * the backend maps this offset back through all steps.
 *
 * Offsets are UTF-16 units.
 */
import { countBelow } from '../ascending-list';
import { type LineColumn } from './sql-parser';

/** A position in the author's SQL. */
export interface SqlPosition extends LineColumn {
  /** In UTF-16 units. */
  offset: number;
}

/** Inserts a string at an offset, or replaces a range. Edits of one string must not overlap. */
export interface SqlEdit {
  /** Offset in the SQL before all edits. */
  at: number;
  /** Number of units that the edit removes at `at`. */
  removed?: number;
  /** The string that is inserted at `at`. */
  sql: string;
}

/** A piece of an assembled string: copied from a source string, or inserted. All offsets are in UTF-16 units. */
export interface AssembledPiece {
  /** Range in the result. The end is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Offset in the source: the start of a copied piece, or of the range that an inserted piece replaces. */
  readonly source: number;
  /** True if the piece was copied unchanged from the source. */
  readonly isCopied: boolean;
}

/** Maps offsets of a string that was assembled from pieces to offsets of its source. */
export class SourceOffsets {
  /** Offset of each piece in the result, ascending. */
  readonly #starts: number[] = [];
  /** Offset of each piece in the source. */
  readonly #sources: number[] = [];
  /** 1 for a copied piece, 0 for an inserted piece. */
  readonly #copied: number[] = [];
  #length = 0;

  /**
   * Appends a piece.
   *
   * @param length   Length of the piece in the result.
   * @param source Offset in the source: the start of a copied piece, or of the range that an inserted piece replaces.
   * @param isCopied True if the piece was copied unchanged from the source.
   */
  add(length: number, source: number, isCopied: boolean): void {
    if (length === 0) {
      return;
    }
    const last = this.#starts.length - 1;
    const continues =
      last >= 0 &&
      isCopied &&
      this.#copied[last] === 1 &&
      this.#sources[last] - this.#starts[last] === source - this.#length;
    if (!continues) {
      this.#starts.push(this.#length);
      this.#sources.push(source);
      this.#copied.push(isCopied ? 1 : 0);
    }
    this.#length += length;
  }

  /** All pieces, in the order of the result. */
  *pieces(): Generator<AssembledPiece> {
    for (const [index, start] of this.#starts.entries()) {
      const end = this.#starts[index + 1] ?? this.#length;
      yield { start, end, source: this.#sources[index], isCopied: this.#copied[index] === 1 };
    }
  }

  /**
   * The offset in the source, in logarithmic time. If the offset is in an inserted piece, the offset at which this
   * piece was inserted.
   *
   * @param offset Offset in the result. An offset outside of the string becomes the nearest valid offset.
   */
  sourceOffset(offset: number): number {
    const inside = Math.min(Math.max(offset, 0), this.#length);
    // The last piece that starts at the offset or before it.
    const piece = Math.max(countBelow(this.#starts, inside + 1) - 1, 0);
    const source = this.#sources[piece] ?? 0;
    return this.#copied[piece] === 1 ? source + inside - this.#starts[piece] : source;
  }
}

/** A string with its edits applied. */
export interface EditedSql {
  readonly sql: string;
  /** Maps an offset in `sql` to the offset in the SQL before the edits. See `SourceOffsets.sourceOffset`. */
  sourceOffset(offset: number): number;
  /** The pieces of `sql`, in its order. */
  pieces(): Iterable<AssembledPiece>;
}

/**
 * Returns the SQL with the edits applied. Edits at the same offset are applied in the given order.
 *
 * @throws {RangeError} If edits overlap or are outside of the SQL.
 */
export function applyEdits(source: string, edits: readonly SqlEdit[]): EditedSql {
  const offsets = new SourceOffsets();
  const parts: string[] = [];
  let end = 0;
  const copyTo = (at: number) => {
    parts.push(source.slice(end, at));
    offsets.add(at - end, end, true);
    end = at;
  };
  for (const { at, removed = 0, sql } of [...edits].sort((a, b) => a.at - b.at)) {
    if (at < end || removed < 0 || at + removed > source.length) {
      throw new RangeError('The edits overlap, or are outside of the text');
    }
    copyTo(at);
    parts.push(sql);
    offsets.add(sql.length, at, false);
    end = at + removed;
  }
  copyTo(source.length);
  return {
    sql: parts.join(''),
    sourceOffset: (offset) => offsets.sourceOffset(offset),
    pieces: () => offsets.pieces(),
  };
}
