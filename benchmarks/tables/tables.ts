/** The tables of the benchmark. Their rows are the same in every run. */
import { type Column, START_NS } from './columns';

export type TableName =
  | 'points'
  | 'series'
  | 'numbers'
  | 'logs'
  | 'log_entries'
  | 'mixed_log_entries'
  | 'context_lines'
  | 'line_counts'
  | 'trace_processes'
  | 'trace_spans'
  | 'profile_streams'
  | 'thread_calls'
  | 'call_counts'
  | 'longest_calls'
  | 'service_calls'
  | 'long_service_calls';

const SERIES = 20;
const NUMBER_COLUMNS = 10;

function cycle(...words: readonly string[]): (row: number) => string {
  return (row) => words[row % words.length] ?? '';
}

/** Like `cycle`, but in a pseudo-random order. */
function shuffle(seed: number, ...words: readonly string[]): (row: number) => string {
  return (row) =>
    words[(Math.imul(Math.imul(row + seed, 0x9e3779b1) ^ (row >>> 7), 0x85ebca6b) >>> 8) % words.length] ?? '';
}

const everyMs: Column = { kind: 'time', atMs: (row) => row };

const EXES = ['game-server', 'editor'];
const USERS = ['ada', 'grace', 'edsger'];
const COMPUTERS = ['node-1', 'node-2'];
const TARGETS = ['server::http', 'server::sql', 'engine::render', 'engine::physics', 'client::net'];

const LOGS: Record<string, Column> = {
  process_id: {
    kind: 'word',
    at: (row) => `0190a5b2-0000-7000-8000-${String(Math.floor(row / 50_000)).padStart(12, '0')}`,
  },
  exe: { kind: 'word', at: cycle(...EXES) },
  username: { kind: 'word', at: cycle(...USERS) },
  computer: { kind: 'word', at: cycle(...COMPUTERS) },
  time: everyMs,
  target: { kind: 'word', at: cycle(...TARGETS) },
  level: { kind: 'int', at: (row) => 1 + (row % 6) },
  msg: {
    kind: 'text',
    at: (row) =>
      `request ${row} handled by worker ${row % 16} in ${row % 977} us, status=200 bytes=${(row * 37) % 65_536}`,
  },
};

const THREADS = 8;
const streamId = (thread: number) => `0190a5b2-0000-7000-9000-${String(thread).padStart(12, '0')}`;

/**
 * The calls of a frame of 16 ms, ordered by start time. Each call begins and ends within its caller. Times are in units
 * of 0.1 ms.
 */
const FRAME_CALLS = [
  { depth: 0, begin: 0, end: 150 },
  { depth: 1, begin: 10, end: 95 },
  { depth: 2, begin: 20, end: 50 },
  { depth: 3, begin: 30, end: 40 },
  { depth: 2, begin: 60, end: 90 },
  { depth: 3, begin: 70, end: 80 },
  { depth: 1, begin: 100, end: 145 },
  { depth: 2, begin: 110, end: 140 },
] as const;
const FRAME_NS = 16_000_000;
const PART_NS = 100_000;

const frameOf = (row: number) => Math.floor(row / FRAME_CALLS.length);
const callOf = (row: number) => FRAME_CALLS[row % FRAME_CALLS.length] ?? FRAME_CALLS[0];
/** The calls of 50 consecutive frames have different names. */
const functionOf = (row: number) => `${row % FRAME_CALLS.length}_${frameOf(row) % 50}`;

/** Number of children of a span. */
const CHILDREN = 4;
const spanId = (row: number) => (row + 1).toString(16).padStart(16, '0');

const THREAD_CALLS: Record<string, Column> = {
  stream_id: { kind: 'word', at: (row) => streamId(frameOf(row) % THREADS) },
  id: { kind: 'int64', at: (row) => BigInt(row) },
  depth: { kind: 'uint32', at: (row) => callOf(row).depth },
  name: { kind: 'word', at: (row) => `call_${functionOf(row)}` },
  target: { kind: 'word', at: cycle(...TARGETS) },
  filename: { kind: 'word', at: (row) => `src/part_${row % FRAME_CALLS.length}.rs` },
  line: { kind: 'uint32', at: (row) => 10 + (row % FRAME_CALLS.length) },
  begin: { kind: 'time-ns', atNs: (row) => frameOf(row) * FRAME_NS + callOf(row).begin * PART_NS },
  end: { kind: 'time-ns', atNs: (row) => frameOf(row) * FRAME_NS + callOf(row).end * PART_NS },
};

/** The calls between pairs of services. @param service The name of a service by its number. */
const serviceCalls = (service: (number: number) => string): Record<string, Column> => ({
  part: { kind: 'text', at: () => 'call' },
  source: { kind: 'text', at: (row) => service(row % 1000) },
  target: { kind: 'text', at: (row) => service((row % 1000) + Math.floor(row / 1000) + 1) },
  calls: { kind: 'int64', at: (row) => BigInt(1 + row) },
  errors: { kind: 'int64', at: (row) => BigInt(row % 2) },
  mean_ns: { kind: 'float', at: (row) => 1e6 + row },
  p95_ns: { kind: 'float', at: (row) => 2e6 + row },
});

