/** A dashboard with variables, annotations, tables and time series, saved through Grafana's HTTP API. */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { type APIRequestContext, expect } from '@playwright/test';
import { builderQuery } from '../../contract/builder/builder-sql';
import { type BuilderState } from '../../contract/builder/builder-state';

export const VARIABLE_QUERY = 'SELECT DISTINCT exe FROM processes ORDER BY exe';
export const ANNOTATION_QUERY = `SELECT time, 'note: ' || msg AS text FROM log_entries WHERE level <= 3 ORDER BY time DESC LIMIT 5`;
export const CTE_TITLE = 'Programs of a CTE';
const CTE_QUERY = `WITH messages AS (SELECT exe, level FROM log_entries)
SELECT exe AS program, count(*) AS messages FROM messages GROUP BY 1 ORDER BY 1`;
export const TABLE_TITLE = 'Messages of each program';
const TABLE_QUERY = 'SELECT exe, count(*) AS messages FROM log_entries WHERE exe IN ($exe) GROUP BY 1 ORDER BY 1';
export const PROCESSES_TITLE = 'Processes';
const SERIES_QUERY =
  'SELECT $__dateBin(time) AS time, exe, count(*) AS n FROM log_entries WHERE exe IN ($exe) GROUP BY 1, 2 ORDER BY 1';

/** Rows with equal times and without labels. A series shows only the last of these rows, which causes a warning. */
const VALUES_QUERY = 'SELECT $__timeTo() AS time, CAST(n AS DOUBLE) AS n FROM (VALUES (1), (2)) AS numbers(n)';
export const WARNINGS_TITLE = 'Two queries with warnings';

export const BUILT_TITLE = 'Errors of each program';
const BUILT_STATE: BuilderState = {
  kind: 'table',
  table: 'log_entries',
  time: { column: 'time', interval: 'auto', fill: 'zero' },
  columns: [{ column: '*', aggregation: 'count', alias: 'errors' }],
  conditions: [
    { column: 'exe', type: 'text', operator: '=', values: ['$exe'] },
    { column: 'level', type: 'number', operator: '<=', values: ['error'] },
  ],
  groupBy: [{ column: 'exe' }],
  orderBy: [],
};

function dashboardOf({ uid, type }: DataSourceSettings): object {
  const datasource = { uid, type };
  const target = (query: string, format: string) => ({
    refId: 'A',
    datasource,
    query,
    format,
    version: 2,
    rawEditor: true,
  });
  return {
    title: `Micromegas test ${uid}`,
    schemaVersion: 41,
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [
        {
          type: 'query',
          name: 'exe',
          label: 'Program',
          datasource,
          refresh: 2,
          multi: true,
          includeAll: true,
          current: { text: ['All'], value: ['$__all'] },
          query: { refId: 'Variable', query: VARIABLE_QUERY, version: 2 },
        },
        { type: 'adhoc', name: 'filters', datasource, filters: [] },
      ],
    },
    annotations: {
      list: [
        {
          name: 'Warnings',
          datasource,
          enable: true,
          iconColor: 'red',
          target: { refId: 'Anno', query: ANNOTATION_QUERY, version: 2, rawEditor: true },
        },
        { name: 'Without a query', datasource, enable: false, iconColor: 'blue', target: { refId: 'Anno' } },
      ],
    },
    panels: [
      {
        id: 1,
        type: 'table',
        title: TABLE_TITLE,
        gridPos: { x: 0, y: 0, w: 24, h: 8 },
        datasource,
        targets: [target(TABLE_QUERY, 'table')],
      },
      {
        id: 2,
        type: 'timeseries',
        title: 'Messages over time',
        gridPos: { x: 0, y: 8, w: 24, h: 9 },
        datasource,
        targets: [target(SERIES_QUERY, 'time_series')],
      },
      {
        id: 3,
        type: 'table',
        title: CTE_TITLE,
        gridPos: { x: 0, y: 17, w: 24, h: 8 },
        datasource,
        targets: [target(CTE_QUERY, 'table')],
      },
      {
        id: 4,
        type: 'table',
        title: PROCESSES_TITLE,
        gridPos: { x: 0, y: 25, w: 24, h: 8 },
        datasource,
        targets: [{ refId: 'A', datasource, queryType: 'processes', processes: { view: 'list' }, version: 2 }],
      },
      {
        id: 5,
        type: 'timeseries',
        title: BUILT_TITLE,
        gridPos: { x: 0, y: 33, w: 24, h: 9 },
        datasource,
        targets: [{ ...target(builderQuery(BUILT_STATE).sql, 'time_series'), rawEditor: false, builder: BUILT_STATE }],
      },
    ],
  };
}

/** A dashboard with a panel whose two queries have warnings. */
function warningsDashboard({ uid, type }: DataSourceSettings): object {
  const datasource = { uid, type };
  const target = (refId: string, label: string) => ({
    refId,
    datasource,
    query: VALUES_QUERY,
    format: 'time_series',
    version: 2,
    rawEditor: true,
    labelColumns: [label],
  });
  return {
    title: `Micromegas warnings ${uid}`,
    schemaVersion: 41,
    time: { from: 'now-3h', to: 'now' },
    panels: [
      {
        id: 1,
        type: 'timeseries',
        title: WARNINGS_TITLE,
        gridPos: { x: 0, y: 0, w: 24, h: 8 },
        datasource,
        targets: [target('A', 'first'), target('B', 'second')],
      },
    ],
  };
}

async function saveDashboard(request: APIRequestContext, dashboard: object): Promise<string> {
  const response = await request.post('/api/dashboards/db', { data: { dashboard } });
  expect(response.ok(), await response.text()).toBe(true);
  const { uid }: { uid: string } = await response.json();
  return uid;
}

/** @returns The dashboard's uid. */
export function saveTestDashboard(request: APIRequestContext, source: DataSourceSettings): Promise<string> {
  return saveDashboard(request, dashboardOf(source));
}

/** @returns The dashboard's uid. */
export function saveWarningsDashboard(request: APIRequestContext, source: DataSourceSettings): Promise<string> {
  return saveDashboard(request, warningsDashboard(source));
}
