/** @jest-environment jsdom */
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQuery } from '../../shared/types';
import { openedMode } from '../builder/builder-mode';
import { alertRuleUrl } from './alert-rule-url';

const SOURCE = { uid: 'mm', type: 'micromegas' };

const errors: BuilderState = {
  ...newState('table'),
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: 'exe' }, { column: '*', aggregation: 'count', alias: 'errors' }],
  groupBy: [{ column: 'exe' }],
  limit: undefined,
};

const built = (state: BuilderState): MicromegasQuery => {
  const { sql, ...options } = builderQuery(state);
  return { refId: 'B', hide: true, version: 2, rawEditor: false, builder: state, query: sql, ...options };
};

interface Defaults {
  condition: string;
  evaluateFor?: string;
  queries: Array<{ refId: string; relativeTimeRange?: object; model: MicromegasQuery & { conditions?: unknown[] } }>;
}

function defaultsOf(state: BuilderState, value?: number): Defaults {
  const url = new URL(alertRuleUrl(built(state), SOURCE, value) ?? '', 'http://grafana');
  expect(url.pathname).toBe('/alerting/new');
  const defaults: Defaults = JSON.parse(url.searchParams.get('defaults') ?? '');
  return defaults;
}

it('fills the form with the number of a count: query, range, threshold, and no pending period', () => {
  const { condition, evaluateFor, queries } = defaultsOf(errors, 3);
  expect({ condition, evaluateFor }).toEqual({ condition: 'C', evaluateFor: '0s' });
  expect(queries.map(({ refId }) => refId)).toEqual(['A', 'B', 'C']);
  const [query, , threshold] = queries;
  expect(query.relativeTimeRange).toEqual({ from: 3600, to: 0 });
  expect(query.model).toMatchObject({ refId: 'A', hide: false, datasource: SOURCE, format: 'table', rawEditor: false });
  expect(query.model.query).toContain("interval '5 minutes' THEN 1 END) AS errors");
  expect(openedMode(query.model).mode).toBe('builder');
  expect(threshold.model).toMatchObject({ expression: 'B', conditions: [{ evaluator: { type: 'gt', params: [0] } }] });
});

it("keeps Grafana's pending period for a percentile, whose range is its window, and fires above the point", () => {
  const { evaluateFor, queries } = defaultsOf({ ...newState('metrics'), name: 'latency', aggregation: 'p95' }, 12.5);
  expect(evaluateFor).toBeUndefined();
  expect(queries[2].model).toMatchObject({ conditions: [{ evaluator: { type: 'gt', params: [12.5] } }] });
  expect(queries[0].relativeTimeRange).toEqual({ from: 300, to: 0 });
});

it('returns no address for SQL and for log lines', () => {
  expect(alertRuleUrl({ refId: 'A', query: 'SELECT 1', format: 'time_series' }, SOURCE)).toBeUndefined();
  expect(alertRuleUrl(built(newState('logs')), SOURCE)).toBeUndefined();
});
