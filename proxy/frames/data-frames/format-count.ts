/** Formats counts for notices, and for values that Grafana does not format. */

/** A number with separators: `1,234`. */
export function thousands(count: number): string {
  return count.toLocaleString('en-US');
}

/** A count with its noun: `1 process`, `1,234 processes`. @param many Default: `one` plus an s. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${thousands(count)} ${count === 1 ? one : many}`;
}
