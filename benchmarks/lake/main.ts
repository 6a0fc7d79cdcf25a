/**
 * Measures what queries of the built plugin cost on a real Micromegas, with and without the features that reduce these
 * costs. Linux only. See docs/developer/measurements.md.
 *
 * Run with `npm run bench:lake -- [options]`.
 */
import { parseArgs } from 'node:util';
import { startPlugin } from '../../demo/plugin-host/plugin-process';
import { findTools } from '../../tests/conformance/tools';
import { ADA, NODE_ENVIRONMENT, type Source } from '../../tests/support/plugin';
import { countOption } from '../count-option';
import { executableOf } from '../plugin-under-test';
import { incrementalRefresh } from './cases/incremental-refresh';
import { type LakeCase } from './cases/lake-case';
import { fairQueue } from './cases/fair-queue';
import { newestLines } from './cases/newest-lines';
import { sharedResults } from './cases/shared-results';
import { refreshReasons } from './cases/refresh-reasons';
import { type Costs, Lab } from './lab';
import { type Lake, openLake } from './lake';
import { printRows } from './print-rows';
import { sendFurther, sendPast } from './telemetry';

const USAGE = `npm run bench:lake -- [options]

  --only <case>     Runs this case. Can be repeated. Default: all.
  --lines <n>       Number of log lines. There is one measure for every five lines. Default: 10000000.
  --hours <n>       Length of the time range of the lines. Default: 6.
  --plugin <path>   An executable, or a folder with plugin.json. Default: dist.

The benchmark uses the server at MICROMEGAS_ADDRESS. If this variable is not set, ../shared/micromegas-server/run starts a server.
See CONTRIBUTING.md, section Conformance.`;

const CASES: readonly LakeCase[] = [newestLines, fairQueue, sharedResults, incrementalRefresh, refreshReasons];

async function fill(lake: Lake, lines: number, hours: number) {
  const toMs = Date.now();
  const options = { ingestion: lake.ingestion, fromMs: toMs - hours * 3_600_000, toMs, lines };
  console.log(`Sending ${lines} lines of ${hours} hours`);
  await sendPast(options);
  console.log(`Sent after ${seconds(toMs)} s. Making files`);
  await lake.makeFiles(options.fromMs, toMs);
  console.log(`Ready after ${seconds(toMs)} s`);
  const layout = await lake.layout();
  if (layout.length === 0) {
    console.log('The benchmark cannot arrange or list the files of a server that it did not start.');
  }
  printRows(layout);
  return options;
}

const seconds = (sinceMs: number): string => ((Date.now() - sinceMs) / 1000).toFixed(0);

/** Prints the costs, with their ratios to the costs without the measured feature. */
function print(all: readonly Costs[]): void {
  const ratio = (value: number | undefined, base: number | undefined) =>
    value === undefined || !base ? '' : ` (${(value / base).toFixed(2)})`;
  printRows(
    all.map((costs) => {
      const off = all.find(({ label }) => label === costs.label.replace(/ on\b.*/, ' off'));
      return {
        'per query': costs.label,
        statements: costs.statements,
        'MB scanned': `${(costs.bytesScanned / 1e6).toFixed(2)}${ratio(costs.bytesScanned, off?.bytesScanned)}`,
        'peak MB': `${(costs.peakBytes / 1e6).toFixed(1)}${ratio(costs.peakBytes, off?.peakBytes)}`,
        'server CPU ms': costs.cpuMs === undefined ? '' : `${costs.cpuMs.toFixed(0)}${ratio(costs.cpuMs, off?.cpuMs)}`,
        'wall ms': `${costs.wallMs.toFixed(0)}${ratio(costs.wallMs, off?.wallMs)}`,
      };
    })
  );
}

async function bench(cases: readonly LakeCase[], lines: number, hours: number, executable: string): Promise<void> {
  const origin = findTools(process.env).micromegas;
  if ('missing' in origin) {
    throw new Error(origin.missing);
  }
  const lake = await openLake(origin);
  const plugin = await startPlugin({ executable, env: NODE_ENVIRONMENT });
  try {
    const source: Source = {
      jsonData: {
        host: lake.flight,
        selectedAuthType: lake.apiKey === undefined ? 'none' : 'token',
        freshnessNotices: 'off',
      },
      ...(lake.apiKey !== undefined && { secureJsonData: { token: lake.apiKey } }),
      user: ADA,
    };
    const sent = await fill(lake, lines, hours);
    const stop = sendFurther(sent);
    try {
      for (const each of cases) {
        const lab = new Lab({ lake, plugin, source, fromMs: sent.fromMs, toMs: sent.toMs });
        await lab.measureIdle();
        console.log(`${each.name}: idle, the server needs ${(lab.idleShare * 100).toFixed(0)} % of a core`);
        await each.run(lab);
        print(await lab.costs());
      }
    } finally {
      const rejected = await stop();
      if (rejected > 0) {
        console.log(`The server rejected telemetry ${rejected} times.`);
      }
    }
  } finally {
    await plugin.shutdown();
    await lake.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      lines: { type: 'string', default: '10000000' },
      hours: { type: 'string', default: '6' },
      plugin: { type: 'string', default: 'dist' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const cases = CASES.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  if (cases.length < Math.max(1, values.only.length)) {
    throw new Error(`The cases are ${CASES.map(({ name }) => name).join(', ')}.`);
  }
  await bench(
    cases,
    countOption('--lines', values.lines),
    countOption('--hours', values.hours),
    executableOf(values.plugin)
  );
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
