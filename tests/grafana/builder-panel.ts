/** Makes a dashboard panel with a query of the builder. */
import { type DataSourceSettings } from '@grafana/plugin-e2e';
import { builderQuery } from '../../contract/builder/builder-sql';
import { type BuilderState } from '../../contract/builder/builder-state';

/** The query that the builder saves for a state. */
export function builtModel(state: BuilderState): object {
  const { sql, ...options } = builderQuery(state);
  return { refId: 'A', version: 2, rawEditor: false, builder: state, query: sql, ...options };
}

/** A time series panel with the id 1. */
export function builtPanel({ uid, type }: DataSourceSettings, title: string, state: BuilderState): object {
  return {
    id: 1,
    type: 'timeseries',
    title,
    gridPos: { x: 0, y: 0, w: 24, h: 12 },
    datasource: { uid, type },
    targets: [builtModel(state)],
  };
}
