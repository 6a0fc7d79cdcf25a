import { MAX_REMEMBERED_CHARACTERS, ParserCache } from './parser-cache';
import { type ParserJob } from './parser-jobs';
import { NoParserResultError } from './running-thread';

const LINES = { start: 0, end: 8 };

/** A cache, its clock, and the jobs that reached the parser. A test changes the results of the parser. */
function cacheOf() {
  const jobs: ParserJob[] = [];
  const clock = { nowMs: 0 };
  const parser = { result: LINES as unknown, failure: undefined as NoParserResultError | undefined };
  const run = (job: ParserJob) => {
    jobs.push(job);
    return parser.failure === undefined ? Promise.resolve(parser.result as never) : Promise.reject(parser.failure);
  };
  return { cache: new ParserCache({ run }, () => clock.nowMs), jobs, parser, clock };
}

const order = (sql: string): ParserJob => ({ kind: 'order', sql });

it('runs equal jobs of all users once', async () => {
  const { cache, jobs } = cacheOf();
  for (const user of ['ada', 'ada', 'grace']) {
    await expect(cache.run(order('SELECT 1'), user)).resolves.toEqual(LINES);
  }
  expect(jobs).toEqual([order('SELECT 1')]);
});

it('runs each different job for the same SQL', async () => {
  const { cache, jobs } = cacheOf();
  await cache.run(order('SELECT 1'), 'ada');
  await cache.run({ kind: 'page', sql: 'SELECT 1', timeColumn: 'time' }, 'ada');
  await cache.run({ kind: 'page', sql: 'SELECT 1', timeColumn: 'begin' }, 'ada');
  expect(jobs).toHaveLength(3);
});

it('does not cache a failure of a job that the query needs', async () => {
  const { cache, jobs, parser } = cacheOf();
  for (const reason of ['busy', 'slow'] as const) {
    parser.failure = new NoParserResultError(reason);
    await expect(cache.run(order('SELECT 1'), 'ada')).rejects.toBe(parser.failure);
  }
  parser.failure = undefined;
  await expect(cache.run(order('SELECT 1'), 'ada')).resolves.toEqual(LINES);
  expect(jobs).toHaveLength(3);
});

it.each(['shape', 'data', 'time-order', 'incremental'] as const)(
  'keeps the failure of the optional job %s for ten minutes if it would fail again',
  async (kind) => {
    const { cache, jobs, parser, clock } = cacheOf();
    for (const reason of ['busy', 'no-thread', 'slow', 'crashed'] as const) {
      parser.failure = new NoParserResultError(reason);
      await expect(cache.run({ kind, sql: 'SELECT 1' }, 'ada')).rejects.toBeInstanceOf(NoParserResultError);
    }
    expect(jobs).toHaveLength(3);
    parser.failure = undefined;
    clock.nowMs = 600_000;
    await expect(cache.run({ kind, sql: 'SELECT 1' }, 'ada')).resolves.toEqual(LINES);
  }
);

it('drops the least recently used result when the cache is full', async () => {
  const { cache, jobs, parser } = cacheOf();
  parser.result = 'x'.repeat(60_000);
  const count = Math.floor(MAX_REMEMBERED_CHARACTERS / 60_000);
  await cache.run(order('first'), 'ada');
  await cache.run(order('second'), 'ada');
  for (let index = 0; index < count; index++) {
    await cache.run(order('first'), 'ada');
    await cache.run(order(String(index)), 'ada');
  }
  const before = jobs.length;
  await cache.run(order('first'), 'ada');
  expect(jobs).toHaveLength(before);
  await cache.run(order('second'), 'ada');
  expect(jobs).toHaveLength(before + 1);
});

it('does not cache a very large result', async () => {
  const { cache, jobs, parser } = cacheOf();
  parser.result = 'x'.repeat(100_000);
  await cache.run(order('SELECT 1'), 'ada');
  await cache.run(order('SELECT 1'), 'ada');
  expect(jobs).toHaveLength(2);
});
