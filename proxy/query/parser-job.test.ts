/** Tests refreshes of panels if the parser cannot read their SQL. */
import { Deadline } from '../base/async/deadline';
import { ParserCache } from '../sql/edit/parser-cache';
import { type ParserJob } from '../sql/edit/parser-jobs';
import { NoParserResultError, type NoResultReason } from '../sql/edit/running-thread';
import { AuthoredSql } from './authored-sql';
import { refreshableOf } from './incremental/refreshable';
import { lineOrderOf } from './log-slices/line-order';

const sql = new AuthoredSql('SELECT $__dateBin(time) AS t, count(*) FROM log_entries GROUP BY t');
const sentRange = { fromMs: 0, toMs: 86_400_000 };

/** A query run whose parser fails with `reason`. */
function runWith(reason: NoResultReason, elapsedMs?: () => number) {
  const jobs: Array<ParserJob['kind']> = [];
  const run = {
    request: { context: { user: { login: 'ada' } } },
    instance: { settings: { wholeRefreshMs: 600_000 } },
    caller: { user: { login: 'ada', name: '', email: '' }, origin: { entrypoint: 'dashboard' } },
    deadline: new Deadline({ limitMs: 1000, signal: new AbortController().signal }),
    deps: {
      parser: new ParserCache(
        {
          run: ({ kind }: ParserJob) => {
            jobs.push(kind);
            return Promise.reject(new NoParserResultError(reason));
          },
        },
        elapsedMs
      ),
    },
  };
  return { jobs, run };
}

it.each<[NoResultReason, jobs: number]>([
  ['slow', 1],
  ['crashed', 1],
  ['busy', 3],
  ['no-thread', 3],
])('remembers a failure only if the job would fail again: %s', async (reason, count) => {
  const { jobs, run } = runWith(reason);
  for (let refresh = 0; refresh < 3; refresh++) {
    expect(await lineOrderOf({ sql, options: { format: 'logs' }, sentRange }, run)).toBeUndefined();
    const options = { format: 'table', timeFilter: true } as const;
    expect(await refreshableOf({ sql, options, panel: {} }, run)).toEqual({
      kind: 'whole',
      reason: 'failed',
    });
  }
  run.deadline.end();
  expect(jobs.filter((kind) => kind === 'time-order')).toHaveLength(count);
  expect(jobs.filter((kind) => kind === 'incremental')).toHaveLength(count);
});

it('parses the SQL again after ten minutes', async () => {
  let nowMs = 0;
  const { jobs, run } = runWith('slow', () => nowMs);
  for (nowMs of [0, 599_999, 600_000]) {
    await lineOrderOf({ sql, options: { format: 'logs' }, sentRange }, run);
  }
  run.deadline.end();
  expect(jobs).toEqual(['time-order', 'time-order']);
});
