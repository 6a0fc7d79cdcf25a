/** The lines of two statements side by side. */
import { diffLines } from 'diff';

interface DiffRow {
  /** Undefined if only the right side has this line. */
  left: string | undefined;
  right: string | undefined;
  /** True if the row is marked as changed. */
  isChanged: boolean;
}

/**
 * Maximum number of added and removed lines. If there are more, all lines are marked as changed, because the time of a
 * comparison grows with the square of this number.
 */
const MAX_EDITS = 2000;

const linesOf = (sql: string): string[] => sql.replace(/\n$/, '').split('\n');

/** Pairs removed lines with added lines. If one list is longer, the other side of its remaining rows is undefined. */
function changedRows(left: readonly string[], right: readonly string[]): DiffRow[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => ({
    left: left[index],
    right: right[index],
    isChanged: true,
  }));
}

/**
 * The rows of a table with both statements. Statements with more than `MAX_EDITS` differences are marked as changed
 * from the first line to the last.
 */
export function diffRows(left: string, right: string): DiffRow[] {
  const changes = diffLines(`${left}\n`, `${right}\n`, { maxEditLength: MAX_EDITS });
  if (changes === undefined) {
    return changedRows(linesOf(left), linesOf(right));
  }
  const rows: DiffRow[] = [];
  let removed: string[] = [];
  for (const { value, added, removed: isRemoved } of changes) {
    const lines = linesOf(value);
    if (isRemoved) {
      removed = lines;
      continue;
    }
    rows.push(...changedRows(removed, added ? lines : []));
    removed = [];
    if (!added) {
      rows.push(...lines.map((line) => ({ left: line, right: line, isChanged: false })));
    }
  }
  return [...rows, ...changedRows(removed, [])];
}
