/**
 * Measures the live tail: the CPU time of the plugin (while no lines arrive, and while a writer writes lines), the
 * delay of the lines, and the time that the frontend takes. The demo's lakehouse and the frontend run in this process.
 *
 * Run with `npm run bench:tail -- [options]`.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { asyncScheduler, from, map, type Observable } from 'rxjs';
import { type Lakehouse, startLakehouse } from '../demo/lakehouse/lakehouse';
import { type PluginProcess, startPlugin } from '../demo/plugin-host/plugin-process';
import { arrivalsOf } from '../src/explore/live-tail/arrived-lines';
import { TailState } from '../src/explore/live-tail/tail-state';
import { type StepResponse, tailLoop, type TailStep, type TailUpdate } from '../src/explore/live-tail/tail-loop';
import { NODE_ENVIRONMENT, type Source } from '../tests/support/plugin';
import { runSteps } from '../tests/support/tail-steps';
import { countOption } from './count-option';
import { executableOf } from './plugin-under-test';
import { usageOf } from './process-usage';

const USAGE = `npm run bench:tail -- [options]

  --seconds <n>    Length of each case. Default: 20.
  --rate <n>       Lines per second. Can be repeated. Default: 0, 500, 2000.
  --plugin <path>  An executable, or a folder with plugin.json. Default: dist.`;

const API_KEY = 'mmk_bench';
const TARGET = 'bench.tail';
const CAPACITY = 1000;
const BLOCKS_PER_SECOND = 5;
/** Time from the arrival of a line until a query can read the line, as in an idle Micromegas. */
const APPEAR_AFTER_MS = 2000;

interface TailCase {
  rate: number;
  seconds: number;
}

/** Writes blocks of lines at regular intervals. @returns A function that stops the writer. */
function startWriter(lakehouse: Lakehouse, rate: number): () => void {
  if (rate === 0) {
    return () => undefined;
  }
  const write = () => {
    const arrivedMs = Date.now() - APPEAR_AFTER_MS;
    const lines = Array.from({ length: rate / BLOCKS_PER_SECOND }, (_none, index) => ({
      timeMs: arrivedMs - index / 10,
      message: `GET /v1/items/${index} 200 in 12.5 ms, request ${randomUUID()}`,
    }));
    const block = { process: 'editor', target: TARGET, blockId: randomUUID(), arrivedMs, lines };
    lakehouse.addLogBlock(block).catch((reason: unknown) => console.error(reason));
  };
  const timer = setInterval(write, 1000 / BLOCKS_PER_SECOND);
  return () => clearInterval(timer);
}

async function measure(
  { rate, seconds }: TailCase,
  lakehouse: Lakehouse,
  plugin: PluginProcess,
  source: Source
): Promise<void> {
  const query = `SELECT * FROM log_entries WHERE target = '${TARGET}'`;
  const models = { A: { query, version: 2, format: 'logs' as const } };
  const stop = startWriter(lakehouse, rate);
  let steps = 0;
  let lines = 0;
  const delays: number[] = [];
  let last: TailUpdate | undefined;
  const counted = (response: StepResponse): StepResponse => {
    steps++;
    lines += response.frames.reduce((sum, frame) => sum + (arrivalsOf(frame)?.lines.length ?? 0), 0);
    return response;
  };
  const send = (requests: readonly TailStep[]): Observable<StepResponse> =>
    from(runSteps(plugin, source, models, requests)).pipe(map(counted));
  const cpuBefore = usageOf(plugin.pid).cpuMs;
  const tail = tailLoop([{ refId: 'A', capacity: CAPACITY }], send, asyncScheduler).subscribe((update) => {
    last = update;
    delays.push(update.views.get('A')?.status.delaySeconds ?? 0);
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  tail.unsubscribe();
  stop();
  const cpuMs = usageOf(plugin.pid).cpuMs - cpuBefore;
  const missed = last?.views.get('A')?.status.missed ?? 0;
  const delay = delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)] ?? 0;
  console.log(
    [
      `${String(rate).padStart(7)} lines/s`,
      `${(lines / seconds).toFixed(0).padStart(6)} received/s`,
      `${(steps / seconds).toFixed(2).padStart(5)} queries/s`,
      `plugin ${((cpuMs / seconds / 1000) * 100).toFixed(1).padStart(5)} % of a core`,
      `delay ${delay.toFixed(1)} s`,
      `${missed} missed`,
      last?.errors[0]?.message ?? '',
    ].join('   ')
  );
}

/** The time that the frontend takes for the lines of a step, without the time that Grafana takes. */
async function measureBrowser(lakehouse: Lakehouse, plugin: PluginProcess, source: Source): Promise<void> {
  const lines = Array.from({ length: CAPACITY }, (_none, index) => ({
    timeMs: Date.now(),
    message: `GET /v1/items/${index} 200 in 12.5 ms, request ${randomUUID()}`,
  }));
  const block = { process: 'editor', target: `${TARGET}.browser`, blockId: randomUUID(), arrivedMs: Date.now(), lines };
  await lakehouse.addLogBlock(block);
  const query = `SELECT * FROM log_entries WHERE target = '${TARGET}.browser'`;
  const tail = { kind: 'lines', ageSeconds: 180, limit: CAPACITY } as const;
  const { frames } = await runSteps(plugin, source, { A: { query, version: 2, format: 'logs' } }, [
    { refId: 'A', tail },
  ]);
  const times = Array.from({ length: 50 }, () => {
    const state = new TailState(CAPACITY, 0);
    const startedMs = performance.now();
    state.accept(tail, frames[0], 0, 0);
    state.view();
    return performance.now() - startedMs;
  }).sort((a, b) => a - b);
  console.log(`frontend: ${times[25]?.toFixed(1)} ms for ${CAPACITY} new lines`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '20' },
      rate: { type: 'string', multiple: true, default: ['0', '500', '2000'] },
      plugin: { type: 'string', default: 'dist' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const seconds = countOption('--seconds', values.seconds);
  const rates = values.rate.map((rate) => countOption('--rate', rate, 0));
  const lakehouse = await startLakehouse({ apiKeys: [{ name: 'bench', key: API_KEY }], grow: false });
  const plugin = await startPlugin({ executable: executableOf(values.plugin), env: NODE_ENVIRONMENT });
  const source: Source = {
    jsonData: { host: lakehouse.address, selectedAuthType: 'token' },
    secureJsonData: { token: API_KEY },
  };
  try {
    await measureBrowser(lakehouse, plugin, source);
    for (const rate of rates) {
      await measure({ rate, seconds }, lakehouse, plugin, source);
    }
  } finally {
    await plugin.shutdown();
    await lakehouse.close();
  }
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
