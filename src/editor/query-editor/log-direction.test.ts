/** @jest-environment jsdom */
import { type BuilderState, type LogsState } from '../../../contract/builder/builder-state';
import { builderQuery } from '../../../contract/builder/builder-sql';
import { orderChange, orderedQuery } from './use-log-direction';

const logs = (order: LogsState['order']): LogsState => ({ kind: 'logs', conditions: [], order });
const PROCESSES: BuilderState = { kind: 'processes', aliveInRange: true, conditions: [] };

it.each([
  { name: 'a builder query', state: logs('newest'), change: { state: logs('oldest') } },
  { name: 'a builder query that already has this order', state: logs('oldest'), change: undefined },
  { name: 'another kind of builder query', state: PROCESSES, change: undefined },
  { name: 'SQL without a direction', change: { patch: { direction: 'forward' } } },
  { name: 'SQL with the other direction', saved: 'backward' as const, change: { patch: { direction: 'forward' } } },
  { name: 'SQL that already has this direction', saved: 'forward' as const, change: undefined },
])('changes the order to oldest first, if necessary: $name', ({ saved, state, change }) => {
  expect(orderChange({ direction: saved }, state, 'forward')).toEqual(change);
});

it('saves a direction only if the order changes', () => {
  expect(orderChange({}, undefined, 'backward')).toBeUndefined();
  expect(orderChange({ direction: 'forward' }, undefined, 'backward')).toEqual({ patch: { direction: 'backward' } });
});

it('orders a query whose editor is collapsed', () => {
  const sql = { refId: 'A', query: 'SELECT time, msg FROM log_entries', format: 'logs' as const, rawEditor: true };
  expect(orderedQuery(sql, 'forward')).toEqual({ ...sql, direction: 'forward' });
  expect(orderedQuery(sql, 'backward')).toBeUndefined();
  const state = logs('newest');
  const built = { refId: 'A', query: builderQuery(state).sql, builder: state, rawEditor: false };
  expect(orderedQuery(built, 'forward')).toMatchObject({
    query: builderQuery(logs('oldest')).sql,
    builder: logs('oldest'),
  });
});
