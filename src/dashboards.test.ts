/** @jest-environment jsdom */
/**
 * Panels and query variables as a dashboard runs them, through `@grafana/scenes`. Annotations are in `annotations/`.
 */
import { LoadingState, VariableRefresh } from '@grafana/data';
import {
  EmbeddedScene,
  LocalValueVariable,
  QueryVariable,
  SceneFlexItem,
  SceneFlexLayout,
  SceneQueryRunner,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  VizPanel,
} from '@grafana/scenes';
import { waitFor } from '@testing-library/react';
import { builderQuery } from '../contract/builder/builder-sql';
import { type BuilderState } from '../contract/builder/builder-state';
import { type FakeResult, type Dashboard, MICROMEGAS, startDashboard } from './testing/dashboard-services';
import { EXPRESSION, MIXED } from './testing/grafana-datasources';
import { type MicromegasQuery } from './shared/types';

const EXES: FakeResult = [{ name: 'exe', type: 'string', values: ['api', 'web', 'api', "o'brien"] }];
const SQL = 'SELECT exe FROM processes';

let close: () => void = () => undefined;
afterEach(() => close());

interface Parts {
  timeZone?: string;
  variables?: SceneVariable[];
  panels?: SceneFlexItem[];
}

function open(
  { variables = [], panels = [], timeZone }: Parts,
  result: FakeResult = EXES
): Dashboard & { timeRange: SceneTimeRange } {
  const dashboard = startDashboard(() => result);
  const timeRange = new SceneTimeRange({ from: '2026-01-02T11:00:00Z', to: '2026-01-02T13:00:00Z', timeZone });
  const body = new SceneFlexLayout({ children: panels });
  const scene = new EmbeddedScene({
    $timeRange: timeRange,
    $variables: new SceneVariableSet({ variables }),
    body,
  });
  dashboard.show(scene);
  // In Grafana, React activates the objects that it renders.
  const deactivations = [scene, body, ...panels].map((object) => object.activate());
  close = () => deactivations.forEach((deactivate) => deactivate());
  return { ...dashboard, timeRange };
}

const variable = (query: string | object, more: object = {}) =>
  new QueryVariable({
    name: 'exe',
    datasource: MICROMEGAS,
    query: query as string,
    refresh: VariableRefresh.onTimeRangeChanged,
    ...more,
  });

const panel = (queries: Array<Partial<MicromegasQuery>>, variables?: SceneVariable[], datasource = MICROMEGAS) =>
  new SceneFlexItem({
    body: undefined,
    $variables: variables && new SceneVariableSet({ variables }),
    $data: new SceneQueryRunner({
      datasource,
      maxDataPoints: 100,
      queries: queries.map((query, index) => ({ refId: 'ABC'[index] ?? '', ...query })),
    }),
  });

const isDone = ({ state }: SceneFlexItem) => state.$data?.state.data?.state === LoadingState.Done;
const queriesOf = ({ sent }: Dashboard) => sent.map(({ query }) => query);

