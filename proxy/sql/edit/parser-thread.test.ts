import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleParser } from '../../../scripts/proxy-bundle';
import { filterableColumns, MAX_ANALYSED_CHARACTERS } from './filterable-columns';
import { type JobEnd, type ParserJob } from './parser-jobs';
import { ParserFiles } from './parser-files';
import { LAST_MS, parserOfBuild, ParserThread } from './parser-thread';
import { type WorkerMessage } from './parser-worker';
import { JOB_MS, NoParserResultError, type ParserWorker, TURN_MS } from './running-thread';

/** A fake thread. The test sends its results. */
class FakeWorker extends EventEmitter {
  readonly jobs: ParserJob[] = [];
  isTerminated = false;

  postMessage(job: ParserJob): void {
    this.jobs.push(job);
    this.emit('job');
  }

  async terminate(): Promise<number> {
    this.isTerminated = true;
    this.emit('terminated');
    return 0;
  }

  unref(): void {}

  send(message: WorkerMessage): void {
    this.emit('message', message);
  }

  end(end: JobEnd = { kind: 'done', value: [] }, memoryBytes = 0): void {
    this.send({ kind: 'end', end, memoryBytes });
  }
}

/** A parser with fake threads, which are ready as soon as they are started. */
function fakeThreads() {
  const workers: FakeWorker[] = [];
  const parser = new ParserThread(async () => {
    const worker = new FakeWorker();
    workers.push(worker);
    setImmediate(() => worker.send({ kind: 'ready' }));
    return worker as unknown as ParserWorker;
  });
  return { parser, workers };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
async function turns(): Promise<void> {
  for (let count = 0; count < 4; count++) {
    await turn();
  }
}

const job = (sql: string): ParserJob => ({ kind: 'sources', sql });
const reasonOf = (result: Promise<unknown>) =>
  result.then(
    () => 'done',
    (reason: unknown) => (reason instanceof NoParserResultError ? reason.reason : reason)
  );

it('starts the thread with the first job, and runs one job at a time', async () => {
  const { parser, workers } = fakeThreads();
  expect(workers).toHaveLength(0);
  const both = Promise.all([parser.run(job('1'), 'ada'), parser.run(job('2'), 'ada')]);
  await turns();
  expect(workers[0].jobs).toEqual([job('1')]);
  workers[0].end();
  expect(workers[0].jobs).toEqual([job('1'), job('2')]);
  workers[0].end();
  await both;
  expect(workers).toHaveLength(1);
});

it('runs the jobs of different users in turns', async () => {
  const { parser, workers } = fakeThreads();
  const all = [
    ...['a1', 'a2', 'a3', 'a4'].map((sql) => parser.run(job(sql), 'ada')),
    ...['b1', 'b2'].map((sql) => parser.run(job(sql), 'bob')),
  ];
  await turns();
  all.forEach(() => workers[0].end());
  await Promise.all(all);
  expect(workers[0].jobs.map(({ sql }) => sql)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
});

it('rejects further jobs of a user who has too many jobs, and accepts jobs of other users', async () => {
  const { parser, workers } = fakeThreads();
  const all = Array.from({ length: 120 }, () => parser.run(job('a'), 'ada'));
  const ends = all.map(reasonOf);
  const other = parser.run(job('b'), 'bob');
  await turns();
  for (let count = 0; count < 101; count++) {
    workers[0].end();
  }
  await other;
  const reasons = await Promise.all(ends);
  expect(reasons.filter((reason) => reason === 'done')).toHaveLength(100);
  expect(reasons.filter((reason) => reason === 'busy')).toHaveLength(20);
});

describe('a parser with a fake clock', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] }));
  afterEach(() => void jest.useRealTimers());

  it('ends a thread whose job misses its deadline, and runs the next job in a new thread', async () => {
    const { parser, workers } = fakeThreads();
    const slow = reasonOf(parser.run(job('slow'), 'ada'));
    const next = parser.run(job('next'), 'ada');
    await turns();
    jest.advanceTimersByTime(JOB_MS);
    expect(await slow).toBe('slow');
    await turns();
    expect(workers.map(({ isTerminated }) => isTerminated)).toEqual([true, false]);
    expect(workers[1].jobs).toEqual([job('next')]);
    // A late result of the old thread must not be taken for the result of the next job.
    workers[0].end({ kind: 'rejected', code: 'internal', messages: {} });
    workers[1].end();
    expect(await next).toEqual([]);
  });

  it('stops a long job when another user waits, and restarts the long job when nobody else waits', async () => {
    const { parser, workers } = fakeThreads();
    const slow = parser.run(job('slow'), 'eve');
    const slower = parser.run(job('slower'), 'eve');
    await turns();
    jest.advanceTimersByTime(TURN_MS);
    // A waiting job of the same user does not stop the long job.
    expect(workers[0].isTerminated).toBe(false);
    const others = [parser.run(job('a'), 'ada'), parser.run(job('b'), 'bob')];
    expect(workers[0].isTerminated).toBe(true);
    await turns();
    others.forEach(() => workers[1].end());
    await Promise.all(others);
    workers[1].end();
    workers[1].end();
    await Promise.all([slow, slower]);
    expect(workers[1].jobs.map(({ sql }) => sql)).toEqual(['a', 'b', 'slower', 'slow']);
  });

  it('puts all jobs of a user behind those of other users for one minute after a long job of this user', async () => {
    const { parser, workers } = fakeThreads();
    const slow = parser.run(job('slow'), 'eve');
    await turns();
    jest.advanceTimersByTime(TURN_MS);
    const other = parser.run(job('a'), 'ada');
    await turns();
    const order = () => workers[1].jobs.map(({ sql }) => sql);
    const late = parser.run(job('eve'), 'eve');
    const next = parser.run(job('b'), 'ada');
    for (let count = 0; count < 4; count++) {
      workers[1].end();
    }
    await Promise.all([slow, other, late, next]);
    expect(order()).toEqual(['a', 'b', 'slow', 'eve']);
    jest.advanceTimersByTime(LAST_MS);
    const all = ['1', '2'].map((sql) => [parser.run(job(`eve${sql}`), 'eve'), parser.run(job(`ada${sql}`), 'ada')]);
    for (let count = 0; count < 4; count++) {
      workers[1].end();
    }
    await Promise.all(all.flat());
    expect(order().slice(4)).toEqual(['eve1', 'ada1', 'eve2', 'ada2']);
  });

  it('rejects the stopped job and the waiting jobs of a user if the queue of the jobs that come last is full', async () => {
    const { parser, workers } = fakeThreads();
    /** Ends Ada's job, if one runs, so that a long job of `user` starts. Ada's next job then stops the long job. */
    const stop = async (user: string) => {
      const stopped = reasonOf(parser.run(job('slow'), user));
      const waiting = reasonOf(parser.run(job('next'), user));
      workers.at(-1)?.end();
      await turns();
      jest.advanceTimersByTime(TURN_MS);
      void reasonOf(parser.run(job('a'), 'ada'));
      await turns();
      return { stopped, waiting };
    };
    // 5 users with 100 jobs each fill the queue of 500 jobs.
    for (const user of ['1', '2', '3', '4', '5']) {
      await stop(user);
      Array.from({ length: 98 }, () => void reasonOf(parser.run(job('b'), user)));
    }
    const { stopped, waiting } = await stop('6');
    expect(await stopped).toBe('busy');
    expect(await waiting).toBe('busy');
  });

  it('rejects a stopped job with the reason `busy` if it has waited too long', async () => {
    const { parser, workers } = fakeThreads();
    const slow = reasonOf(parser.run(job('slow'), 'eve'));
    await turns();
    for (let count = 0; count * TURN_MS <= 5000; count++) {
      jest.advanceTimersByTime(TURN_MS);
      const other = parser.run(job('a'), 'ada');
      await turns();
      workers.at(-1)?.end();
      await other;
      await turns();
    }
    expect(await slow).toBe('busy');
  });

  it('accepts a result that the event loop reads just after the timer of the deadline', async () => {
    const { parser, workers } = fakeThreads();
    const result = parser.run(job('1'), 'ada');
    await turns();
    jest.advanceTimersByTime(JOB_MS);
    workers[0].end();
    expect(await result).toEqual([]);
    await turns();
    expect(workers[0].isTerminated).toBe(false);
  });

  it('rejects a job that waits too long: `shape` after one second, `sources` after five seconds', async () => {
    const parser = new ParserThread(() => new Promise(() => undefined));
    const shape = reasonOf(parser.run({ kind: 'shape', sql: '1' }, 'ada'));
    const sources = reasonOf(parser.run(job('1'), 'ada'));
    jest.advanceTimersByTime(1000);
    expect(await Promise.race([shape, sources])).toBe('busy');
    expect(await Promise.race([sources, turns()])).toBeUndefined();
    jest.advanceTimersByTime(4000);
    expect(await sources).toBe('busy');
  });
});

