/** Tests the notice that is shown if grouping has no effect, because the parser has no result. */
import { ProxyError } from '../base/errors/proxy-error';
import { NoParserResultError } from '../sql/edit/running-thread';
import { AuthoredSql } from './authored-sql';
import { withGrouping } from './filters-and-groups';
import { type SqlPlan } from './query-plan';
import { type QueryRun } from './query-run';

const SQL = 'SELECT count(*) FROM log_entries';

/** Groups SQL by `exe`, with a parser that fails. */
function groupWith(reason: Error) {
  const run = {
    request: { context: { user: { login: 'ada' } } },
    deadline: { signal: new AbortController().signal },
    deps: { parser: { run: () => Promise.reject(reason) } },
  } as unknown as QueryRun;
  const options = { groupByKeys: ['exe'], timeFilter: true } as unknown as SqlPlan['options'];
  return withGrouping({ sql: new AuthoredSql(SQL), notices: ['A notice.'] }, options, run);
}

it.each<[name: string, reason: Error, notice: string]>([
  [
    'a busy parser',
    new NoParserResultError('busy'),
    'Too many other queries are being parsed. Run the query again, or remove the keys of the grouping.',
  ],
  [
    'slow SQL',
    new NoParserResultError('slow'),
    'Parsing the query takes more than 1000 ms. Nest fewer function calls, CASE expressions and subqueries in the query, or remove the keys of the grouping.',
  ],
  [
    'a crash',
    new NoParserResultError('crashed'),
    'The query cannot be parsed. Write the query in another way, or remove the keys of the grouping.',
  ],
  [
    'SQL beyond the limits of the parser',
    new ProxyError('filter_not_applicable', { detail: 'The query is too long or too deeply nested.' }),
    'The query is too long or too deeply nested.',
  ],
])('does not change the SQL, and returns a notice with the reason: %s', async (_name, reason, notice) => {
  const { sql, notices } = await groupWith(reason);
  expect(sql.current).toBe(SQL);
  expect(notices).toEqual(['A notice.', `Grouping by "exe" has no effect on this query. ${notice}`]);
});

it('fails if there is no parser thread', async () => {
  await expect(groupWith(new NoParserResultError('no-thread'))).rejects.toMatchObject({ code: 'internal' });
});
