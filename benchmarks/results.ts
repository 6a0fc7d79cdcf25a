/** What a run has measured, as it is kept in a file. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const ROOT = join(__dirname, '..');

const caseResult = z.object({
  case: z.string(),
  plugin: z.string(),
  /** That the server sends for a query. */
  rows: z.number(),
  /** Queries at once. */
  together: z.number(),
  /** Times that the values below are taken from. */
  samples: z.number(),
  minMs: z.number(),
  medianMs: z.number(),
  p95Ms: z.number(),
  /** User and system time of the plugin's process for the work of one time; null where it cannot be told. */
  cpuMs: z.number().nullable(),
  /** The same of the server and of the client that asks: what the measuring itself costs. */
  othersCpuMs: z.number().nullable(),
  /** Most memory that the process held, from its start on. */
  peakBytes: z.number(),
  /** Of all answers together. */
  answerBytes: z.number(),
});
export type CaseResult = z.infer<typeof caseResult>;

const benchRun = z.object({
  takenAt: z.iso.datetime(),
  /** Version of the package, with the commit where there is one. */
  version: z.string(),
  rounds: z.number(),
  machine: z.object({
    system: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    /** Version that the plugin ran on. */
    node: z.string(),
    /** Processes that wanted to run in the minute before. */
    loadBefore: z.number(),
  }),
  results: z.array(caseResult),
});
export type BenchRun = z.infer<typeof benchRun>;

export function thisMachine(loadBefore: number): BenchRun['machine'] {
  const cores = cpus();
  return {
    system: `${process.platform} ${release()} ${process.arch}`,
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryBytes: totalmem(),
    node: process.version,
    loadBefore,
  };
}

export function thisVersion(): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  try {
    const commit = execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: ROOT,
      stdio: 'pipe',
      encoding: 'utf8',
    });
    return `${version} (${commit.trim()})`;
  } catch {
    // An unpacked archive has no history, and perhaps there is no git.
    return version;
  }
}

export function writeRun(file: string, run: BenchRun): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
}

/** @throws {Error} when the file is not there or holds something else. */
export function readRun(file: string): BenchRun {
  const { success, data, error } = benchRun.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) {
    throw new Error(`${file} holds no results of this benchmark.`, { cause: error });
  }
  return data;
}

/** Where a run goes that is given no file. */
export function defaultFile(takenAt: string): string {
  return join(ROOT, 'benchmarks', 'results', `${takenAt.replace(/[:.]/g, '-')}.json`);
}