describe('a query variable', () => {
  it.each([
    ['SQL as a string, as in version 1', SQL],
    ['a query of version 1', { refId: 'A', queryText: SQL }],
    ['a query of version 2', { refId: 'A', query: SQL, version: 2, format: 'time_series' }],
    ['a query that Grafana wrapped in another query', { refId: 'A', query: { query: SQL } }],
  ])('takes its values from %s', async (_name, saved) => {
    const exe = variable(saved);
    const { sent } = open({ variables: [exe] });
    await waitFor(() => expect(exe.state.options.map(({ value }) => value)).toEqual(['api', 'web', "o'brien"]));
    expect(sent).toMatchObject([{ query: SQL, format: 'table', purpose: 'variable' }]);
  });

  it('runs again when the time range changes', async () => {
    const exe = variable({ refId: 'A', query: SQL });
    const { sent, timeRange } = open({ variables: [exe] });
    await waitFor(() => expect(exe.state.options).toHaveLength(3));
    timeRange.onRefresh();
    await waitFor(() => expect(sent).toHaveLength(2));
  });

  it.each([
    ['some values', { value: ['api', "o'brien"] }, "IN ('api','o''brien')"],
    ['All', { defaultToAll: true, includeAll: true }, 'IN (NULL) IS NULL'],
    [
      'All, of a variable with a regex',
      { defaultToAll: true, includeAll: true, regex: '/a|b/' },
      "IN ('api','web','o''brien')",
    ],
    ['All, with a custom all value', { defaultToAll: true, includeAll: true, allValue: "'%'" }, "IN ('%')"],
  ])('uses the values of another variable: %s', async (_name, settings, condition) => {
    const exe = variable({ refId: 'A', query: SQL }, { isMulti: true, ...settings });
    const process = variable(
      { refId: 'B', query: 'SELECT id FROM processes WHERE exe IN ($exe)' },
      { name: 'process' }
    );
    const dashboard = open({ variables: [exe, process] });
    await waitFor(() => expect(queriesOf(dashboard)).toEqual([SQL, `SELECT id FROM processes WHERE exe ${condition}`]));
  });

  it.each([
    ['no search', undefined, '%'],
    ['a search', "o'b", "o''b%"],
  ])('replaces $__searchFilter with a pattern: %s', async (_name, typed, pattern) => {
    const exe = variable({ refId: 'A', query: `${SQL} WHERE exe LIKE '$__searchFilter'` });
    const dashboard = open({ variables: [exe] });
    await waitFor(() => expect(exe.state.options).toHaveLength(3));
    if (typed !== undefined) {
      exe.onSearchChange(typed);
    }
    await waitFor(() => expect(queriesOf(dashboard).at(-1)).toBe(`${SQL} WHERE exe LIKE '${pattern}'`));
  });

  it('sends no query without SQL', async () => {
    const exe = variable({ refId: 'A', query: ' ' });
    const { sent } = open({ variables: [exe] });
    await waitFor(() => expect(exe.state.loading).toBe(false));
    expect(exe.state.options).toEqual([]);
    expect(sent).toEqual([]);
  });

  it('shows the error of a failed query', async () => {
    // @grafana/scenes logs the error that it shows.
    const log = jest.spyOn(console, 'error').mockImplementation();
    const exe = variable({ refId: 'A', query: 'SELECT nope' });
    open({ variables: [exe] }, { error: 'No field named nope.' });
    await waitFor(() => expect(exe.state.error).toBe('No field named nope.'));
    log.mockRestore();
  });
});

describe('a panel', () => {
  it('waits for the variables of its query', async () => {
    const exe = variable({ refId: 'A', query: SQL });
    const shown = panel([{ query: "SELECT * FROM log_entries WHERE exe = '$exe'" }]);
    const dashboard = open({ variables: [exe], panels: [shown] });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(queriesOf(dashboard)).toEqual([SQL, "SELECT * FROM log_entries WHERE exe = 'api'"]);
  });

  it('uses the variable value for which it is repeated', async () => {
    const repeated = (value: string, isMulti: boolean) =>
      panel(
        [{ query: isMulti ? 'SELECT 1 WHERE exe IN ($exe)' : "SELECT 1 WHERE exe = '$exe'" }],
        [new LocalValueVariable({ name: 'exe', value, text: value, isMulti })]
      );
    const panels = [repeated('api', true), repeated("o'brien", true), repeated("o'brien", false)];
    const dashboard = open({ panels });
    await waitFor(() => expect(panels.every(isDone)).toBe(true));
    expect(queriesOf(dashboard)).toEqual([
      "SELECT 1 WHERE exe IN ('api')",
      "SELECT 1 WHERE exe IN ('o''brien')",
      "SELECT 1 WHERE exe = 'o''brien'",
    ]);
  });

  it('makes IN true for every row if the value is All, but lists all values after NOT IN', async () => {
    const exe = variable({ refId: 'A', query: SQL }, { isMulti: true, includeAll: true, defaultToAll: true });
    const sql = 'SELECT 1 WHERE exe IN ($exe) AND $__conditionalAll(name = $exe, $exe) AND exe NOT IN ($exe)';
    const shown = panel([{ query: sql }]);
    const repeated = panel(
      [{ query: sql }],
      [new LocalValueVariable({ name: 'exe', value: 'api', text: 'api', isMulti: true, includeAll: true })]
    );
    const dashboard = open({ variables: [exe], panels: [shown, repeated] });
    await waitFor(() => expect([shown, repeated].every(isDone)).toBe(true));
    expect(queriesOf(dashboard).slice(1).toSorted()).toEqual([
      "SELECT 1 WHERE exe IN ('api') AND (name = 'api') AND exe NOT IN ('api')",
      "SELECT 1 WHERE exe IN (NULL) IS NULL AND true AND exe NOT IN ('api','web','o''brien')",
    ]);
  });

  it.each([
    ['a zone', 'Europe/Berlin', 'Europe/Berlin'],
    ['UTC', 'utc', 'UTC'],
    ["the browser's zone", 'browser', Intl.DateTimeFormat().resolvedOptions().timeZone],
  ])('sends the time zone of the dashboard: %s', async (_name, timeZone, expected) => {
    const shown = panel([{ query: 'SELECT 1' }]);
    const { sent, datasource } = open({ panels: [shown], timeZone });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(sent).toMatchObject([{ timezone: expected }]);
    // For a panel with expressions, Grafana calls this method instead of `query`.
    const scope = { __sceneObject: { value: shown, text: '' }, __interval: { value: '1s', text: '1s' } };
    const queries = datasource.interpolateVariablesInQueries([{ refId: 'A', query: 'SELECT 1' }], scope);
    expect(queries).toMatchObject([{ timezone: expected }]);
  });

  it('sends only the queries that have SQL and are not hidden', async () => {
    const shown = panel([{ query: 'SELECT 1', hide: true }, { query: ' ' }, { query: 'SELECT 2' }]);
    const { sent } = open({ panels: [shown] });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(sent).toMatchObject([{ refId: 'C', query: 'SELECT 2' }]);
  });

  it('sends no hidden query of a panel with mixed data sources', async () => {
    const datasource = MICROMEGAS;
    const queries = [
      { query: 'SELECT 1', hide: true, datasource },
      { query: 'SELECT 2', datasource },
    ];
    const shown = panel(queries, [], MIXED);
    const { sent } = open({ panels: [shown] });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(sent).toMatchObject([{ refId: 'B', query: 'SELECT 2' }]);
  });

  it('sends a hidden query of a panel with expressions, because an expression may read it', async () => {
    const queries = [
      { query: 'SELECT 1', hide: true, datasource: MICROMEGAS },
      { datasource: EXPRESSION, type: 'reduce', expression: 'A' },
    ];
    const shown = panel(queries);
    const { sent } = open({ panels: [shown] });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(sent).toMatchObject([{ refId: 'A', query: 'SELECT 1' }, { refId: 'B' }]);
  });

  it('finishes and sends nothing if it has no query', async () => {
    const shown = panel([{}]);
    const { sent } = open({ panels: [shown] });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    expect(sent).toEqual([]);
  });
});

