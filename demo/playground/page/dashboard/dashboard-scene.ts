/**
 * A dashboard of the demo with ad hoc filters, on `@grafana/scenes`: Grafana's own engine for variables, filters, time
 * range and annotations.
 */
import { VariableHide, VariableRefresh } from '@grafana/data';
import { type DataSourceRef } from '@grafana/schema';
import {
  AdHocFiltersVariable,
  CustomVariable,
  dataLayers,
  QueryVariable,
  SceneCSSGridLayout,
  SceneDataLayerSet,
  SceneQueryRunner,
  SceneTimeRange,
  SceneVariableSet,
  VizPanel,
} from '@grafana/scenes';
import { filterContext } from './add-filter';
import { PANELS } from './panels';
import { MAX_DATA_POINTS, PlaygroundDashboard } from './playground-dashboard';
import { PANEL_QUERIES, processStarts, VARIABLE_QUERIES } from './queries';

const ROW_HEIGHT = '320px';
const PANEL_IDS = Object.keys(PANEL_QUERIES);

export interface DashboardOptions {
  datasource: DataSourceRef;
  /** True if `plugin.json` allows filters with several values. */
  hasListFilters: boolean;
  /** True if viewers can group by columns in this version of Grafana. */
  hasGroups: boolean;
}

/** The dashboard of the demo as a scene. */
export function dashboardScene({ datasource, ...offered }: DashboardOptions): PlaygroundDashboard {
  const filters = adHocFilters({ datasource, ...offered });
  const panel = (title: string, pluginId: string, query: keyof typeof PANEL_QUERIES) =>
    new VizPanel({
      key: query,
      title,
      pluginId,
      extendPanelContext: filterContext(filters),
      $data: new SceneQueryRunner({
        datasource,
        maxDataPoints: MAX_DATA_POINTS,
        queries: [{ ...PANEL_QUERIES[query], datasource }],
      }),
    });
  const panelId = (key: string) => PANEL_IDS.indexOf(key) + 1;
  return new PlaygroundDashboard(
    { uid: 'demo', title: 'Demo', panelId },
    {
      $timeRange: new SceneTimeRange({ from: 'now-1h', to: 'now' }),
      $variables: new SceneVariableSet({ variables: [...variables(datasource), filters] }),
      $data: new SceneDataLayerSet({
        name: 'Process starts',
        layers: [
          new dataLayers.AnnotationsDataLayer({
            name: 'Process starts',
            isEnabled: true,
            query: processStarts(datasource),
          }),
        ],
      }),
      body: new SceneCSSGridLayout({
        templateColumns: 'repeat(auto-fit, minmax(min(480px, 100%), 1fr))',
        autoRows: ROW_HEIGHT,
        children: [
          panel('Warnings and errors', PANELS.timeSeries, 'problems'),
          panel('Frame time', PANELS.timeSeries, 'frameTime'),
          panel('Processes', PANELS.table, 'processes'),
          panel('Logs', PANELS.logs, 'logs'),
          panel('Images of the server that crashed', PANELS.table, 'images'),
        ],
      }),
    }
  );
}

function variables(datasource: DataSourceRef): [QueryVariable, QueryVariable, CustomVariable] {
  const shared = { datasource, isMulti: true, includeAll: true, defaultToAll: true };
  return [
    new QueryVariable({
      ...shared,
      name: 'exe',
      label: 'Program',
      query: VARIABLE_QUERIES.exe,
      refresh: VariableRefresh.onTimeRangeChanged,
    }),
    new QueryVariable({
      ...shared,
      name: 'process',
      label: 'Process',
      query: VARIABLE_QUERIES.process,
      refresh: VariableRefresh.onTimeRangeChanged,
    }),
    new CustomVariable({
      name: 'level',
      label: 'Level',
      query: 'fatal : 1,error : 2,warning : 3,info : 4',
      isMulti: true,
      includeAll: true,
      defaultToAll: true,
    }),
  ];
}

function adHocFilters({ datasource, hasListFilters, hasGroups }: DashboardOptions): AdHocFiltersVariable {
  return new AdHocFiltersVariable({
    name: 'filters',
    label: 'Filters',
    hide: VariableHide.dontHide,
    datasource,
    layout: 'combobox',
    applyMode: 'auto',
    filters: [],
    allowCustomValue: true,
    // As in Grafana's dashboards: the data source offers keys of the tables that the panels read.
    useQueriesAsFilterForOptions: true,
    supportsMultiValueOperators: hasListFilters,
    // Grafana 13.2 and later.
    enableGroupBy: hasGroups,
    applicabilityEnabled: hasGroups,
    drilldownRecommendationsEnabled: hasGroups,
  });
}
