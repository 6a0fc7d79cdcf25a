import { MAX_REMEMBERED_CHARACTERS, ParserCache } from './parser-cache';
import { type ParserJob } from './parser-jobs';
import { NoParserResultError } from './running-thread';

const LINES = { start: 0, end: 8 };

/** A cache, and the jobs that reached the parser. */
function cacheOf(fail: (job: ParserJob) => boolean = () => false) {
  const jobs: ParserJob[] = [];
  const run = (job: ParserJob) => {
    jobs.push(job);
    return fail(job) ? Promise.reject(new NoParserResultError('busy')) : Promise.resolve(LINES as never);
  };
  return { cache: new ParserCache({ run }), jobs };
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

it('does not cache a failure', async () => {
  let isBusy = true;
  const { cache, jobs } = cacheOf(() => isBusy);
  await expect(cache.run(order('SELECT 1'), 'ada')).rejects.toBeInstanceOf(NoParserResultError);
  isBusy = false;
  await expect(cache.run(order('SELECT 1'), 'ada')).resolves.toEqual(LINES);
  expect(jobs).toHaveLength(2);
});

it('drops the least recently used result when the cache is full', async () => {
  const { cache, jobs } = cacheOf();
  const long = (name: string) => order(`SELECT '${name.padEnd(60_000)}'`);
  const count = Math.floor(MAX_REMEMBERED_CHARACTERS / 60_000);
  await cache.run(long('first'), 'ada');
  await cache.run(long('second'), 'ada');
  for (let index = 0; index < count; index++) {
    await cache.run(long('first'), 'ada');
    await cache.run(long(String(index)), 'ada');
  }
  const before = jobs.length;
  await cache.run(long('first'), 'ada');
  expect(jobs).toHaveLength(before);
  await cache.run(long('second'), 'ada');
  expect(jobs).toHaveLength(before + 1);
});

it('does not cache very long SQL', async () => {
  const { cache, jobs } = cacheOf();
  const long = order(`SELECT '${'x'.repeat(100_000)}'`);
  await cache.run(long, 'ada');
  await cache.run(long, 'ada');
  expect(jobs).toHaveLength(2);
});
