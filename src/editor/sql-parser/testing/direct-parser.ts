/** The SQL parser without a worker, for tests in Node.js. */
import { type ParseStatements } from '../../../../contract/sql/sql-parser';
import { loadParser } from '../../../../contract/sql/testing/load-parser';
import { BrowserParser, type BrowserWorker } from '../browser-parser';
import { runJob } from '../parser-jobs';

/** A worker that runs each job at once, in the thread of the test. */
class DirectWorker implements BrowserWorker {
  onmessage: BrowserWorker['onmessage'] = null;
  onerror: BrowserWorker['onerror'] = null;
  readonly #parse: ParseStatements;

  constructor(parse: ParseStatements) {
    this.#parse = parse;
    queueMicrotask(() => this.#send({ kind: 'ready' }));
  }

  postMessage(message: Parameters<BrowserWorker['postMessage']>[0]): void {
    if (message.kind === 'job') {
      this.#send({ kind: 'done', value: runJob(message.job, this.#parse) });
    }
  }

  terminate(): void {
    this.onmessage = null;
  }

  #send(data: Parameters<NonNullable<BrowserWorker['onmessage']>>[0]['data']): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }
}

/** A parser whose jobs run at once. */
export function directParser(): BrowserParser {
  const parse = loadParser();
  return new BrowserParser(async () => ({ startWorker: () => new DirectWorker(parse), parseOnPage: parse }));
}

/** A parser whose files cannot be loaded. */
export function blockedParser(): BrowserParser {
  return new BrowserParser(() => Promise.reject(new WebAssembly.CompileError('Refused to compile')));
}