/**
 * Grafana calls `interpolateVariablesInQueries` for a panel that is opened in Explore, for a new alert rule, and for
 * the request of a panel with expressions.
 */
describe('the query of a panel, with All as the value of its variable', () => {
  const state: BuilderState = {
    kind: 'table',
    table: 'log_entries',
    time: { column: 'time', interval: 'auto', fill: 'zero' },
    columns: [{ column: '*', aggregation: 'count' }],
    conditions: [{ column: 'exe', type: 'text', operator: '=', values: ['$exe'] }],
    groupBy: [],
    orderBy: [],
  };
  const errors: MicromegasQuery = {
    refId: 'A',
    query: builderQuery(state).sql,
    builder: state,
    rawEditor: false,
    format: 'time_series',
    version: 2,
  };
  const interval = { __interval: { value: '1s', text: '1s' }, __interval_ms: { value: 1000, text: 1000 } };

  async function interpolated(scope: (shown: SceneFlexItem, viz: VizPanel) => object): Promise<MicromegasQuery> {
    const exe = variable({ refId: 'A', query: SQL }, { isMulti: true, includeAll: true, defaultToAll: true });
    const viz = new VizPanel({ pluginId: 'timeseries' });
    const shown = new SceneFlexItem({
      body: viz,
      $data: new SceneQueryRunner({ datasource: MICROMEGAS, maxDataPoints: 100, queries: [errors] }),
    });
    const { datasource } = open({ variables: [exe], panels: [shown], timeZone: 'utc' });
    await waitFor(() => expect(isDone(shown)).toBe(true));
    const [query] = datasource.interpolateVariablesInQueries([errors], { ...scope(shown, viz) });
    return query ?? errors;
  }

  it('has no condition in Explore, and still opens in the builder', async () => {
    const query = await interpolated((_, viz) => ({ __sceneObject: { value: viz } }));
    const kept = { ...state, conditions: [] };
    expect(query).toMatchObject({ query: builderQuery(kept).sql, builder: kept, rawEditor: false });
  });

  it('has no condition and a fixed interval in a new alert rule', async () => {
    const query = await interpolated((_, viz) => ({ ...interval, __sceneObject: { value: viz } }));
    // The time range of two hours, divided by `maxDataPoints` and rounded.
    const kept = { ...state, conditions: [], time: { column: 'time', interval: '1m', fill: 'zero' } };
    expect(query).toMatchObject({ builder: kept, rawEditor: false });
    expect(query.query).toContain("$__timeGroup(time, '1m', 0)");
  });

  it('has an always true condition in the request of a panel with expressions', async () => {
    const query = await interpolated((shown) => ({ ...interval, __sceneObject: { value: shown.state.$data } }));
    expect(query).toMatchObject({ builder: state, timezone: 'UTC' });
    expect(query.query).toContain('exe IN (NULL) IS NULL');
  });
});
