/** Writes a text from parts of another one, so that places in the result can be traced back. */
import { type TextRange } from '../../../contract/sql/select-clauses';
import { type EditedText, SourceOffsets } from '../../../contract/sql/text-edits';

/** A new text, or a part of the source. */
export type Piece = string | TextRange;

/** A place in a new text is traced back to the end of the part before it. */
export function assemble(source: string, pieces: readonly Piece[]): EditedText {
  const offsets = new SourceOffsets();
  const texts: string[] = [];
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      texts.push(piece);
      offsets.add(piece.length, at, false);
    } else {
      texts.push(source.slice(piece.start, piece.end));
      offsets.add(piece.end - piece.start, piece.start, true);
      at = piece.end;
    }
  }
  return {
    text: texts.join(''),
    sourceOffset: (offset) => offsets.sourceOffset(offset),
    pieces: () => offsets.pieces(),
  };
}

/** A part of the source in which some parts are replaced. @param replaced Ascending, and inside of `range`. */
export function withReplaced(range: TextRange, replaced: readonly TextRange[], text: string): Piece[] {
  const pieces: Piece[] = [];
  let start = range.start;
  for (const part of replaced) {
    pieces.push({ start, end: part.start }, text);
    start = part.end;
  }
  return [...pieces, { start, end: range.end }];
}
