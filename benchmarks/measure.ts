/**
 * Measures a case through one or several plugins.
 *
 * Each gets a fresh process, so that the peak of its memory belongs to the case, and is warmed up: what is timed is a
 * plugin that has been in use for a while. Rounds go through all plugins in turn, so that what else the machine does
 * meets all of them.
 */
import { repeatsOf, type BenchCase } from './cases';
import { PluginUnderTest, type Question } from './plugin-under-test';
import { usageOf } from './process-usage';
import { type CaseResult } from './results';
import { type ServerProcess } from './server/start-server';

export interface Contender {
  label: string;
  executable: string;
}

const LEAST_WARM_UP = 3;

/** Large queries of a round, one after the other, in cases with others behind them. */
const LARGE_QUERIES = 4;

/** Does the work of a case once. @returns Milliseconds: of all queries together, or of each where each is timed. */
type Work = () => Promise<number[]>;

/** A plugin with what has been measured of it so far. */
interface Lane {
  contender: Contender;
  plugin: PluginUnderTest;
  question: Question;
  work: Work;
  timesMs: number[];
  cpuMs: number;
  /** Of the server and of this process. */
  othersCpuMs: number;
}

/** @returns A result for each contender, in their order. */
export async function measure(
  bench: BenchCase,
  contenders: readonly Contender[],
  server: ServerProcess,
  rounds: number
): Promise<CaseResult[]> {
  const lanes: Lane[] = [];
  try {
    for (const contender of contenders) {
      lanes.push(await openLane(bench, contender, server.host));
    }
    const repeats = repeatsOf(bench);
    for (let round = 0; round < rounds; round++) {
      for (const lane of lanes) {
        await runRound(lane, server, repeats);
      }
    }
    return lanes.map((lane) => resultOf(bench, lane, rounds * repeats));
  } finally {
    await Promise.all(lanes.map(({ plugin }) => plugin.stop()));
  }
}

async function openLane(bench: BenchCase, contender: Contender, host: string): Promise<Lane> {
  const plugin = await PluginUnderTest.start(contender.executable, host);
  try {
    const question = await plugin.prepare(bench, bench.frameRows);
    const work = await workOf(bench, plugin, question);
    for (let turn = Math.max(LEAST_WARM_UP, repeatsOf(bench)); turn > 0; turn--) {
      await work();
    }
    return { contender, plugin, question, work, timesMs: [], cpuMs: 0, othersCpuMs: 0 };
  } catch (reason) {
    await plugin.stop();
    throw new Error(`${contender.label}: ${reason instanceof Error ? reason.message : String(reason)}`, {
      cause: reason,
    });
  }
}

async function workOf(bench: BenchCase, plugin: PluginUnderTest, question: Question): Promise<Work> {
  if (bench.behind === undefined) {
    return () => askTogether(plugin, question, bench.together);
  }
  const large = await plugin.prepare({ sql: bench.behind, format: 'table' }, Number(/\d+$/.exec(bench.behind)?.[0]));
  return () => askBehind(plugin, question, large);
}

async function askTogether(plugin: PluginUnderTest, question: Question, together: number): Promise<number[]> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: together }, () => plugin.ask(question)));
  return [performance.now() - startedAt];
}

async function askBehind(plugin: PluginUnderTest, small: Question, large: Question): Promise<number[]> {
  let isOver = false;
  const background = (async () => {
    for (let count = 0; count < LARGE_QUERIES; count++) {
      await plugin.ask(large);
    }
  })().finally(() => (isOver = true));
  // Its failure is looked at below; until then a small query may have failed first.
  background.catch(() => undefined);
  const timesMs: number[] = [];
  while (!isOver) {
    timesMs.push(await plugin.ask(small));
  }
  await background;
  return timesMs;
}

async function runRound(lane: Lane, server: ServerProcess, repeats: number): Promise<void> {
  const before = lane.plugin.usage.cpuMs;
  const othersBefore = othersCpuMs(server);
  for (let turn = 0; turn < repeats; turn++) {
    lane.timesMs.push(...(await lane.work()));
  }
  lane.cpuMs += lane.plugin.usage.cpuMs - before;
  lane.othersCpuMs += othersCpuMs(server) - othersBefore;
}

function othersCpuMs(server: ServerProcess): number {
  const { user, system } = process.cpuUsage();
  return usageOf(server.pid).cpuMs + (user + system) / 1000;
}

function resultOf(bench: BenchCase, lane: Lane, turns: number): CaseResult {
  const sorted = lane.timesMs.toSorted((a, b) => a - b);
  return {
    case: bench.name,
    plugin: lane.contender.label,
    rows: bench.rows,
    together: bench.together,
    samples: sorted.length,
    minMs: sorted[0] ?? NaN,
    medianMs: quantile(sorted, 0.5),
    p95Ms: quantile(sorted, 0.95),
    // Large and small queries share the process: their CPU cannot be told apart.
    cpuMs: bench.behind === undefined ? lane.cpuMs / turns : null,
    othersCpuMs: bench.behind === undefined ? lane.othersCpuMs / turns : null,
    peakBytes: lane.plugin.usage.peakBytes,
    answerBytes: lane.question.answerBytes * bench.together,
  };
}

/** @param sorted Ascending. @param share Of the values that are not above the result. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
