import { builderQuery } from '../../../contract/builder/builder-sql';
import {
  type BuilderCondition,
  type BuilderState,
  type ConditionOperator,
  type MetricsState,
  type TableState,
} from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { interpolateSql } from '../../shared/interpolation/interpolation';
import { fixedTemplates } from '../../testing/fixed-templates';
import { interpolateState } from './interpolate-state';
import { keptTemplates } from './kept-templates';

const ALL = { multi: true, includeAll: true, isAll: true, query: 'SELECT DISTINCT exe FROM processes' };
const templates = keptTemplates(
  fixedTemplates({
    one: { value: "o'brien" },
    only: { value: ['api'], multi: true },
    some: { value: ['api', "b'c"], multi: true },
    none: { value: [], multi: true },
    all: { value: ['a', 'b'], ...ALL },
    matched: { value: ['a', 'b'], ...ALL, regex: '/a|b/' },
    level: { value: 'error' },
    every: { value: '10m' },
    count: { value: 5 },
    column: { value: 'computer' },
    expression: { value: 'lower(exe)' },
  })
);

const logs = newState('logs');
const metrics: MetricsState = { ...newState('metrics'), name: 'latency' };
const table: TableState = { ...newState('table'), table: 'log_entries', limit: undefined };

const interpolated = (state: BuilderState) => interpolateState(state, templates, {});
const exe = (operator: ConditionOperator, ...values: string[]): BuilderCondition => ({
  column: 'exe',
  type: 'text',
  operator,
  values,
});

it.each<[name: string, condition: BuilderCondition, expected: BuilderCondition[]]>([
  ['one value', exe('=', '$one'), [exe('in', "o'brien")]],
  ['a string around the value', exe('contains', 'x${one}%'), [exe('contains', "xo'brien%")]],
  ['several values', exe('=', '$some'), [exe('in', 'api', "b'c")]],
  ['several values that are excluded', exe('!=', '$some'), [exe('not-in', 'api', "b'c")]],
  ['several values in a list', exe('in', '$some', 'x'), [exe('in', 'api', "b'c", 'x')]],
  ['several values in a pattern', exe('matches', '$some'), [exe('matches', "(api|b'c)")]],
  ['several values in a string', exe('contains', '$some'), [{ raw: "exe ILIKE '%api%' OR exe ILIKE '%b''c%'" }]],
  [
    'the name of a level',
    { column: 'level', type: 'number', operator: '<=', values: ['$level'] },
    [{ column: 'level', type: 'number', operator: '<=', values: ['error'] }],
  ],
  ['All', exe('=', '$all'), []],
  ['All in a list', exe('in', '$all'), []],
  ['All in a string', exe('contains', '$all'), []],
  ['All in a pattern', exe('matches', '$all'), []],
  ['All of a property', { column: 'properties', property: 'k', type: 'json', operator: '=', values: ['$all'] }, []],
  ['All in SQL', { raw: 'lower(exe) IN ($all)' }, []],
  ['All in a macro', { raw: '$__conditionalAll(exe IN ($all), $all)' }, []],
  ['All of a variable with a regular expression', exe('=', '$matched'), [exe('in', 'a', 'b')]],
  ['no selected value', exe('=', '$none'), [{ raw: 'exe IN (NULL)' }]],
  ['SQL with a value', { raw: "exe = '$one' OR level = 1" }, [{ raw: "exe = 'o''brien' OR level = 1" }]],
  ['an unknown variable', exe('=', '$nope'), [exe('=', '$nope')]],
  [
    'variables of the time range',
    { raw: 'time > $__from AND $__interval_ms > ${__range_s}' },
    [{ raw: 'time > $__from AND $__interval_ms > ${__range_s}' }],
  ],
])('handles variables in a condition: %s', (_name, condition, expected) => {
  const rest = exe('!=', 'other');
  const state = interpolated({ ...logs, conditions: [condition, rest] });
  expect(state).toEqual({ ...logs, conditions: [...expected, rest] });
});

it.each<[name: string, state: BuilderState, expected: Partial<BuilderState>]>([
  ['a measure', { ...metrics, name: '$only', unit: '$one' }, { name: 'api', unit: "o'brien" }],
  ['a process', { ...metrics, processId: '${one}' }, { processId: "o'brien" }],
  ['an interval', { ...metrics, interval: '$every' }, { interval: '10m' }],
  ['a limit', { ...table, limit: '$count' }, { limit: '5' }],
  [
    'columns',
    { ...table, columns: [{ column: '$column' }, { raw: 'count(*) AS n' }], groupBy: [{ column: '$column' }] },
    { columns: [{ column: 'computer' }, { raw: 'count(*) AS n' }], groupBy: [{ column: 'computer' }] },
  ],
  [
    'SQL of a column',
    { ...table, columns: [{ raw: "exe = '$one' AS x" }] },
    { columns: [{ raw: "exe = 'o''brien' AS x" }] },
  ],
])('inserts values into other fields: %s', (_name, state, expected) => {
  const result = interpolated(state);
  expect(result).toEqual({ ...state, ...expected });
});

it.each<[name: string, state: BuilderState]>([
  ['several measures', { ...metrics, name: '$some' }],
  ['an expression in place of a column', { ...table, columns: [{ column: '$expression' }] }],
  ['several columns', { ...table, columns: [{ column: '$some' }] }],
])('returns no state for %s', (_name, state) => {
  expect(interpolated(state)).toBeUndefined();
});

it('writes the same SQL as a request, apart from spaces in lists', () => {
  const state: BuilderState = {
    ...logs,
    conditions: [exe('=', '$some'), exe('starts-with', '$one'), exe('not-matches', '$some'), exe('!=', '$matched')],
  };
  const result = interpolated(state);
  expect(result && builderQuery(result).sql).toBe(
    interpolateSql(builderQuery(state).sql, templates, {}).replaceAll("','", "', '")
  );
});
