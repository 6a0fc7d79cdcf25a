import { ProxyError } from '../base/errors/proxy-error';
import { createLogger } from '../observe/logging/logger';
import { type QuerySummary } from '../observe/telemetry/query-summary';
import { type QueryDataRequest } from './plugin-request';
import { QueryRecord } from './query-record';

const REQUEST: QueryDataRequest = {
  context: { orgId: 1, pluginId: '', namespace: '', user: undefined, dataSource: undefined, grafanaConfig: {} },
  headers: {},
  queries: [],
  encoding: 'arrow',
};

it.each([
  ['timeseries', 1],
  ['heatmap', 0],
  ['state-timeline', 0],
  ['status-history', 0],
])('sends the panel %s %i frames of a failed query', (panel, frames) => {
  const request = { ...REQUEST, headers: { 'x-panel-plugin-id': panel } };
  const record = new QueryRecord('A', request, {
    observers: [],
    logger: createLogger({ write: () => undefined }),
    now: () => 0,
    elapsedMs: () => 0,
  });
  record.sqlBuilt('SELECT 1');
  expect(record.failed(new ProxyError('query_failed')).frames).toHaveLength(frames);
});

it('counts the sending time of a part only once if the caller leaves while the part is sent', () => {
  let nowMs = 0;
  const ended: QuerySummary[] = [];
  const record = new QueryRecord('A', REQUEST, {
    observers: [{ queryEnded: (summary) => void ended.push(summary) }],
    logger: createLogger({ write: () => undefined }),
    now: () => nowMs,
    elapsedMs: () => nowMs,
  });
  nowMs = 100;
  record.sending();
  nowMs = 60_100;
  record.failed(new ProxyError('query_cancelled'));
  record.end();
  expect(ended).toEqual([
    expect.objectContaining({ code: 'query_cancelled', durationMs: 100, stagesMs: { send: 60_000 } }),
  ]);
});
