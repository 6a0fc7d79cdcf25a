/**
 * Finds the table and the number of rows of a statement. The author or, for a view query, the backend wrote the
 * statement.
 */
import { isTableName, PROFILE_FRAME, type TableName } from '../tables/tables';

/**
 * Patterns of the statements that the backend writes, and the table for each. The first pattern that matches is used.
 * Default of `rows`: the ids in a statement contain numbers of rows (`ROWS_OF_ID`), and the largest of them is used.
 */
const PROXY_STATEMENTS: ReadonlyArray<{ part: RegExp; table: TableName; rows?: number }> = [
  { part: / AS bin, count\(\*\) AS calls\nFROM process_spans\('/, table: 'call_counts', rows: 1 },
  { part: /\bprocess_spans\('[^]*\bWHERE id >= 0\b/, table: 'longest_calls' },
  { part: /\bprocess_spans\('/, table: 'thread_calls' },
  { part: /'long'[^]*\bunanswered AS \(/, table: 'long_service_calls', rows: 1000 },
  { part: /\bunanswered AS \(/, table: 'service_calls', rows: 20_000 },
  { part: /\btrace_id = decode\('/, table: 'trace_spans' },
  { part: /\bFROM blocks\nWHERE "streams.format"/, table: 'trace_processes', rows: 1 },
  { part: /\bFROM streams\s+WHERE process_id = '/, table: 'profile_streams', rows: PROFILE_FRAME.threads },
  { part: /\bview_instance\('log_entries', '/, table: 'context_lines' },
  { part: /^SELECT date_bin\(.* AS count FROM \(/, table: 'line_counts', rows: 24_000 },
];

/** An id that ends in 12 decimal digits, which are a number of rows. */
const ROWS_OF_ID = /'[\da-f-]{20,24}(\d{12})'/g;
const FROM = /\bfrom\s+(\w+)/i;
const LIMIT = /\blimit\s+(\d+)\s*$/i;
const DEFAULT_ROWS = 1000;

/** Undefined for an unknown table. */
export function readStatement(sql: string): { table: TableName; rows: number } | undefined {
  const known = PROXY_STATEMENTS.find(({ part }) => part.test(sql));
  if (known !== undefined) {
    const { table, rows = rowsOfIds(sql) } = known;
    return { table, rows: rows > 0 ? rows : DEFAULT_ROWS };
  }
  const table = FROM.exec(sql)?.[1]?.toLowerCase() ?? 'points';
  return isTableName(table) ? { table, rows: Number(LIMIT.exec(sql)?.[1] ?? DEFAULT_ROWS) } : undefined;
}

function rowsOfIds(sql: string): number {
  return Math.max(0, ...Array.from(sql.matchAll(ROWS_OF_ID), ([, digits]) => Number(digits)));
}
