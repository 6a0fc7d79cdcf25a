/** The dashboards that the plugin includes, in the format of Grafana's files. */
import {
  type AnnotationQuery,
  type FieldConfigSource,
  type PluginMeta,
  type VariableHide,
  type VariableSort,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

/** The name of the demo's own dashboard, which has no file. */
export const DEMO = 'demo';

export interface SavedVariable {
  type: 'datasource' | 'query' | 'custom' | 'textbox';
  name: string;
  label?: string;
  hide?: VariableHide;
  query: string | DataQuery;
  current?: { value?: string };
  multi?: boolean;
  includeAll?: boolean;
  sort?: VariableSort;
}

export interface SavedPanel {
  id: number;
  type: string;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: DataQuery[];
  options?: object;
  fieldConfig: FieldConfigSource;
  /** Shortest interval, such as `1m`. */
  interval?: string;
  /** For `5m`, the panel shows the last five minutes instead of the time range of the dashboard. */
  timeFrom?: string;
}

export interface SavedDashboard {
  uid: string;
  title: string;
  time: { from: string; to: string };
  templating: { list: SavedVariable[] };
  annotations: { list?: Array<AnnotationQuery<DataQuery>> };
  panels: SavedPanel[];
}

export interface DashboardName {
  /** The name in the URL of the dashboard. */
  name: string;
  title: string;
}

/** The dashboards in the order of `plugin.json`, and the dashboard of the demo. */
export function dashboardNames({ includes = [] }: PluginMeta): DashboardName[] {
  const files = includes.filter(({ type }) => String(type) === 'dashboard');
  return [
    ...files.map(({ name, path = '' }) => ({
      name: path.replace('dashboards/', '').replace('.json', ''),
      title: name,
    })),
    { name: DEMO, title: 'Demo with filters' },
  ];
}

/** Reads a file, and replaces the variable of the data source. @throws {Error} if the server does not send the file. */
export async function readDashboard(name: string, plugin: PluginMeta, sourceUid: string): Promise<SavedDashboard> {
  const path = `/public/plugins/${plugin.id}/dashboards/${encodeURIComponent(name)}.json`;
  const response = await fetch(path);
  if (!response.ok) {
    throw new Error(`The plugin has no dashboard "${name}".`);
  }
  const json = await response.text();
  return JSON.parse(json.replaceAll('${datasource}', JSON.stringify(sourceUid).slice(1, -1)));
}
