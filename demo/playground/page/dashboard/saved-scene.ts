/** Converts a dashboard file to a scene with its variables, annotations and panels. */
import { VariableHide, VariableRefresh } from '@grafana/data';
import { type DataSourceRef } from '@grafana/schema';
import {
  CustomVariable,
  dataLayers,
  QueryVariable,
  SceneCSSGridItem,
  SceneCSSGridLayout,
  SceneDataLayerSet,
  SceneQueryRunner,
  SceneTimeRange,
  type SceneVariable,
  SceneVariableSet,
  TextBoxVariable,
  VizPanel,
} from '@grafana/scenes';
import { MAX_DATA_POINTS, PlaygroundDashboard } from './playground-dashboard';
import { type SavedDashboard, type SavedPanel, type SavedVariable } from './saved-dashboard';

/** Height of a row in Grafana's grid. The gap of the grid, 8 pixels, is the default of `SceneCSSGridLayout`. */
const ROW_HEIGHT = '30px';
const COLUMNS = 24;
const PANEL_KEY = 'panel-';

/** The scene of a dashboard that the plugin includes. */
export function savedScene(saved: SavedDashboard, datasource: DataSourceRef): PlaygroundDashboard {
  const { uid, title, time, templating, annotations, panels } = saved;
  const panelId = (key: string) => Number(key.replace(PANEL_KEY, ''));
  const layers = (annotations.list ?? []).map(
    (query) => new dataLayers.AnnotationsDataLayer({ name: query.name, isEnabled: query.enable, query })
  );
  return new PlaygroundDashboard(
    { uid, title, panelId },
    {
      $timeRange: new SceneTimeRange(time),
      $variables: new SceneVariableSet({
        variables: templating.list.flatMap((variable) => sceneVariable(variable, datasource)),
      }),
      ...(layers.length > 0 && { $data: new SceneDataLayerSet({ name: 'Annotations', layers }) }),
      body: new SceneCSSGridLayout({
        templateColumns: `repeat(${COLUMNS}, minmax(0, 1fr))`,
        autoRows: ROW_HEIGHT,
        children: panels.map((panel) => gridItem(panel, datasource)),
      }),
    }
  );
}

/**
 * The variable for the scene, or an empty list. The page has its own dropdown for the data source, so a variable of
 * the type `datasource` is omitted.
 */
function sceneVariable(saved: SavedVariable, datasource: DataSourceRef): SceneVariable[] {
  const { type, name, label, hide = VariableHide.dontHide, query, current, multi, includeAll, sort } = saved;
  const shared = { name, label, hide };
  switch (type) {
    case 'query': {
      const values = { isMulti: multi, includeAll, defaultToAll: includeAll };
      return [
        new QueryVariable({
          ...shared,
          ...values,
          datasource,
          query,
          sort,
          refresh: VariableRefresh.onTimeRangeChanged,
        }),
      ];
    }
    case 'custom':
      return [new CustomVariable({ ...shared, query: String(query), value: current?.value })];
    case 'textbox':
      return [new TextBoxVariable({ ...shared, value: current?.value })];
    case 'datasource':
      return [];
  }
}

function gridItem(panel: SavedPanel, datasource: DataSourceRef): SceneCSSGridItem {
  const { x, y, w, h } = panel.gridPos;
  return new SceneCSSGridItem({
    gridColumn: `${x + 1} / span ${w}`,
    gridRow: `${y + 1} / span ${h}`,
    body: vizPanel(panel, datasource),
  });
}

function vizPanel(panel: SavedPanel, datasource: DataSourceRef): VizPanel {
  const { id, type, title, description, targets, options, fieldConfig, interval, timeFrom } = panel;
  return new VizPanel({
    key: `${PANEL_KEY}${id}`,
    pluginId: type,
    title,
    description,
    options,
    fieldConfig,
    ...(timeFrom !== undefined && { $timeRange: new SceneTimeRange({ from: `now-${timeFrom}`, to: 'now' }) }),
    $data: new SceneQueryRunner({
      datasource,
      maxDataPoints: MAX_DATA_POINTS,
      ...(interval !== undefined && { minInterval: interval }),
      queries: targets,
    }),
  });
}
