/**
 * The thread of the SQL parser. The build bundles this module as `dist/sql-parser.cjs`, which `parser-thread.ts`
 * starts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type JobEnd, type ParserJob, ParserJobs } from './parser-jobs';

/** The data that the thread gets at its start. */
export interface WorkerStart {
  compiled: WebAssembly.Module;
}

/** A message of the thread. The first message reports that the thread is ready. */
export type WorkerMessage = { kind: 'ready' } | { kind: 'end'; end: JobEnd; memoryBytes: number };

/**
 * Each new thread runs this job before it is ready. The job compiles the common parts of the parser. This takes up to
 * 100 times as long as the job itself, so a user's job could miss its deadline on a busy machine.
 */
const FIRST_JOB: ParserJob = {
  kind: 'insert',
  sql: 'SELECT a.x AS y, count(*) FROM a JOIN b ON a.id = b.id WHERE a.x > 1 GROUP BY 1 ORDER BY 2 LIMIT 3',
  filters: [{ key: 'x', operator: '=', value: 'z' }],
  columns: [undefined, undefined],
  isLogs: false,
};

const { compiled }: WorkerStart = workerData;
const { memory } = initSync({ module: compiled });
const jobs = new ParserJobs((sql): unknown => parseStatements('generic', sql));

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (job: ParserJob) =>
  send({ kind: 'end', end: jobs.run(job), memoryBytes: memory.buffer.byteLength })
);
jobs.run(FIRST_JOB);
send({ kind: 'ready' });
