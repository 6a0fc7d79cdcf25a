/**
 * Measures only the building of frames, without network or Grafana: rows per second for each kind of result.
 *
 * Run with `npx tsx benchmarks/frames.ts [rounds]`. The reference implementation of Arrow creates the messages before
 * the measurement.
 */
import { buildFrames } from '../proxy/frames/data-frames/build-frames';
import { type FrameOptions } from '../proxy/frames/data-frames/frame-options';
import { OPTIONS, stream } from '../proxy/frames/data-frames/testing/arrow-messages';
import { countOption } from './count-option';
import { tableMessages } from './tables/table-messages';
import { type TableName } from './tables/tables';

interface Case {
  name: string;
  table: TableName;
  rows: number;
  format: FrameOptions['format'];
  /** True: string columns and property bags are plain arrays. Default: they are dictionaries. */
  isPlain?: boolean;
}

const CASES: Case[] = [
  { name: 'few points as table', table: 'points', rows: 1000, format: 'table' },
  { name: 'points as table', table: 'points', rows: 1_000_000, format: 'table' },
  { name: 'points as time series', table: 'points', rows: 1_000_000, format: 'time_series' },
  { name: 'series, long to wide', table: 'series', rows: 200_000, format: 'time_series' },
  { name: 'log_entries as table, dictionaries', table: 'log_entries', rows: 200_000, format: 'table' },
  { name: 'log_entries as table, plain', table: 'log_entries', rows: 200_000, format: 'table', isPlain: true },
  { name: 'log_entries as logs, dictionaries', table: 'log_entries', rows: 200_000, format: 'logs' },
  { name: 'log_entries as logs, plain', table: 'log_entries', rows: 200_000, format: 'logs', isPlain: true },
];

async function run(test: Case, rounds: number): Promise<void> {
  const input = tableMessages(test.table, test.rows, test.isPlain !== true);
  const timesMs: number[] = [];
  let bytes = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    const built = await buildFrames(stream(input), { ...OPTIONS, format: test.format, maxRows: Infinity });
    timesMs.push(performance.now() - start);
    bytes = built.bytes;
  }
  const best = Math.min(...timesMs);
  const perSecond = (test.rows / best / 1000).toFixed(2);
  console.log(
    `${test.name.padEnd(36)} ${String(test.rows).padStart(8)} rows  first ${timesMs[0]?.toFixed(0).padStart(5)} ms  ` +
      `best ${best.toFixed(1).padStart(7)} ms  ${perSecond.padStart(8)} M rows/s  ${(bytes / 1e6).toFixed(1)} MB`
  );
}

async function main(): Promise<void> {
  const rounds = countOption('The number of rounds', process.argv[2] ?? '5');
  for (const test of CASES) {
    await run(test, rounds);
  }
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
