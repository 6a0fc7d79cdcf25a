/**
 * Measures how long large traces, profiles and maps delay other requests: the longest duration of an empty query while
 * the plugin reads a large view. No times are asserted, because times depend on the machine.
 *
 * Run with `npm run bench:stall -- [options]`.
 */
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BenchCase, flameGraphCase, longServiceMapCase, serviceMapCase, timelineCase, traceCase } from './cases';
import { countOption } from './count-option';
import { executableOf, PluginUnderTest, type PreparedQuery } from './plugin-under-test';
import { startServer } from './server/start-server';

const USAGE = `npm run bench:stall -- [options]

  --only <text>     Runs the cases whose name contains the text. Can be repeated.
  --rounds <n>      Rounds of each case. Default: 5.
  --beside <n>      Processes that use a whole core each during the measurement. Default: 0.
  --plugin <path>   An executable, or a folder with plugin.json. Default: dist. Can be repeated.`;

/** A case that `atOnce` users run at the same time. */
type StallCase = Pick<BenchCase, 'name'> & { view: BenchCase; atOnce: number };

const once = (view: BenchCase): StallCase => ({ name: view.name, view, atOnce: 1 });
const atOnce = (view: BenchCase, count: number): StallCase => ({
  name: `${count} x ${view.name}`,
  view,
  atOnce: count,
});

const CASES: readonly StallCase[] = [
  once(traceCase(10_000)),
  once(traceCase(100_000)),
  atOnce(traceCase(100_000), 4),
  once(serviceMapCase()),
  once(longServiceMapCase()),
  once(flameGraphCase(1_000_000)),
  atOnce(flameGraphCase(1_000_000), 6),
  once(timelineCase(10_001)),
  atOnce(timelineCase(10_001), 6),
];

/** Milliseconds between two empty queries. */
const PAUSE_MS = 2;

interface Stall {
  /** Longest duration of an empty query. */
  longestMs: number;
  /** Duration of the slowest view. */
  viewMs: number;
}

async function runRound(plugin: PluginUnderTest, prepared: PreparedQuery, count: number): Promise<Stall> {
  let isOver = false;
  const running = Promise.all(Array.from({ length: count }, () => plugin.run(prepared))).finally(() => (isOver = true));
  // If a view fails while the loop runs, `await running` reports the failure. Until then, this prevents an unhandled
  // rejection.
  running.catch(() => undefined);
  let longestMs = 0;
  while (!isOver) {
    longestMs = Math.max(longestMs, await plugin.waitForTurn());
    await delay(PAUSE_MS);
  }
  return { longestMs, viewMs: Math.max(...(await running)) };
}

async function measure(stallCase: StallCase, path: string, host: string, rounds: number): Promise<void> {
  const plugin = await PluginUnderTest.start(executableOf(path), host);
  try {
    const prepared = await plugin.prepare(stallCase.view);
    const stalls: Stall[] = [];
    for (let round = 0; round < rounds; round++) {
      stalls.push(await runRound(plugin, prepared, stallCase.atOnce));
    }
    const [longest, views] = [stalls.map(({ longestMs }) => longestMs), stalls.map(({ viewMs }) => viewMs)];
    console.log(
      [
        stallCase.name.padEnd(30),
        path.padEnd(20),
        `longest wait: median ${median(longest).toFixed(0).padStart(5)} ms, most ${Math.max(...longest)
          .toFixed(0)
          .padStart(5)} ms`,
        `view: median ${median(views).toFixed(0).padStart(5)} ms`,
      ].join('   ')
    );
  } finally {
    await plugin.stop();
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '5' },
      beside: { type: 'string', default: '0' },
      plugin: { type: 'string', multiple: true, default: ['dist'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { only, plugin: plugins } = values;
  const rounds = countOption('--rounds', values.rounds);
  const server = await startServer();
  const others = Array.from({ length: countOption('--beside', values.beside, 0) }, () =>
    spawn(process.execPath, ['-e', 'while (true);'])
  );
  try {
    for (const stallCase of CASES.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))) {
      for (const path of plugins) {
        await measure(stallCase, path, server.host, rounds);
      }
    }
  } finally {
    server.stop();
    others.forEach((other) => other.kill());
  }
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
