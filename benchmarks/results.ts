/** The results of a benchmark run: their format, and the JSON file that contains them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const ROOT = join(__dirname, '..');

const caseResult = z.object({
  case: z.string(),
  plugin: z.string(),
  /** Rows that the server sends for a query. */
  rows: z.number(),
  /** Concurrent queries. */
  concurrency: z.number(),
  /** Number of measured times. */
  samples: z.number(),
  minMs: z.number(),
  medianMs: z.number(),
  /** Sum of `medianMs` and the time that Grafana takes to decode the response. Null if decoding was not measured. */
  decodedMs: z.number().nullable(),
  p95Ms: z.number(),
  /** User and system time of the plugin's process per sample. Null if this time cannot be separated from other work. */
  cpuMs: z.number().nullable(),
  /** User and system time of the server and the client of the benchmark, per sample. */
  othersCpuMs: z.number().nullable(),
  /** Peak memory of the plugin's process since its start. */
  peakBytes: z.number(),
  /** Bytes of all responses of one sample. */
  responseBytes: z.number(),
});
export type CaseResult = z.infer<typeof caseResult>;

const benchRun = z.object({
  takenAt: z.iso.datetime(),
  /** Version of the project, with the commit if it is known. */
  version: z.string(),
  rounds: z.number(),
  machine: z.object({
    system: z.string(),
    cpu: z.string(),
    cores: z.number(),
    memoryBytes: z.number(),
    /** Version of Node.js. */
    node: z.string(),
    /** Load average of the minute before the run. */
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
    // Git is not installed, or the folder is not a repository.
    return version;
  }
}

export function writeRun(file: string, run: BenchRun): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(run, null, 2)}\n`);
}

/** @throws {Error} If the file is missing or has another format. */
export function readRun(file: string): BenchRun {
  const { success, data, error } = benchRun.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) {
    throw new Error(`${file} has no results of this version of the benchmark.`, { cause: error });
  }
  return data;
}

/** Default of the option `--json`. */
export function defaultFile(takenAt: string): string {
  return join(ROOT, 'benchmarks', 'results', `${takenAt.replace(/[:.]/g, '-')}.json`);
}
