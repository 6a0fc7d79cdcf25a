/** The parts that one or more edits have inserted into SQL. */
import { countBelow } from '../../../contract/ascending-list';
import { type InsertedPart } from '../../../contract/resources/query-costs';
import { type AssembledPiece } from '../../../contract/sql/sql-edits';

/** Maximum number of parts. Further parts are left out. */
const MAX_PARTS = 200;
/** Maximum number of searched characters of the SQL, in UTF-16 units. The inspector shows no more. */
const MAX_CHARACTERS = 64 * 1024;

/**
 * The inserted parts of SQL that was assembled from pieces: the inserted parts of the source, at their new positions,
 * and the new pieces.
 *
 * @param before The inserted parts of the source, in ascending order.
 * @param by The origin of the new pieces.
 * @returns At most 200 parts of the first 64 Ki characters, in ascending order. Adjacent parts of the same origin are
 *   joined.
 */
export function insertedParts(
  pieces: Iterable<AssembledPiece>,
  before: readonly InsertedPart[],
  by: InsertedPart['by']
): InsertedPart[] {
  const ends = before.map(({ end }) => end);
  const parts: InsertedPart[] = [];
  const add = (part: InsertedPart) => {
    const last = parts.at(-1);
    if (last?.end === part.start && last.by === part.by) {
      last.end = part.end;
    } else {
      parts.push(part);
    }
  };
  for (const { start, end, source, isCopied } of pieces) {
    if (parts.length >= MAX_PARTS || start >= MAX_CHARACTERS) {
      break;
    }
    if (!isCopied) {
      add({ start, end, by });
      continue;
    }
    const moved = start - source;
    for (let index = countBelow(ends, source + 1); index < before.length; index++) {
      const part = before[index];
      if (part.start >= end - moved) {
        break;
      }
      add({ start: Math.max(part.start + moved, start), end: Math.min(part.end + moved, end), by: part.by });
    }
  }
  return parts.slice(0, MAX_PARTS);
}
