/** @jest-environment jsdom */
import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { openedMode } from '../builder/builder-mode';
import { fixedTemplates } from '../../testing/fixed-templates';
import { type MicromegasQuery } from '../../shared/types';
import { type Keeper } from './keeper';
import { keptQuery } from './kept-query';

const HOUR_MS = 3_600_000;
const templates = fixedTemplates({
  exe: { value: ['api', 'web'], multi: true },
  all: { value: ['a'], multi: true, includeAll: true, isAll: true, query: 'SELECT DISTINCT exe FROM processes' },
  __from: { value: 1000 },
  __to: { value: 1000 + 6 * HOUR_MS },
});
const scoped = { __interval: { value: '1s', text: '1s' }, __interval_ms: { value: 1000, text: '1000' } };

const keep = (query: Partial<MicromegasQuery>, keeper: Keeper, filters?: Parameters<typeof keptQuery>[1]['filters']) =>
  keptQuery({ refId: 'A', ...query }, { keeper, templates, scoped, filters });

const built = (state: BuilderState): Partial<MicromegasQuery> => {
  const { sql, format, legend } = builderQuery(state);
  return {
    query: sql,
    format,
    legend,
    timeFilter: true,
    builder: state,
    rawEditor: false,
    version: 2,
    autoLimit: false,
  };
};

const { limit: _limit, ...table } = newState('table');
const errors: BuilderState = {
  ...table,
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: '*', aggregation: 'count', alias: 'errors' }],
  conditions: [
    { column: 'exe', type: 'text', operator: '=', values: ['$all'] },
    { column: 'target', type: 'text', operator: '=', values: ['$exe'] },
  ],
};
const kept: BuilderState = {
  ...errors,
  conditions: [{ column: 'target', type: 'text', operator: 'in', values: ['api', 'web'] }],
};

it('keeps a builder query in the builder, and drops conditions whose variable is All', () => {
  const query = keep(built(errors), 'explore');
  expect(query).toEqual({ refId: 'A', ...built(kept) });
  expect(openedMode(query)).toEqual({ mode: 'builder', state: kept });
});

it('sets a fixed interval for a rule: a hundredth of the time range', () => {
  expect(keep(built(errors), 'rule').query).toBe(
    builderQuery({ ...kept, time: { column: 'time', interval: '5m', fill: 'zero' } }).sql
  );
  const metrics: BuilderState = { ...newState('metrics'), name: 'latency' };
  expect(keep(built(metrics), 'rule').builder).toEqual({ ...metrics, interval: '5m' });
  expect(keep(built({ ...metrics, interval: '1m' }), 'rule')).toEqual({
    refId: 'A',
    ...built({ ...metrics, interval: '1m' }),
  });
  expect(keep(built({ ...newState('logs') }), 'rule').builder).toEqual(newState('logs'));
});

it('inserts values into typed SQL, but keeps $__from, $__to and $__interval if they have no format', () => {
  const sql = 'SELECT $__dateBin(time), $__interval, $__from, ${__to}, ${__from:date} FROM t WHERE exe IN ($exe)';
  expect(keep({ query: sql, rawEditor: true }, 'rule').query).toBe(
    "SELECT $__dateBin(time), $__interval, $__from, ${__to}, 1000 FROM t WHERE exe IN ('api','web')"
  );
});

it('opens a query in code mode if the builder cannot express the values', () => {
  const state: BuilderState = { ...newState('metrics'), name: '$exe' };
  const { builder, rawEditor, query } = keep(built(state), 'explore');
  expect({ builder, rawEditor }).toEqual({ builder: undefined, rawEditor: true });
  expect(query).toContain("name IN ('api','web')");
  expect(query).toContain('$__dateBin(time)');
  expect(keep(built(state), 'rule').query).toContain("$__timeGroup(time, '5m')");
});

it('turns ad hoc filters into filters of the query', () => {
  const filters = [{ key: 'level', operator: '<=', value: '2' }];
  expect(keep(built(errors), 'explore', filters)).toMatchObject({ builder: kept, filters });
  expect(keep({ query: 'SELECT 1' }, 'explore', filters)).toEqual({ refId: 'A', query: 'SELECT 1', filters });
});
