/** Builds a dashboard. Adds the variable for the data source, and the links to the other dashboards. */
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { type Builder } from '@grafana/grafana-foundation-sdk/cog';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type PlacedPanel } from './panels';
import { dataSource, IMPORTED_DATA_SOURCE, type Variable } from './variables';

/** The newest version of the format that Grafana 12.2 reads. The SDK would write a later version. */
const SCHEMA_VERSION = 41;
/** Each dashboard links to the other dashboards with this tag. */
const TAG = 'micromegas';
/** Columns of the grid. */
const GRID_WIDTH = 24;

/** Panels beside each other. A panel without a width gets `GRID_WIDTH / panels.length`. */
export interface Row {
  /** In rows of the grid, which are 38 pixels high. */
  height: number;
  panels: ReadonlyArray<PlacedPanel | { panel: PlacedPanel; width: number }>;
}

export interface DashboardOptions {
  /** Never changes: links and imports depend on it. */
  uid: string;
  /** Never changes: Grafana finds the imported dashboard by its title. */
  title: string;
  description: string;
  /**
   * Raise the revision with each change: if an imported dashboard has a lower revision, Grafana offers to update it.
   */
  revision: number;
  /** Start of the time range. Default: `now-6h`. */
  from?: string;
  variables: readonly Variable[];
  annotations?: ReadonlyArray<Builder<AnnotationQuery>>;
  rows: readonly Row[];
}

/** A dashboard with a placeholder for the data source, which Grafana replaces when it imports the file. */
export interface ImportableDashboard extends Dashboard {
  __inputs: ReadonlyArray<
    Readonly<Record<'name' | 'label' | 'description' | 'type' | 'pluginId' | 'pluginName', string>>
  >;
}

const INPUT = {
  name: IMPORTED_DATA_SOURCE,
  label: 'Micromegas',
  description: '',
  type: 'datasource',
  pluginId: PLUGIN_ID,
  pluginName: 'Micromegas',
};

export function dashboard(options: DashboardOptions): ImportableDashboard {
  const { uid, title, description, revision, from = 'now-6h', variables, annotations = [], rows } = options;
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .revision(revision)
    .tags([TAG])
    .timezone('browser')
    .time({ from, to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('')
    .link(
      new DashboardLinkBuilder('Micromegas')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true)
    )
    .annotations([...annotations])
    .variables([dataSource(), ...variables]);
  place(builder, rows);
  return { __inputs: [INPUT], ...builder.build(), schemaVersion: SCHEMA_VERSION };
}

function place(builder: DashboardBuilder, rows: readonly Row[]): void {
  let [id, y] = [1, 0];
  for (const { height, panels } of rows) {
    let x = 0;
    for (const placed of panels) {
      const { panel, width } = 'panel' in placed ? placed : { panel: placed, width: GRID_WIDTH / panels.length };
      builder.withPanel(panel.id(id).gridPos({ x, y, w: width, h: height }));
      id += 1;
      x += width;
    }
    y += height;
  }
}
