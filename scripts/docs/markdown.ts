/** Formats tables of Markdown, as Prettier aligns them, and numbers with their units. */

function formatCell(value: string): string {
  return value.replaceAll('|', '\\|').replaceAll('\n', ' ').trim();
}

/**
 * @param header Headings of the columns.
 * @param rows Cells in Markdown. `|` is escaped, and a line break becomes a space.
 */
export function markdownTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const lines = [header, ...rows].map((cells) => cells.map(formatCell));
  const widths = header.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [first, ...others] = lines;
  return [first, widths.map((width) => '-'.repeat(width)), ...others].map(line).join('\n');
}

const NUMBER = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
const BYTE_UNITS = ['bytes', 'KiB', 'MiB', 'GiB'];
const TIME_UNITS: ReadonlyArray<readonly [unit: string, milliseconds: number]> = [
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

export function formatNumber(value: number): string {
  return NUMBER.format(value);
}

/** @param value Bytes, which are written in the largest unit that gives a whole number. */
export function formatBytes(value: number): string {
  let [amount, unit] = [value, 0];
  while (amount % 1024 === 0 && unit < BYTE_UNITS.length - 1) {
    [amount, unit] = [amount / 1024, unit + 1];
  }
  return `${formatNumber(amount)} ${BYTE_UNITS[unit]}`;
}

/** @param value Milliseconds. */
export function formatDuration(value: number): string {
  const [unit, milliseconds] = TIME_UNITS.find(([, length]) => value >= length && value % length === 0) ?? ['ms', 1];
  return `${formatNumber(value / milliseconds)} ${unit}`;
}

/** @param value A share between 0 and 1, which is written in percent. */
export function formatShare(value: number): string {
  return `${formatNumber(value * 100)} %`;
}
