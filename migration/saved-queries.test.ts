import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_ID } from '../contract/plugin-id';
import { type JsonObject, type ListedDataSource } from './grafana-api';
import { dashboardQueries, libraryQueries, ruleQueries } from './saved-queries';

const MINE: ListedDataSource = { uid: 'mm', name: 'Micromegas', type: PLUGIN_ID };
const OTHER: ListedDataSource = { uid: 'prom', name: 'Prometheus', type: 'prometheus', isDefault: true };
const SOURCES = [MINE, OTHER];
const WITH_DEFAULT = [
  { ...MINE, isDefault: true },
  { ...OTHER, isDefault: false },
];

const wheres = (dashboard: JsonObject, sources = SOURCES) =>
  dashboardQueries(dashboard, sources).map(({ where }) => where);
const panel = (datasource: unknown, targets: unknown[] = [{ refId: 'A' }]) => ({
  panels: [{ title: 'P', datasource, targets }],
});

it('finds the queries of saved dashboards', () => {
  const folder = join(__dirname, '../tests/integration/saved-dashboards');
  const read = (name: string): JsonObject => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  for (const name of ['version-1.json', 'version-2.json', 'builder.json']) {
    const queries = dashboardQueries(read(name), SOURCES);
    expect({ name, uses: new Set(queries.map(({ use }) => use)) }).toEqual({
      name,
      uses: new Set(['panel', 'variable']),
    });
  }
});

it('finds panels by every form of reference to a data source', () => {
  expect(wheres(panel({ type: PLUGIN_ID, uid: 'mm' }))).toEqual(['panel "P", query A']);
  expect(wheres(panel({ uid: 'mm' }))).toHaveLength(1);
  expect(wheres(panel('Micromegas'))).toHaveLength(1);
  expect(wheres(panel('mm'))).toHaveLength(1);
  expect(wheres(panel(null), WITH_DEFAULT)).toHaveLength(1);
  expect(wheres(panel(undefined), WITH_DEFAULT)).toHaveLength(1);
  expect(wheres(panel('default'), WITH_DEFAULT)).toHaveLength(1);
  expect(wheres(panel({ uid: 'default' }), WITH_DEFAULT)).toHaveLength(1);
  expect(wheres(panel(null))).toEqual([]);
  expect(wheres(panel('default'))).toEqual([]);
  expect(wheres(panel({ type: 'prometheus', uid: 'prom' }))).toEqual([]);
});

it('finds panels whose data source is a variable', () => {
  const templating = { list: [{ type: 'datasource', name: 'ds', query: PLUGIN_ID }] };
  for (const uid of ['$ds', '${ds}', '${ds:raw}']) {
    expect(wheres({ templating, ...panel({ uid }) })).toHaveLength(1);
    expect(wheres({ ...panel({ uid }) })).toEqual([]);
  }
});

it('reads the data source of each query in a mixed panel', () => {
  const targets = [
    { refId: 'A', datasource: { type: PLUGIN_ID, uid: 'mm' } },
    { refId: 'B', datasource: { type: 'prometheus', uid: 'prom' } },
  ];
  expect(wheres(panel({ type: 'datasource', uid: '-- Mixed --' }, targets))).toEqual(['panel "P", query A']);
});

it('finds panels in row panels and in `rows`, and annotations', () => {
  const inner = { title: 'In', datasource: { type: PLUGIN_ID }, targets: [{ refId: 'A' }] };
  const annotation = { name: 'Starts', datasource: { type: PLUGIN_ID, uid: 'mm' }, target: { query: 'SELECT 1' } };
  const dashboard = {
    panels: [{ type: 'row', title: 'Row', panels: [inner] }],
    rows: [{ panels: [{ ...inner, title: 'Old' }] }],
    annotations: { list: [annotation, { name: 'Annotations & Alerts', builtIn: 1, datasource: '-- Grafana --' }] },
  };
  expect(wheres(dashboard)).toEqual(['panel "In", query A', 'panel "Old", query A', 'annotation "Starts"']);
});

it('finds the queries of library panels and alert rules', () => {
  expect(
    libraryQueries({ title: 'L', datasource: { type: PLUGIN_ID }, targets: [{ refId: 'B' }] }, SOURCES)
  ).toHaveLength(1);
  const rule = {
    uid: 'r',
    title: 'R',
    data: [
      { refId: 'A', datasourceUid: 'mm', model: { query: 'SELECT 1' } },
      { refId: 'B', datasourceUid: '__expr__', model: {} },
    ],
  };
  expect(ruleQueries(rule, SOURCES)).toEqual([{ use: 'alert rule', where: 'query A', model: { query: 'SELECT 1' } }]);
});

it('finds the reducers that the expressions of an alert rule apply to a query', () => {
  const expression = (model: JsonObject) => ({ refId: 'X', datasourceUid: '__expr__', model });
  const condition = (refId: string, type: string) => ({ query: { params: [refId] }, reducer: { type } });
  const rule = {
    uid: 'r',
    title: 'R',
    data: [
      ...['A', 'B', 'C'].map((refId) => ({ refId, datasourceUid: 'mm', model: {} })),
      expression({ type: 'reduce', expression: 'A', reducer: 'last' }),
      expression({ type: 'reduce', expression: '$A', reducer: 'count' }),
      expression({ type: 'reduce', expression: 3 }),
      expression({ type: 'classic_conditions', conditions: [condition('B', 'last'), condition('A', 'last'), {}] }),
    ],
  };
  expect(ruleQueries(rule, SOURCES).map(({ reducers }) => reducers)).toEqual([['last', 'count'], ['last'], undefined]);
});

it('reads models of any shape without an error', () => {
  for (const dashboard of [
    {},
    { panels: 3 },
    { panels: [null, 'x', { targets: {} }] },
    { templating: { list: 'x' } },
  ]) {
    expect(wheres(dashboard)).toEqual([]);
  }
  let nested: JsonObject = {};
  for (let level = 0; level < 100_000; level++) {
    nested = { panels: [nested] };
  }
  expect(wheres(nested)).toEqual([]);
});
