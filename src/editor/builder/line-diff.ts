/** The lines of two statements side by side. */
import { diffLines } from 'diff';

interface DiffRow {
  /** Undefined where the other side has a line more. */
  left: string | undefined;
  right: string | undefined;
  /** True if the lines differ. */
  isChanged: boolean;
}

/** Longer SQL is compared as a whole: the time grows with the square of the number of different lines. */
const MAX_EDITS = 2000;

const linesOf = (sql: string): string[] => sql.replace(/\n$/, '').split('\n');

/** Pairs removed with added lines, and fills up the shorter list. */
function changedRows(left: readonly string[], right: readonly string[]): DiffRow[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => ({
    left: left[index],
    right: right[index],
    isChanged: true,
  }));
}

/** The rows of a table with both statements. Statements with very many differences are changed as a whole. */
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
