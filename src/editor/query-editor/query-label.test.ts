import { builderQuery } from '../../../contract/builder/builder-sql';
import { type BuilderState, type TypedCondition } from '../../../contract/builder/builder-state';
import { newState } from '../../../contract/builder/new-state';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { MISSHAPEN_FILTERS } from '../../testing/misshapen-filters';
import { labeledSql, queryLabel } from './query-label';

const EXE: TypedCondition = { column: 'exe', type: 'text', operator: '=', values: ['api'] };

function built(state: BuilderState, fields: MicromegasQueryFields = {}): MicromegasQueryFields {
  return { query: builderQuery(state).sql, builder: state, rawEditor: false, ...fields };
}

it('returns the SQL on one line', () => {
  expect(queryLabel({ query: 'SELECT 1\n  FROM t\n' })).toBe('SELECT 1 FROM t');
  expect(queryLabel({ queryText: 'SELECT 2' })).toBe('SELECT 2');
  expect(queryLabel({})).toBe('');
});

it('truncates long SQL', () => {
  expect(queryLabel({ query: `SELECT ${'1, '.repeat(100_000)}` }).length).toBeLessThanOrEqual(1000);
});

it.each<[string, BuilderState]>([
  ['Metrics: p95 (approximate) cpu', { ...newState('metrics'), name: 'cpu', aggregation: 'p95' }],
  [
    'Metrics: p95 frame_time_ms by exe, region',
    {
      ...newState('metrics'),
      name: 'frame_time_ms',
      aggregation: 'exact-p95',
      groupBy: [{ column: 'exe' }, { column: 'properties', property: 'region' }],
    },
  ],
  ['Metrics: avg cpu | exe = api', { ...newState('metrics'), name: 'cpu', conditions: [EXE] }],
  [
    'Logs | level <= error (or more severe) | process = p1 | exe = api | a > 1',
    { ...newState('logs'), minLevel: 2, processId: 'p1', conditions: [EXE, { raw: 'a > 1' }] },
  ],
  ['Process table | exe = api', { ...newState('processes'), conditions: [EXE] }],
  [
    'Table log_entries | level >= info (or less severe)',
    {
      ...newState('table'),
      table: 'log_entries',
      conditions: [{ column: 'level', type: 'number', operator: '>=', values: ['info'] }],
    },
  ],
  ['Spans of process p1', { ...newState('spans'), processId: 'p1' }],
  ['Table blocks', { ...newState('table'), table: 'blocks' }],
  [
    'Values of region',
    { ...newState('values'), table: 'measures', value: { column: 'properties', property: 'region' } },
  ],
])('describes the builder: %s', (label, state) => {
  expect(queryLabel(built(state))).toBe(label);
});

it('returns the SQL if it differs from the SQL of the builder, or if the query is in code mode', () => {
  const state = { ...newState('metrics'), name: 'cpu' };
  expect(queryLabel(built(state, { query: 'SELECT 1' }))).toBe('SELECT 1');
  expect(queryLabel(built(state, { rawEditor: true }))).toMatch(/^SELECT /);
});

it('returns the SQL for a state of unknown shape', () => {
  const builder = JSON.parse('{"kind":"metrics"}') as BuilderState;
  expect(queryLabel({ query: 'SELECT 1', rawEditor: false, builder })).toBe('SELECT 1');
});

it('appends the filters', () => {
  const filters: MicromegasQueryFields['filters'] = [
    { key: 'exe', operator: '!=', value: "o'brien" },
    { key: 'level', operator: '=|', value: '1', values: ['1', '2'] },
    { key: 'level', operator: '<', value: 'warn' },
  ];
  expect(queryLabel({ query: 'SELECT 1', filters })).toBe(
    "SELECT 1 | exe ≠ o'brien | level is one of 1, 2 | level < warn (more severe)"
  );
});

it.each(MISSHAPEN_FILTERS)('ignores filters of another shape: $json', ({ filters }) => {
  expect(queryLabel({ query: 'SELECT 1', filters })).toBe('SELECT 1');
});

describe('labeledSql', () => {
  const metrics = { ...newState('metrics'), name: 'cpu' };

  it('returns the whole SQL with its line breaks', () => {
    const query = `SELECT a, -- a comment\n  b\nFROM t WHERE ${'c = 1 AND '.repeat(500)}true`;
    expect(labeledSql({ query })).toBe(query);
    expect(labeledSql({ queryText: 'SELECT 2' })).toBe('SELECT 2');
  });

  it('writes the description of the builder and the filters into a comment before the SQL', () => {
    const { query, ...others } = built(metrics);
    const filters: MicromegasQueryFields['filters'] = [{ key: 'exe', operator: '=', value: 'a*/b/*/' }];
    expect(labeledSql({ query, ...others, filters })).toBe(`/* Metrics: avg cpu | exe = a* /b/ * / */\n${query}`);
    expect(labeledSql({ query: 'SELECT 1', filters })).toBe('/* exe = a* /b/ * / */\nSELECT 1');
  });

  it('returns the label of a query without SQL', () => {
    expect(labeledSql({ query: 'SELECT 1', queryType: 'traces', traces: { view: 'service-map' } })).toBe(
      queryLabel({ queryType: 'traces', traces: { view: 'service-map' } })
    );
    expect(labeledSql(built({ ...metrics, name: '' }))).toBe(queryLabel(built({ ...metrics, name: '' })));
  });
});
