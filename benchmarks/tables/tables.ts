/** The tables of the benchmark. Their rows are the same in every run. */
import { type Column } from './columns';

export type TableName = 'points' | 'series' | 'numbers' | 'logs' | 'log_entries' | 'mixed_log_entries';

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
  // The texts of `log_entries` repeat in a pattern. Here their order is random.
  mixed_log_entries: {
    ...LOGS,
    exe: { kind: 'word', at: shuffle(1, ...EXES) },
    username: { kind: 'word', at: shuffle(2, ...USERS) },
    computer: { kind: 'word', at: shuffle(3, ...COMPUTERS) },
    target: { kind: 'word', at: shuffle(4, ...TARGETS) },
    properties: { kind: 'bag', at: shuffle(5, ...Array.from({ length: 500 }, (_, value) => `v${value}`)) },
  },
};

export function isTableName(name: string): name is TableName {
  return name in TABLES;
}
