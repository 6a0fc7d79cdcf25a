/**
 * The worker of the SQL parser, in a separate file. The page sends it the compiled parser first, then one job at a
 * time.
 */
import { initSync, parse_sql as parseStatements } from 'sqlparser-wasm';
import { type BrowserJobResults, type BrowserParserJob, runJob } from './parser-jobs';

export type PageMessage = { kind: 'start'; compiled: WebAssembly.Module } | { kind: 'job'; job: BrowserParserJob };

/** A message of the worker. `failed`: the parser cannot start, or has crashed. */
export type BrowserWorkerMessage =
  | { kind: 'ready' }
  | { kind: 'done'; value: BrowserJobResults[BrowserParserJob['kind']] }
  | { kind: 'failed'; message: string };

function respond(message: PageMessage): BrowserWorkerMessage {
  try {
    if (message.kind === 'start') {
      initSync({ module: message.compiled });
      return { kind: 'ready' };
    }
    return { kind: 'done', value: runJob(message.job, (sql): unknown => parseStatements('generic', sql)) };
  } catch (reason) {
    return { kind: 'failed', message: String(reason) };
  }
}

self.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => self.postMessage(respond(data)));
