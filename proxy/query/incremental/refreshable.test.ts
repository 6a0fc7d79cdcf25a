import { type PanelRequest } from '../../../contract/queries/panel-request';
import { Deadline } from '../../base/async/deadline';
import { type IncrementalQuery } from '../../sql/edit/incremental-query';
import { AuthoredSql } from '../authored-sql';
import { refreshableOf } from './refreshable';

const sql = new AuthoredSql('SELECT $__dateBin(time) AS t, count(*) FROM log_entries GROUP BY t');
const QUERY = { kind: 'incremental' } as IncrementalQuery;

it.each<{ panel: PanelRequest; expected: object }>([
  { panel: {}, expected: QUERY },
  { panel: { cacheTimeout: '60' }, expected: QUERY },
  { panel: { cacheTimeout: '0' }, expected: { kind: 'whole', reason: 'panel' } },
  { panel: { skipQueryCache: true }, expected: { kind: 'whole', reason: 'panel' } },
])('refreshes a panel in parts only if the panel accepts cached results: $panel', async ({ panel, expected }) => {
  const deadline = new Deadline({ limitMs: 1000, signal: new AbortController().signal });
  const run = {
    request: { context: { user: { login: 'ada' } } },
    instance: { settings: { wholeRefreshMs: 600_000 } },
    caller: { user: { login: 'ada', name: '', email: '' }, origin: { entrypoint: 'dashboard' } },
    deadline,
    deps: { parser: { run: () => Promise.resolve(QUERY as never) } },
  };
  const options = { format: 'table', timeFilter: true } as const;
  expect(await refreshableOf({ sql, options, panel }, run)).toEqual(expected);
  deadline.end();
});
