/**
 * Measures how long `SELECT 1` of one user takes while another user reloads a dashboard of expensive panels every few
 * seconds: each reload cancels statements on which the server may continue to work. Compare two builds with `--plugin`.
 * The case prints a table of its own. `late` are the cancelled statements that the server had for more than
 * `LATE_AFTER_MS`; the case fails if there are none.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type QueryOptions, runQuery, type Source } from '../../../tests/support/plugin';
import { type Cancelled, countCancelled, endedRequests } from '../cancelled-statements';
import { type Lab } from '../lab';
import { printRows } from '../print-rows';
import { type LakeCase } from './lake-case';

const numbers = (count: number) => `generate_series(1, ${count})`;

/** Writes a statement. @param size Multiplies its work. */
type SqlOf = (panel: number, size: number) => string;

/**
 * Expensive statements that the check of sizes accepts. With size 1, each takes some seconds of CPU time. A longer
 * cross join blocks the server until it ends.
 */
const STATEMENTS: Readonly<Record<string, SqlOf>> = {
  'cross join': (panel, size) =>
    `SELECT sum(a.value * b.value + ${panel}) FROM ${numbers(30_000 * size)} AS a CROSS JOIN ${numbers(30_000)} AS b`,
  sort: (panel, size) =>
    `SELECT max(v) FROM (SELECT concat(value, '-${panel}') AS v FROM ${numbers(1_000_000 * size)} ORDER BY v LIMIT ${900_000 * size})`,
  repeat: (panel, size) =>
    `SELECT max(length(repeat(concat(value, '-${panel}'), 1000))) FROM ${numbers(2_000_000 * size)}`,
  regexp: (panel, size) =>
    `SELECT sum(length(regexp_replace(concat('line ', value, ' of panel ${panel}'), '(a|.)*?', 'x', 'g'))) FROM ${numbers(800_000 * size)}`,
};

/**
 * The number of panels, the setting _Open statements_, and the size of the statements: one alone must still run when
 * its dashboard is reloaded.
 */
const LOADS = [
  { panels: 1, open: 16, size: 4 },
  { panels: 16, open: 16, size: 1 },
  { panels: 16, open: 4, size: 1 },
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
  sqlOf: SqlOf;
}

function sourceOf({ lab: { source }, open }: Bench, login: string): Source {
  const jsonData = { ...source.jsonData, ...SETTINGS, maxStatements: open };
  return { ...source, jsonData, user: { ...source.user, login } };
}

/** Runs a statement of a user. @returns The error, empty if there is none. */
async function run(bench: Bench, login: string, query: string, options: QueryOptions = {}): Promise<string> {
  const model = { version: 2, query, timeFilter: false };
  return (await runQuery(bench.lab.plugin, sourceOf(bench, login), model, options)).error;
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

/** Loads the dashboard, and cancels what is still running when it is reloaded. */
async function reload(bench: Bench): Promise<Cancelled> {
  const dashboard = randomUUID();
  const options = { headers: { 'x-dashboard-uid': dashboard }, signal: AbortSignal.timeout(RELOAD_MS) };
  const queries = Array.from({ length: bench.panels }, (_, panel) =>
    run(bench, 'ada', bench.sqlOf(panel, bench.size), options).catch(() => undefined)
  );
  await Promise.all([...queries, delay(RELOAD_MS)]);
  return countCancelled(await endedRequests(bench.lab.plugin, sourceOf(bench, 'ada'), dashboard, bench.panels));
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

async function measureWaits(bench: Bench): Promise<{ waits: number[] } & Cancelled> {
  let isOver = false;
  const ended: Cancelled = { cancelled: 0, late: 0 };
  const reloads = (async () => {
    for (let count = 0; count < RELOADS; count++) {
      const { cancelled, late } = await reload(bench);
      ended.cancelled += cancelled;
      ended.late += late;
    }
    isOver = true;
  })();
  const waits: number[] = [];
  while (!isOver) {
    await delay(PAUSE_MS);
    waits.push(await neighbour(bench));
  }
  await reloads;
  return { waits, ...ended };
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
  const { waits, cancelled, late } = await measureWaits(bench);
  if (late === 0) {
    console.log(`${statement}: no statement ran long enough to keep a place, so this row says nothing about places.`);
    process.exitCode = 1;
  }
  const idleMs = await untilIdle(bench, usualMs);
  const row = {
    'usual ms': usualMs,
    'median ms': quantile(waits, 0.5),
    'p90 ms': quantile(waits, 0.9),
    'most ms': quantile(waits, 1),
    'idle after ms': idleMs,
  };
  const rounded = Object.entries(row).map(([name, ms]) => [name, Math.round(ms)]);
  const { panels, open } = bench;
  return { statement, panels, open, cancelled, late, queries: waits.length, ...Object.fromEntries(rounded) };
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
