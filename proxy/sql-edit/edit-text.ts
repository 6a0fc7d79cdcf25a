/** Edits of a text, and the places of the edited text in the original. */

export interface TextEdit {
  /** UTF-16 offsets in the original text. The part between them is replaced. */
  start: number;
  end: number;
  text: string;
}

export interface EditedText {
  text: string;
  /**
   * The place in the original text of an offset in the edited text. An offset in inserted text belongs to the place of the
   * insertion.
   */
  sourceOffset(offset: number): number;
}

/** @param edits Do not overlap. Edits at the same place are applied in the given order. */
export function editText(original: string, edits: readonly TextEdit[]): EditedText {
  const sorted = edits.toSorted((left, right) => left.start - right.start);
  const parts: string[] = [];
  /** Starts of inserted texts and of the original text after them. */
  const marks: Array<{ edited: number; source: number; isInserted: boolean }> = [
    { edited: 0, source: 0, isInserted: false },
  ];
  let at = 0;
  let length = 0;
  for (const { start, end, text } of sorted) {
    parts.push(original.slice(at, start), text);
    length += start - at;
    marks.push({ edited: length, source: start, isInserted: true });
    length += text.length;
    marks.push({ edited: length, source: end, isInserted: false });
    at = end;
  }
  parts.push(original.slice(at));
  return {
    text: parts.join(''),
    sourceOffset(offset) {
      const mark = marks.findLast(({ edited }) => edited <= offset) ?? marks[0];
      return mark.isInserted ? mark.source : Math.min(mark.source + offset - mark.edited, original.length);
    },
  };
}
