/**
 * Measures the built plugin as Grafana uses it: time, CPU, memory and size of responses, and the SQL editor. If Go is
 * installed, the benchmark also measures how long Grafana's SDK takes to decode the responses. Only the first build of
 * this decoder needs a network. See docs/operator/performance.md.
 *
 * Run with `npm run bench -- [options]`; `--help` lists the options. The times are not checked, because
 * they depend on the machine.
 */
import { loadavg } from 'node:os';
import { casesFor } from './cases';
import { buildDecoder } from './decoder';
import { benchEditor } from './editor';
import { measure, type Contender } from './measure';
import { readOptions, USAGE, type BenchOptions } from './options';
import { executableOf } from './plugin-under-test';
import { earlierResult, ofPlugin, TablePrinter, type Baseline } from './print-table';
import { defaultFile, readRun, thisMachine, thisVersion, writeRun, type BenchRun } from './results';
import { startServer } from './server/start-server';

/** Load per core above which other processes affect the times. */
const BUSY_SHARE = 0.25;

/** Repeats of each case of the SQL editor. */
const KEYS = 200;

function newRun({ rounds }: BenchOptions): BenchRun {
  const machine = thisMachine(loadavg()[0] ?? 0);
  return { takenAt: new Date().toISOString(), version: thisVersion(), rounds, machine, results: [] };
}

function printMachine({ version, machine, takenAt }: BenchRun): void {
  const { cpu, cores, memoryBytes, node, system, loadBefore } = machine;
  console.log(`${version}, ${takenAt}`);
  console.log(`${cpu}, ${cores} cores, ${(memoryBytes / 1e9).toFixed(0)} GB, ${system}, Node.js ${node}`);
  if (loadBefore > cores * BUSY_SHARE) {
    console.log(`The machine is busy (load ${loadBefore.toFixed(1)}): times will be longer than usual.`);
  }
  console.log();
}

function baselineOf({ compare, plugins }: BenchOptions, { results }: BenchRun): Baseline | undefined {
  if (compare !== undefined) {
    return earlierResult(readRun(compare).results);
  }
  const [first, second] = plugins;
  return first === undefined || second === undefined ? undefined : ofPlugin(first, results);
}

async function bench(options: BenchOptions): Promise<void> {
  const cases = casesFor(options.only);
  const hasEditorCases = await benchEditor(KEYS, options.only);
  if (cases.length === 0 && hasEditorCases) {
    return;
  }
  if (cases.length === 0) {
    throw new Error(`No name of a case contains ${options.only.join(' or ')}.`);
  }
  const contenders = options.plugins.map((path): Contender => ({ label: path, executable: executableOf(path) }));
  const run = newRun(options);
  const baseline = baselineOf(options, run);
  printMachine(run);
  const decoder = buildDecoder();
  if (decoder === undefined) {
    console.log('Go is not installed, so the time including decoding is not measured.');
  }
  const table = new TablePrinter(options.plugins, baseline, console.log);
  const server = await startServer();
  try {
    for (const benchCase of cases) {
      try {
        const results = await measure(benchCase, contenders, server, options.rounds, decoder);
        run.results.push(...results);
        results.forEach((result) => table.add(result));
      } catch (reason) {
        console.log(`${benchCase.name} failed: ${messageOf(reason)}`);
        process.exitCode = 1;
      }
    }
  } finally {
    server.stop();
  }
  const file = options.json ?? defaultFile(run.takenAt);
  writeRun(file, run);
  console.log(`\nWritten to ${file}`);
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
  } else {
    await bench(options);
  }
}

main().catch((reason: unknown) => {
  console.error(messageOf(reason));
  process.exit(1);
});
