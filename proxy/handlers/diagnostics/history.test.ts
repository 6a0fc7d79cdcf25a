import { type QuerySummary } from '../../observe/telemetry/query-summary';
import { History, type SourceId } from './history';

const QUERY: QuerySummary = {
  refId: 'A',
  format: 'table',
  code: 'ok',
  startedMs: 0,
  durationMs: 1,
  rows: 1,
  bytes: 1,
  stagesMs: {},
  orgId: 1,
  dataSourceUid: 'lake',
};
const LAKE: SourceId = { orgId: 1, uid: 'lake' };

/** Start times of the requests that are kept for a data source. */
const kept = (history: History, source: SourceId) => history.of(source).requests.map(({ startedMs }) => startedMs);

it('keeps the last 200 requests of a data source', () => {
  const history = new History();
  for (let count = 0; count < 450; count++) {
    history.queryEnded({ ...QUERY, startedMs: count });
  }
  const times = kept(history, LAKE);
  expect(times).toHaveLength(200);
  expect([times[0], times[199]]).toEqual([250, 449]);
});

it('separates data sources with the same uid in other organizations and on other Grafana servers', () => {
  const history = new History();
  history.queryEnded({ ...QUERY, startedMs: 1 });
  history.queryEnded({ ...QUERY, startedMs: 2, orgId: 2 });
  history.queryEnded({ ...QUERY, startedMs: 3, grafanaUrl: 'https://other/' });
  history.checked({ ...LAKE, orgId: 2 }, { checkedAt: '', status: 'ok', stages: [], tokenRules: [] });
  expect(kept(history, LAKE)).toEqual([1]);
  expect(kept(history, { ...LAKE, orgId: 2 })).toEqual([2]);
  expect(kept(history, { ...LAKE, grafanaUrl: 'https://other/' })).toEqual([3]);
  expect(history.of(LAKE).check).toBeUndefined();
  expect(history.of({ orgId: 1, uid: 'none' })).toEqual({ requests: [], check: undefined });
});

it('does not confuse ids that contain separators', () => {
  const history = new History();
  history.queryEnded({ ...QUERY, dataSourceUid: 'a', grafanaUrl: 'b c' });
  expect(kept(history, { orgId: 1, uid: 'a b', grafanaUrl: 'c' })).toEqual([]);
});

it('drops the least recently used data source above 20,000 requests; each data source counts as four more', () => {
  const history = new History();
  const fill = (uid: string) => {
    for (let count = 0; count < 200; count++) {
      history.queryEnded({ ...QUERY, dataSourceUid: uid });
    }
  };
  for (let source = 0; source < 98; source++) {
    fill(`source-${source}`);
  }
  history.queryEnded({ ...QUERY, dataSourceUid: 'source-0' });
  fill('one-more');
  expect(kept(history, { orgId: 1, uid: 'source-0' })).toHaveLength(200);
  expect(kept(history, { orgId: 1, uid: 'source-1' })).toHaveLength(0);
  expect(kept(history, { orgId: 1, uid: 'source-2' })).toHaveLength(200);
});

it('keeps the checks of at most 5,000 data sources', () => {
  const history = new History();
  const check = { checkedAt: '', status: 'ok', stages: [], tokenRules: [] } as const;
  for (let source = 0; source < 5001; source++) {
    history.checked({ orgId: 1, uid: String(source) }, { ...check, stages: [], tokenRules: [] });
  }
  expect(history.of({ orgId: 1, uid: '0' }).check).toBeUndefined();
  expect(history.of({ orgId: 1, uid: '1' }).check).toBeDefined();
});

it('truncates strings of requests', () => {
  const history = new History();
  const long = 'x'.repeat(100_000);
  history.queryEnded({ ...QUERY, refId: long, dashboardUid: long, panelId: long, entrypoint: long });
  const [request] = history.of(LAKE).requests;
  expect(JSON.stringify(request).length).toBeLessThan(1000);
});
