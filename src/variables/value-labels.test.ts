/** @jest-environment jsdom */
import { builderQuery } from '../../contract/builder/builder-sql';
import { newState } from '../../contract/builder/new-state';
import { labelsFor } from './value-labels';

const values = newState('values');
const ofLevels = { ...values, table: 'log_entries', timeColumn: 'time', value: { column: 'level' } };

const labelOf = (sql: string, label: string) => labelsFor(sql, 'Europe/Berlin')({ text: label, value: label });

it.each([
  ['SQL of the builder', builderQuery(ofLevels).sql],
  ['SQL of the builder for one process', builderQuery({ ...ofLevels, instanceId: 'x' }).sql],
  ['handwritten SQL', 'select level from log_stats'],
])('shows the names of levels for %s', (_name, sql) => {
  expect(labelOf(sql, '2')).toEqual({ text: 'error', value: '2' });
  expect(labelOf(sql, '9')).toEqual({ text: '9', value: '9' });
});

it.each([
  'SELECT level, count(*) FROM log_entries',
  'SELECT level AS value, msg AS text FROM log_entries',
  'SELECT level FROM game_levels',
  'SELECT',
  '',
])('shows the values of other queries unchanged: %s', (sql) => {
  expect(labelOf(sql, '2')).toEqual({ text: '2', value: '2' });
});

it.each(['2026-11-24T11:22:30Z', '2026-11-24T11:22:30.123456789Z', '2026-11-24 11:22:30+00', '2026-11-24 11:22:30.5'])(
  'writes the start of processes in the zone of the dashboard: %s',
  (start) => {
    const { sql } = builderQuery({ ...values, of: 'processes' });
    expect(labelOf(sql, `ember-server on atlas-07, ${start}`).text).toBe(
      'ember-server on atlas-07, 2026-11-24 12:22:30'
    );
    expect(labelOf(sql, 'ember-server on atlas-07, ').text).toBe('ember-server on atlas-07, ');
  }
);
