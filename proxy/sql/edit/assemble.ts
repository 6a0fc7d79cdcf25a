/** Writes SQL from parts of other SQL, and maps positions in the result to the source. */
import { type SqlRange } from '../../../contract/sql/select-clauses';
import { type EditedSql, SourceOffsets } from '../../../contract/sql/sql-edits';

/** A string of new SQL, or a range of the source. */
export type Piece = string | SqlRange;

/** Joins the pieces to new SQL. A position in a new string maps to the end of the source range before that string. */
export function assemble(source: string, pieces: readonly Piece[]): EditedSql {
  const offsets = new SourceOffsets();
  const parts: string[] = [];
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      parts.push(piece);
      offsets.add(piece.length, at, false);
    } else {
      parts.push(source.slice(piece.start, piece.end));
      offsets.add(piece.end - piece.start, piece.start, true);
      at = piece.end;
    }
  }
  return {
    sql: parts.join(''),
    sourceOffset: (offset) => offsets.sourceOffset(offset),
    pieces: () => offsets.pieces(),
  };
}

/**
 * The pieces for a range of the source, with `sql` in place of each part of `replaced`.
 *
 * @param replaced The parts to replace, in ascending order and within `range`.
 */
export function withReplaced(range: SqlRange, replaced: readonly SqlRange[], sql: string): Piece[] {
  const pieces: Piece[] = [];
  let start = range.start;
  for (const part of replaced) {
    pieces.push({ start, end: part.start }, sql);
    start = part.end;
  }
  return [...pieces, { start, end: range.end }];
}
