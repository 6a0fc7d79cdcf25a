import { builderQuery } from './builder-sql';
import { type BuilderState } from './builder-state';
import { newState } from './new-state';
import { readBuilderState } from './read-state';
import { RandomStates } from './testing/random-states';

const KINDS: ReadonlyArray<BuilderState['kind']> = ['metrics', 'logs', 'processes', 'spans', 'table', 'values'];

it.each(KINDS)('reads new and random states of %s as they were saved', (kind) => {
  const states = new RandomStates(5);
  expect(readBuilderState(newState(kind))).toEqual(newState(kind));
  for (let count = 0; count < 200; count++) {
    const state = states[kind]();
    expect(readBuilderState(JSON.parse(JSON.stringify(state)))).toEqual(state);
  }
});

it('drops unknown fields, and fields that are null', () => {
  const state = readBuilderState({ ...newState('logs'), future: 1, __proto__: { limit: 5 }, limit: null });
  expect(state).toEqual(newState('logs'));
  expect(Object.keys(state ?? {})).toEqual(['kind', 'conditions', 'order']);
});

const logs = newState('logs');
const condition = { column: 'a', type: 'text', operator: '=', values: ['b'] };

it.each<[string, unknown]>([
  ['undefined', undefined],
  ['null', null],
  ['a string', 'logs'],
  ['a list', [logs]],
  ['an unknown kind', { ...logs, kind: 'traces' }],
  ['the name of an inherited property as kind', { ...logs, kind: 'constructor' }],
  ['a missing list', { ...logs, conditions: undefined }],
  ['a list that is an object', { ...logs, conditions: { length: 1, 0: condition } }],
  ['an unknown order', { ...logs, order: 'random' }],
  ['a limit that is a string', { ...logs, limit: '5' }],
  ['a limit with a fraction', { ...logs, limit: 0.5 }],
  ['a level out of range', { ...logs, minLevel: 7 }],
  ['a number as name', { ...newState('metrics'), name: 5 }],
  ['an unknown operator', { ...logs, conditions: [{ ...condition, operator: '; DROP' }] }],
  ['a condition that is null', { ...logs, conditions: [null] }],
  ['a value that is a number', { ...logs, conditions: [{ ...condition, values: [1] }] }],
  ['a raw condition that is an object', { ...logs, conditions: [{ raw: {} }] }],
  ['a hole in a list', { ...logs, conditions: new Array(3) }],
  ['too many conditions', { ...logs, conditions: new Array(1001).fill(condition) }],
  ['too many values', { ...logs, conditions: [{ ...condition, values: new Array(1001).fill('') }] }],
  ['a string that is too long', { ...newState('metrics'), name: 'x'.repeat(100_001) }],
  ['too many characters in total', { ...logs, conditions: new Array(20).fill({ raw: 'x'.repeat(90_000) }) }],
  [
    'the aggregation `rate` in a table state',
    { ...newState('table'), columns: [{ column: 'a', aggregation: 'rate' }] },
  ],
])('returns no state for %s', (_name, value) => {
  expect(readBuilderState(value)).toBeUndefined();
});

it('accepts states with incomplete conditions, and omits these conditions from the SQL', () => {
  for (const kind of KINDS) {
    const state = readBuilderState({
      ...newState(kind),
      table: 't',
      conditions: [{ ...condition, values: [] }, { raw: '' }],
    });
    expect(state && builderQuery(state).sql).not.toContain('WHERE a');
  }
});
