/** @jest-environment jsdom */
import { loadParser } from '../../../contract/sql/testing/load-parser';
import { BrowserParser, BROWSER_JOB_MS, type BrowserWorker, START_MS } from './browser-parser';
import { type DiagnoseJob } from './parser-jobs';
import { type PageMessage, type BrowserWorkerMessage } from './parser-worker';
import { directParser } from './testing/direct-parser';

const parse = loadParser();
const diagnose = (sql: string): DiagnoseJob => ({
  kind: 'diagnose',
  sql,
  settings: { format: 'table', timeFilter: true },
});
const INVALID = diagnose('SELECT 1 x y');
const MARKED = { kind: 'done', value: [expect.objectContaining({ code: 'syntax' })] };

/** A worker whose responses the test sends. */
class FakeWorker implements BrowserWorker {
  onmessage: BrowserWorker['onmessage'] = null;
  onerror: BrowserWorker['onerror'] = null;
  readonly messages: PageMessage[] = [];
  isTerminated = false;

  postMessage(message: PageMessage): void {
    this.messages.push(message);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  send(data: BrowserWorkerMessage): void {
    this.onmessage?.(new MessageEvent('message', { data }));
  }
}

/** A parser with fake workers, which start if `isReady`. */
function fakeWorkers(isReady = true) {
  const workers: FakeWorker[] = [];
  const parser = new BrowserParser(async () => ({
    startWorker: () => {
      const worker = new FakeWorker();
      workers.push(worker);
      queueMicrotask(() => isReady && worker.send({ kind: 'ready' }));
      return worker;
    },
    parseOnPage: parse,
  }));
  return { parser, workers };
}

/** Waits until promises without timers have settled. */
async function turns(): Promise<void> {
  for (let count = 0; count < 20; count++) {
    await Promise.resolve();
  }
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['queueMicrotask'] }));
afterEach(() => void jest.useRealTimers());

it('finds errors and reads SQL for the builder', async () => {
  const parser = directParser();
  expect(await parser.run(INVALID)).toEqual(MARKED);
  expect(await parser.run({ kind: 'read', sql: 'SELECT exe FROM processes', kinds: ['logs', 'table'] })).toMatchObject({
    kind: 'done',
    value: { kind: 'table' },
  });
  expect(await parser.run({ kind: 'read', sql: 'SELECT 1 x y', kinds: ['table'] })).toEqual({
    kind: 'done',
    value: undefined,
  });
});

it('loads the files with the first job, and starts one worker', async () => {
  let loads = 0;
  const workers: FakeWorker[] = [];
  const parser = new BrowserParser(async () => {
    loads++;
    const startWorker = () => {
      const worker = new FakeWorker();
      workers.push(worker);
      queueMicrotask(() => worker.send({ kind: 'ready' }));
      return worker;
    };
    return { startWorker, parseOnPage: parse };
  });
  expect(loads).toBe(0);
  const both = [parser.run(INVALID), parser.run(INVALID)];
  await turns();
  expect(workers[0].messages).toHaveLength(1);
  workers[0].send({ kind: 'done', value: [] });
  await turns();
  workers[0].send({ kind: 'done', value: [] });
  expect(await Promise.all(both)).toEqual([
    { kind: 'done', value: [] },
    { kind: 'done', value: [] },
  ]);
  expect([loads, workers.length]).toEqual([1, 1]);
});

it('ends a worker that misses its deadline, and runs the next job in a new one', async () => {
  const { parser, workers } = fakeWorkers();
  const slow = parser.run(diagnose('slow'));
  const next = parser.run(INVALID);
  await turns();
  await jest.advanceTimersByTimeAsync(BROWSER_JOB_MS);
  expect(await slow).toEqual({ kind: 'none', reason: 'slow' });
  await turns();
  expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
  // A late result of the old worker is not used for another job.
  workers[0].send({ kind: 'done', value: undefined });
  workers[1].send({ kind: 'done', value: [] });
  expect(await next).toEqual({ kind: 'done', value: [] });
});

it('replaces a worker after a crash', async () => {
  const { parser, workers } = fakeWorkers();
  const first = parser.run(INVALID);
  await turns();
  workers[0].send({ kind: 'failed', message: 'unreachable' });
  expect(await first).toEqual({ kind: 'none', reason: 'unavailable' });
  expect(workers[0].isTerminated).toBe(true);
  const second = parser.run(INVALID);
  await turns();
  workers[1].send({ kind: 'done', value: [] });
  expect(await second).toEqual({ kind: 'done', value: [] });
});

it('tries to load the files again with the next job if they could not be loaded', async () => {
  let isOnline = false;
  const parser = new BrowserParser(async () => {
    if (!isOnline) {
      throw new TypeError('Failed to fetch');
    }
    return {
      startWorker: () => {
        throw new Error('Refused to create a worker');
      },
      parseOnPage: parse,
    };
  });
  expect(await parser.run(INVALID)).toEqual({ kind: 'none', reason: 'unavailable' });
  isOnline = true;
  expect(await parser.run(INVALID)).toEqual(MARKED);
});

it('has no result if WebAssembly is blocked, and does not load the files again', async () => {
  let loads = 0;
  const parser = new BrowserParser(async () => {
    loads++;
    throw new WebAssembly.CompileError('Refused to compile');
  });
  expect(await parser.run(INVALID)).toEqual({ kind: 'none', reason: 'unavailable' });
  expect(await parser.run(INVALID)).toEqual({ kind: 'none', reason: 'unavailable' });
  expect(loads).toBe(1);
});

describe('without workers', () => {
  it.each([
    [
      'the browser allows no worker',
      () => {
        throw new Error('Refused to create a worker');
      },
    ],
    ['the worker does not start', () => new FakeWorker()],
    [
      'the file of the worker cannot be loaded',
      () => {
        const worker = new FakeWorker();
        queueMicrotask(() => worker.onerror?.(new ErrorEvent('error')));
        return worker;
      },
    ],
  ])('parses short SQL on the page if %s', async (_name, startWorker) => {
    let starts = 0;
    const parser = new BrowserParser(async () => ({
      startWorker: () => {
        starts++;
        return startWorker();
      },
      parseOnPage: parse,
    }));
    const first = parser.run(INVALID);
    await turns();
    await jest.advanceTimersByTimeAsync(START_MS);
    expect(await first).toEqual(MARKED);
    expect(await parser.run(INVALID)).toEqual(MARKED);
    expect(starts).toBe(1);
  });

  it('does not parse SQL that may take long', async () => {
    let parses = 0;
    const parser = new BrowserParser(async () => ({
      startWorker: () => {
        throw new Error('Refused to create a worker');
      },
      parseOnPage: () => {
        parses++;
        return [];
      },
    }));
    for (const sql of ['CAST('.repeat(12), '1 + '.repeat(9000), '/**/'.repeat(9000)]) {
      expect(await parser.run(diagnose(`SELECT ${sql}`))).toEqual({ kind: 'none', reason: 'slow' });
    }
    expect(parses).toBe(0);
  });

  it('has no result after a crash', async () => {
    let parses = 0;
    const parser = new BrowserParser(async () => ({
      startWorker: () => {
        throw new Error('Refused to create a worker');
      },
      parseOnPage: () => {
        parses++;
        throw new WebAssembly.RuntimeError('unreachable');
      },
    }));
    expect(await parser.run(INVALID)).toEqual({ kind: 'none', reason: 'unavailable' });
    expect(await parser.run(INVALID)).toEqual({ kind: 'none', reason: 'unavailable' });
    expect(parses).toBe(1);
  });
});
