/** The cases of the benchmark. A case is the work of one round, the same for every plugin. */
import { type QueryFormat } from '../contract/query';

export interface BenchCase {
  name: string;
  sql: string;
  format: QueryFormat;
  /** Rows that the server sends for a query. */
  rows: number;
  /** Rows that the frame has to have. */
  frameRows: number;
  /** Concurrent queries, each in a request of its own. */
  concurrency: number;
  /** The SQL of large queries that run in the background. Only the small queries are timed. They run one after another. */
  background?: string;
}

const MILLION = 1_000_000;

function points(rows: number): string {
  return `SELECT time, value FROM points LIMIT ${rows}`;
}

function tableCase(name: string, sql: string, rows: number, concurrency = 1): BenchCase {
  return { name, sql, format: 'table', rows, frameRows: rows, concurrency };
}

const COMPARED: readonly BenchCase[] = [
  tableCase('points: 1M x 2', points(MILLION), MILLION),
  tableCase('numbers: 500k x 11', 'SELECT * FROM numbers LIMIT 500000', 500_000),
  tableCase('logs: 200k x 8', 'SELECT * FROM logs LIMIT 200000', 200_000),
  tableCase('log_entries with JSONB: 200k x 9', 'SELECT * FROM log_entries LIMIT 200000', 200_000),
  tableCase('log_entries unsorted: 200k x 9', 'SELECT * FROM mixed_log_entries LIMIT 200000', 200_000),
  {
    name: 'series: 200k long to wide',
    sql: 'SELECT time, name, value FROM series LIMIT 200000',
    format: 'time_series',
    rows: 200_000,
    // One row for each time, with a column for each of the twenty names.
    frameRows: 10_000,
    concurrency: 1,
  },
  tableCase('dashboard: 20 x 1k points at once', points(1000), 1000, 20),
  tableCase('small: 1k points', points(1000), 1000),
  { ...tableCase('small during a 1M-row query', points(1000), 1000), background: points(MILLION) },
];

const GROWTH_ROWS = [1000, 10_000, 100_000, MILLION, 10 * MILLION];
const GROWTH_QUERIES = [1, 2, 5, 10, 20, 50, 100, 200];

function shortNumber(count: number): string {
  return count >= MILLION ? `${count / MILLION}M` : count >= 1000 ? `${count / 1000}k` : String(count);
}

const GROWTH: readonly BenchCase[] = [
  ...GROWTH_ROWS.map((rows) => tableCase(`growth: ${shortNumber(rows)} points`, points(rows), rows)),
  ...GROWTH_QUERIES.map((count) => tableCase(`growth: ${count} x 1k points at once`, points(1000), 1000, count)),
];

/** The cases whose names contain one of the texts; all cases for an empty list. */
export function casesFor(only: readonly string[]): BenchCase[] {
  const isSelected = ({ name }: BenchCase) => only.length === 0 || only.some((text) => name.includes(text));
  return [...COMPARED, ...GROWTH].filter(isSelected);
}

const MAX_REPEATS = 100;

/**
 * The number of repeats of a case in a round. Small work is repeated more often: a single time of half a millisecond is not
 * reliable, and the kernel counts CPU time in steps of ten milliseconds.
 */
export function repeatsOf({ rows, concurrency, background }: BenchCase): number {
  const repeats = Math.round(MILLION / 2 / (rows * concurrency));
  return background === undefined ? Math.min(Math.max(1, repeats), MAX_REPEATS) : 1;
}