it.each<[string, JobEnd, number, string]>([
  ['a crash', { kind: 'crashed', message: 'unreachable' }, 0, 'crashed'],
  ['a job that takes much memory', { kind: 'done', value: [] }, 100 * 1024 * 1024, 'done'],
])('replaces a thread after %s', async (_name, end, memoryBytes, outcome) => {
  const { parser, workers } = fakeThreads();
  const first = reasonOf(parser.run(job('1'), 'ada'));
  await turns();
  workers[0].end(end, memoryBytes);
  expect(await first).toBe(outcome);
  expect(workers[0].isTerminated).toBe(true);
  const second = parser.run(job('2'), 'ada');
  await turns();
  workers[1].end();
  expect(await second).toEqual([]);
});

it('fails all jobs if the thread cannot start, and tries again with the next job', async () => {
  let starts = 0;
  const parser = new ParserThread(async () => {
    starts++;
    throw new Error('no such file');
  });
  const both = [parser.run(job('1'), 'ada'), parser.run(job('2'), 'bob')].map(reasonOf);
  expect(await Promise.all(both)).toEqual(['no-thread', 'no-thread']);
  expect(await reasonOf(parser.run(job('3'), 'ada'))).toBe('no-thread');
  expect(starts).toBe(2);
});

describe('the thread of the build', () => {
  let folder: string;
  let parser: ParserThread;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mm-parser-'));
    await bundleParser(folder);
    parser = parserOfBuild(new ParserFiles(folder, { error: () => undefined }));
  });

  afterAll(() => {
    parser.close();
    rmSync(folder, { recursive: true });
  });

  it('inserts filters', async () => {
    const sql = 'SELECT exe FROM processes';
    const sources = await parser.run({ kind: 'sources', sql }, 'ada');
    expect(sources).toMatchObject([{ origin: { kind: 'table', table: 'processes' } }]);
    const filters = [{ key: 'exe', operator: '=', value: "it's" } as const];
    const columns = [[{ name: 'exe', kind: 'text' } as const]];
    const inserted = await parser.run({ kind: 'insert', sql, filters, columns, isLogs: false }, 'ada');
    expect(inserted).toEqual({ notices: [], edits: [{ at: 25, sql: " WHERE (processes.exe = 'it''s')" }] });
  });

  it('returns the errors of a job', async () => {
    await expect(parser.run(job('SELEC'), 'ada')).rejects.toMatchObject({
      code: 'filter_not_applicable',
      detail: expect.stringContaining('cannot be parsed'),
    });
    expect(await parser.run({ kind: 'shape', sql: 'SELEC' }, 'ada')).toBeUndefined();
  });

  it('finds the columns that can be filtered', async () => {
    const isFilterable = await filterableColumns('SELECT exe, count(*) AS n FROM processes', 'ada', parser);
    expect([isFilterable('exe'), isFilterable('n')]).toEqual([true, false]);
  });
});

describe('the columns that can be filtered', () => {
  it.each(['slow', 'crashed', 'busy', 'no-thread'] as const)('are none after the failure %s', async (reason) => {
    const run = () => Promise.reject(new NoParserResultError(reason));
    expect((await filterableColumns('SELECT exe', 'ada', { run }))('exe')).toBe(false);
  });

  it('are none for SQL that is too long, which is not parsed', async () => {
    const run = jest.fn();
    const sql = `SELECT '${'x'.repeat(MAX_ANALYSED_CHARACTERS)}'`;
    expect((await filterableColumns(sql, 'ada', { run }))('exe')).toBe(false);
    expect(run).not.toHaveBeenCalled();
  });
});