/** Names and columns of each table. */
export const TABLES: Readonly<Record<TableName, Readonly<Record<string, Column>>>> = {
  points: { time: everyMs, value: { kind: 'float', at: (row) => row % 1000 } },
  // Long format: one row for each time and name.
  series: {
    time: { kind: 'time', atMs: (row) => Math.floor(row / SERIES) * 1000 },
    name: { kind: 'word', at: (row) => `host-${String(row % SERIES).padStart(2, '0')}` },
    value: { kind: 'float', at: (row) => row % 997 },
  },
  numbers: {
    time: everyMs,
    ...Object.fromEntries(
      Array.from({ length: NUMBER_COLUMNS }, (_, index): [string, Column] => [
        `v${index}`,
        { kind: 'float', at: (row) => (row * (index + 1)) / 3 },
      ])
    ),
  },
  logs: LOGS,
  log_entries: { ...LOGS, properties: { kind: 'bag', at: (row) => `v${row % 7}` } },
  // The strings of `log_entries` repeat in a pattern. In this table, their order is random.
  mixed_log_entries: {
    ...LOGS,
    exe: { kind: 'word', at: shuffle(1, ...EXES) },
    username: { kind: 'word', at: shuffle(2, ...USERS) },
    computer: { kind: 'word', at: shuffle(3, ...COMPUTERS) },
    target: { kind: 'word', at: shuffle(4, ...TARGETS) },
    properties: { kind: 'bag', at: shuffle(5, ...Array.from({ length: 500 }, (_, value) => `v${value}`)) },
  },
  // The following tables have the columns of the statements that the backend writes for view queries.
  context_lines: {
    ...LOGS,
    properties: { kind: 'bag', at: (row) => `v${row % 7}` },
    process_properties: { kind: 'bag', at: () => 'v' },
    insert_time: everyMs,
    stream_id: { kind: 'word', at: () => streamId(0) },
    block_id: { kind: 'word', at: () => streamId(1) },
    repetition: { kind: 'int64', at: () => 1n },
  },
  line_counts: {
    time: { kind: 'time', atMs: (row) => Math.floor(row / 6) * 1000 },
    level: { kind: 'int', at: (row) => 1 + (row % 6) },
    count: { kind: 'int64', at: (row) => BigInt(1 + (row % 977)) },
  },
  trace_processes: {
    process_id: { kind: 'text', at: (row) => streamId(row) },
    exe: { kind: 'text', at: () => 'game-server' },
    last_seen: everyMs,
  },
  trace_spans: {
    process_id: { kind: 'word', at: (row) => streamId(row % THREADS) },
    exe: { kind: 'text', at: (row) => `service-${row % THREADS}` },
    username: { kind: 'text', at: () => 'ada' },
    computer: { kind: 'text', at: (row) => `node-${row % THREADS}` },
    process_properties: { kind: 'bag', at: (row) => `v${row % THREADS}` },
    span_id: { kind: 'text', at: spanId },
    parent_span_id: { kind: 'text', at: (row) => (row === 0 ? '' : spanId(Math.floor((row - 1) / CHILDREN))) },
    start_ns: { kind: 'int64', at: (row) => START_NS + BigInt(row) * 1000n },
    duration: { kind: 'int64', at: (row) => BigInt(1_000_000_000 - row * 1000) },
    name: { kind: 'word', at: (row) => `operation ${row % 40}` },
    kind: { kind: 'word', at: cycle('SERVER', 'CLIENT', 'INTERNAL') },
    status: { kind: 'word', at: cycle('UNSET', 'OK', 'ERROR') },
    status_message: { kind: 'text', at: () => '' },
    properties: { kind: 'bag', at: (row) => `v${row % 977}` },
    events: { kind: 'no-items' },
    links: { kind: 'no-items' },
  },
  profile_streams: {
    stream_id: { kind: 'text', at: streamId },
    tags: { kind: 'list', at: () => 'cpu' },
    format: { kind: 'text', at: () => 'micromegas-transit' },
    thread_name: { kind: 'text', at: (row) => `worker ${row}` },
    thread_id: { kind: 'text', at: (row) => String(row) },
  },
  thread_calls: THREAD_CALLS,
  // The number of calls is always small enough for one flame graph, even if `thread_calls` has more rows.
  call_counts: { bin: { kind: 'int64', at: () => 0n }, calls: { kind: 'int64', at: () => 1000n } },
  longest_calls: { ...THREAD_CALLS, parent: { kind: 'int64', at: (row) => BigInt(row - 1) } },
  // Each row has another pair of services, and the number of calls between them.
  service_calls: serviceCalls((number) => `service-${number}`),
  // As many rows as the memory of one result permits.
  long_service_calls: serviceCalls((number) => `service-${number}/`.padEnd(17_000, 'x')),
};

/** Number of calls in one frame of a profile, duration of the frame in milliseconds, and number of threads. */
export const PROFILE_FRAME = { calls: FRAME_CALLS.length, ms: FRAME_NS / 1_000_000, threads: THREADS };

export function isTableName(name: string): name is TableName {
  return name in TABLES;
}
