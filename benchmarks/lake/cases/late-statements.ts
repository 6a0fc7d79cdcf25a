/**
 * Measures how long `SELECT 1` of one user takes while another user reloads a dashboard of expensive panels every few
 * seconds: each reload cancels statements on which the server may continue to work. Compare two builds with `--plugin`.
 * The case prints a table of its own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { runQuery } from '../../../tests/support/plugin';
import { type Lab } from '../lab';
import { printRows } from '../print-rows';
import { type LakeCase } from './lake-case';

const numbers = (count: number) => `generate_series(1, ${count})`;

/**
 * Expensive statements that the check of sizes accepts, of some seconds of CPU time each. A longer cross join blocks
 * the server until it ends.
 */
const STATEMENTS: Readonly<Record<string, (panel: number) => string>> = {
  'cross join': (panel) =>
    `SELECT sum(a.value * b.value + ${panel}) FROM ${numbers(30_000)} AS a CROSS JOIN ${numbers(30_000)} AS b`,
  sort: (panel) =>
    `SELECT max(v) FROM (SELECT concat(value, '-${panel}') AS v FROM ${numbers(1_000_000)} ORDER BY v LIMIT 900000)`,
  repeat: (panel) => `SELECT max(length(repeat(concat(value, '-${panel}'), 1000))) FROM ${numbers(2_000_000)}`,
  regexp: (panel) =>
    `SELECT sum(length(regexp_replace(concat('line ', value, ' of panel ${panel}'), '(a|.)*?', 'x', 'g'))) FROM ${numbers(300_000)}`,
};

/** The number of panels, and the setting _Open statements_. */
const LOADS = [
  { panels: 1, open: 16 },
  { panels: 16, open: 16 },
  { panels: 16, open: 4 },
];
type Load = (typeof LOADS)[number];
const RELOADS = 4;
/** Longer than `LATE_AFTER_MS`. */
const RELOAD_MS = 7000;
const USUAL_COUNT = 20;
const PAUSE_MS = 100;
/** The server is idle when this number of consecutive queries took at most `IDLE_FACTOR` times the usual time. */
const IDLE_COUNT = 5;
const IDLE_FACTOR = 4;

const SETTINGS = { resultAgeSeconds: 0, queryTimeoutSeconds: 60 };

interface Bench extends Load {
  lab: Lab;
  sqlOf: (panel: number) => string;
}

/** Runs a statement of a user. @returns The error, empty if there is none. */
async function run({ lab, open }: Bench, login: string, query: string, signal?: AbortSignal): Promise<string> {
  const { plugin, source } = lab;
  const jsonData = { ...source.jsonData, ...SETTINGS, maxStatements: open };
  const other = { ...source, jsonData, user: { ...source.user, login } };
  return (await runQuery(plugin, other, { version: 2, query, timeFilter: false }, { signal })).error;
}

/** Milliseconds of one `SELECT 1` of the second user. */
async function neighbour(bench: Bench): Promise<number> {
  const startMs = performance.now();
  const error = await run(bench, 'neighbour', 'SELECT 1');
  if (error !== '') {
    console.log(`The neighbour: ${error.slice(0, 80)}`);
  }
  return performance.now() - startMs;
}

async function reload(bench: Bench): Promise<void> {
  const signal = AbortSignal.timeout(RELOAD_MS);
  const queries = Array.from({ length: bench.panels }, (_, panel) =>
    run(bench, 'ada', bench.sqlOf(panel), signal).catch(() => undefined)
  );
  await Promise.all([...queries, delay(RELOAD_MS)]);
}

/** Waits until the queries of the neighbour take the usual time again. @returns Milliseconds. */
async function untilIdle(bench: Bench, usualMs: number): Promise<number> {
  const startMs = performance.now();
  for (let fast = 0; fast < IDLE_COUNT;) {
    fast = (await neighbour(bench)) <= IDLE_FACTOR * usualMs ? fast + 1 : 0;
    await delay(PAUSE_MS);
  }
  return performance.now() - startMs;
}

async function measureWaits(bench: Bench): Promise<number[]> {
  let isOver = false;
  const reloads = (async () => {
    for (let count = 0; count < RELOADS; count++) {
      await reload(bench);
    }
    isOver = true;
  })();
  const waits: number[] = [];
  while (!isOver) {
    await delay(PAUSE_MS);
    waits.push(await neighbour(bench));
  }
  await reloads;
  return waits;
}

/** The value that a share of the numbers does not exceed. */
const quantile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * share) - 1] ?? NaN;

async function measureStatement(statement: string, bench: Bench) {
  const usual: number[] = [];
  while (usual.length < USUAL_COUNT) {
    usual.push(await neighbour(bench));
  }
  const usualMs = quantile(usual, 0.5);
  const waits = await measureWaits(bench);
  const idleMs = await untilIdle(bench, usualMs);
  const row = {
    'usual ms': usualMs,
    'median ms': quantile(waits, 0.5),
    'p90 ms': quantile(waits, 0.9),
    'most ms': quantile(waits, 1),
    'idle after ms': idleMs,
  };
  const rounded = Object.entries(row).map(([name, ms]) => [name, Math.round(ms)]);
  return { statement, panels: bench.panels, open: bench.open, queries: waits.length, ...Object.fromEntries(rounded) };
}

export const lateStatements: LakeCase = {
  name: 'late-statements',
  async run(lab) {
    const rows = [];
    for (const [statement, sqlOf] of Object.entries(STATEMENTS)) {
      for (const load of LOADS) {
        rows.push(await measureStatement(statement, { ...load, lab, sqlOf }));
      }
    }
    printRows(rows);
  },
};
