/** The cases of the benchmark. In each round, every plugin does the same work for a case. */
import { type MicromegasQueryFields } from '../contract/queries/query';
import { type QueryFormat } from '../contract/result-format';
import { START_NS } from './tables/columns';
import { PROFILE_FRAME } from './tables/tables';

export interface BenchCase {
  name: string;
  sql: string;
  format: QueryFormat;
  /** Rows that the server sends for a query. */
  rows: number;
  /** Required number of rows of all frames together. Default: at least one. */
  frameRows?: number;
  /** Fields of the query model in addition to the SQL. */
  model?: MicromegasQueryFields;
  /** Milliseconds since 1970. Default: the last six hours. */
  range?: { fromMs: number; toMs: number };
  /** Number of concurrent queries. Each is a separate request. */
  concurrency: number;
  /**
   * The SQL of large queries that run in the background. The benchmark measures only the times of the small queries of
   * `sql`.
   */
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
    // The result has one row for each time, and a column for each of the twenty names.
    frameRows: 10_000,
    concurrency: 1,
  },
  tableCase('dashboard: 20 x 1k points at once', points(1000), 1000, 20),
  tableCase('small: 1k points', points(1000), 1000),
  { ...tableCase('small during a 1M-row query', points(1000), 1000), background: points(MILLION) },
];

const START_MS = Number(START_NS / 1_000_000n);
/** The benchmark's server reads the number of rows of a table from the last 12 digits of an id. */
const digits = (rows: number) => String(rows).padStart(12, '0');
const processId = (rows: number) => `0190a5b2-0000-7000-8000-${digits(rows)}`;
const traceId = (rows: number) => `0190a5b2000070008000${digits(rows)}`;

const COUNTS = 24_000;
const COUNTED_MS = (COUNTS / 6) * 1000;

/** A view query: the backend writes the SQL. */
function viewCase(name: string, rows: number, model: MicromegasQueryFields, rangeMs: number): BenchCase {
  const range = { fromMs: START_MS, toMs: START_MS + rangeMs };
  return { name, sql: '', format: 'logs', rows, concurrency: 1, model, range };
}

export function flameGraphCase(rows: number): BenchCase {
  const model: MicromegasQueryFields = {
    queryType: 'profile',
    profile: { view: 'flame-graph', processId: processId(rows) },
  };
  return viewCase(
    `flame graph of ${shortNumber(rows)} spans`,
    rows,
    model,
    (rows / PROFILE_FRAME.calls) * PROFILE_FRAME.ms
  );
}

export function traceCase(rows: number): BenchCase {
  const model: MicromegasQueryFields = { queryType: 'traces', traces: { view: 'trace', traceId: traceId(rows) } };
  return { ...viewCase(`trace of ${shortNumber(rows)} spans`, rows, model, 60_000), frameRows: rows };
}

/**
 * The longest calls of a process, as a trace.
 *
 * @param rows At most 10,001: the statement of a timeline has this LIMIT.
 */
export function timelineCase(rows: number): BenchCase {
  const model: MicromegasQueryFields = {
    queryType: 'profile',
    profile: { view: 'timeline', processId: processId(rows), spans: ['thread'] },
  };
  const rangeMs = (rows / PROFILE_FRAME.calls) * PROFILE_FRAME.ms;
  return viewCase(`timeline of ${shortNumber(rows)} spans`, rows, model, rangeMs);
}

/** A service map that reads the maximum number of rows. */
export function serviceMapCase(): BenchCase {
  const model: MicromegasQueryFields = { queryType: 'traces', traces: { view: 'service-map' } };
  return viewCase('service map of 20k rows', 20_000, model, 60_000);
}

/** A service map whose services have names of 17,000 characters. */
export function longServiceMapCase(): BenchCase {
  const model: MicromegasQueryFields = { queryType: 'traces', traces: { view: 'service-map', operations: ['long'] } };
  return viewCase('service map of long names', 1000, model, 60_000);
}

function contextCase(limit: number): BenchCase {
  const logContext = {
    processId: processId(limit),
    time: String(START_NS),
    marks: {},
    direction: 'after',
    scope: 'process',
    limit,
  } as const;
  return viewCase(`log context: ${limit} lines`, limit, { logContext }, 60_000);
}

function volumeCase(): BenchCase {
  const model = { supplementary: { type: 'logs-volume', intervalMs: 1000 } } as const;
  const sql = 'SELECT time, level, msg FROM logs LIMIT 1000';
  return { ...viewCase(`log volume: ${shortNumber(COUNTS)} counts`, COUNTS, model, COUNTED_MS - 1), sql };
}

const VIEWS: readonly BenchCase[] = [
  contextCase(100),
  contextCase(1000),
  volumeCase(),
  ...[2500, 5000, 10_000, 100_000].map(traceCase),
  ...[MILLION / 4, MILLION / 2, MILLION].map(flameGraphCase),
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

/** The cases whose names contain one of the strings. If the list is empty, all cases. */
export function casesFor(only: readonly string[]): BenchCase[] {
  const isSelected = ({ name }: BenchCase) => only.length === 0 || only.some((part) => name.includes(part));
  return [...COMPARED, ...VIEWS, ...GROWTH].filter(isSelected);
}

const MAX_REPEATS = 100;

/**
 * The number of repeats of a case in a round. Small work is repeated more often, because a single measurement of half a
 * millisecond is not reliable. Also, the kernel counts CPU time in steps of ten milliseconds.
 */
export function repeatsOf({ rows, concurrency, background, model }: BenchCase): number {
  // The backend converts rows of a view to objects, which takes longer than copying the bytes of an SQL result.
  const cost = model === undefined ? 1 : 20;
  const repeats = Math.round(MILLION / 2 / (rows * concurrency * cost));
  return background === undefined ? Math.min(Math.max(1, repeats), MAX_REPEATS) : 1;
}
