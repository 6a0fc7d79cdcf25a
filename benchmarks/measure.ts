/**
 * Measures a case with one or several plugins.
 *
 * For each case, each plugin gets a new process, so that the peak memory belongs only to this case. The process runs
 * the case before the measurement, to warm up. Each round runs all plugins in turn, so that other load on the machine
 * affects all of them.
 */
import { repeatsOf, type BenchCase } from './cases';
import { type FrameDecoder } from './decoder';
import { PluginUnderTest, type PreparedQuery } from './plugin-under-test';
import { usageOf } from './process-usage';
import { type CaseResult } from './results';
import { type ServerProcess } from './server/start-server';

export interface Contender {
  label: string;
  executable: string;
}

const MIN_WARM_UP = 3;

/** Repeats of decoding a response. */
const DECODE_REPEATS = 9;

/** Number of large queries per round, in cases with background queries. They run one after another. */
const LARGE_QUERIES = 4;

/**
 * Does the work of a case once.
 *
 * @returns Durations in milliseconds: one duration for all queries together. In cases with background queries, one
 * duration for each small query.
 */
type Work = () => Promise<number[]>;

/** A plugin with its measurements so far. */
interface Lane {
  contender: Contender;
  plugin: PluginUnderTest;
  query: PreparedQuery;
  work: Work;
  timesMs: number[];
  cpuMs: number;
  /** CPU time of the server and of this process. */
  othersCpuMs: number;
}

/**
 * @param decoder If undefined, the time of decoding is not measured.
 * @returns A result for each contender, in the same order.
 */
export async function measure(
  bench: BenchCase,
  contenders: readonly Contender[],
  server: ServerProcess,
  rounds: number,
  decoder: FrameDecoder | undefined
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
    const results: CaseResult[] = [];
    for (const lane of lanes) {
      results.push(resultOf(bench, lane, rounds * repeats, await decodeMs(bench, lane, decoder)));
    }
    return results;
  } finally {
    await Promise.all(lanes.map(({ plugin }) => plugin.stop()));
  }
}

async function openLane(bench: BenchCase, contender: Contender, host: string): Promise<Lane> {
  const plugin = await PluginUnderTest.start(contender.executable, host);
  try {
    const query = await plugin.prepare(bench);
    const work = await workOf(bench, plugin, query);
    for (let turn = Math.max(MIN_WARM_UP, repeatsOf(bench)); turn > 0; turn--) {
      await work();
    }
    return { contender, plugin, query, work, timesMs: [], cpuMs: 0, othersCpuMs: 0 };
  } catch (reason) {
    await plugin.stop();
    throw new Error(`${contender.label}: ${reason instanceof Error ? reason.message : String(reason)}`, {
      cause: reason,
    });
  }
}

async function workOf(bench: BenchCase, plugin: PluginUnderTest, query: PreparedQuery): Promise<Work> {
  if (bench.background === undefined) {
    return () => runConcurrently(plugin, query, bench.concurrency);
  }
  const frameRows = Number(/\d+$/.exec(bench.background)?.[0]);
  const large = await plugin.prepare({ sql: bench.background, format: 'table', frameRows });
  return () => runDuringLarge(plugin, query, large);
}

async function runConcurrently(plugin: PluginUnderTest, query: PreparedQuery, concurrency: number): Promise<number[]> {
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, () => plugin.run(query)));
  return [performance.now() - startedAt];
}

async function runDuringLarge(plugin: PluginUnderTest, small: PreparedQuery, large: PreparedQuery): Promise<number[]> {
  let isOver = false;
  const background = (async () => {
    for (let count = 0; count < LARGE_QUERIES; count++) {
      await plugin.run(large);
    }
  })().finally(() => (isOver = true));
  // `await background` below reports a failure. If a small query fails first, no code awaits `background`. This handler
  // prevents an unhandled rejection.
  background.catch(() => undefined);
  const timesMs: number[] = [];
  while (!isOver) {
    timesMs.push(await plugin.run(small));
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

/**
 * Median time to decode a response. Null if there is no decoder, or if the case has concurrent or background queries.
 */
async function decodeMs(bench: BenchCase, lane: Lane, decoder: FrameDecoder | undefined): Promise<number | null> {
  if (decoder === undefined || bench.concurrency > 1 || bench.background !== undefined) {
    return null;
  }
  const times = decoder(await lane.plugin.frames(lane.query), DECODE_REPEATS);
  return quantile(
    times.toSorted((a, b) => a - b),
    0.5
  );
}

function resultOf(bench: BenchCase, lane: Lane, turns: number, decodingMs: number | null): CaseResult {
  const sorted = lane.timesMs.toSorted((a, b) => a - b);
  const medianMs = quantile(sorted, 0.5);
  return {
    case: bench.name,
    plugin: lane.contender.label,
    rows: bench.rows,
    concurrency: bench.concurrency,
    samples: sorted.length,
    minMs: sorted[0] ?? NaN,
    medianMs,
    decodedMs: decodingMs === null ? null : medianMs + decodingMs,
    p95Ms: quantile(sorted, 0.95),
    // Large and small queries share the process, so their CPU times cannot be separated.
    cpuMs: bench.background === undefined ? lane.cpuMs / turns : null,
    othersCpuMs: bench.background === undefined ? lane.othersCpuMs / turns : null,
    peakBytes: lane.plugin.usage.peakBytes,
    responseBytes: lane.query.responseBytes * bench.concurrency,
  };
}

/** @param sorted Ascending. @param share Between 0 and 1: 0.5 is the median. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
