/**
 * The thread of the SQL parser. The build makes a file of its own from this module, `dist/sql-parser.cjs`, which `parser-thread.ts`
 * starts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type JobEnd, type ParserJob, ParserJobs } from './parser-jobs';

/** What the thread gets when it starts. */
export interface WorkerStart {
  compiled: WebAssembly.Module;
}

/** A message of the thread. The first one says that it is ready. */
export type WorkerMessage = { kind: 'ready' } | { kind: 'end'; end: JobEnd; memoryBytes: number };

const { compiled }: WorkerStart = workerData;
const { memory } = initSync({ module: compiled });
const jobs = new ParserJobs((sql): unknown => parseStatements('generic', sql));

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (job: ParserJob) =>
  send({ kind: 'end', end: jobs.run(job), memoryBytes: memory.buffer.byteLength })
);
send({ kind: 'ready' });
