/** A cell. Numbers are aligned to the right. */
type Cell = string | number;

/** Prints a table: the names of the columns, then the rows, which all have the same columns. */
export function printRows(rows: ReadonlyArray<Readonly<Record<string, Cell>>>): void {
  const [first = {}] = rows;
  const names = Object.keys(first);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cellOf: (name: string) => Cell) =>
    names
      .map((name, column) => {
        const cell = cellOf(name);
        const width = widths[column] ?? 0;
        return typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  console.log([line((name) => name), ...rows.map((row) => line((name) => row[name] ?? ''))].join('\n'));
}
