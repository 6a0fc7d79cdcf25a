/** Runs annotations with the data layer of `@grafana/scenes` and the real data source class. */
import { LoadingState, type PanelData } from '@grafana/data';
import { dataLayers, EmbeddedScene, SceneDataLayerSet, SceneFlexLayout, SceneTimeRange } from '@grafana/scenes';
import { filter, firstValueFrom } from 'rxjs';
import { type ResultColumn, type Dashboard, MICROMEGAS, startDashboard } from './dashboard-services';

export type Run = Dashboard & { data: PanelData };

/**
 * Runs an annotation once.
 *
 * @param saved   The fields in the JSON of the dashboard, except name and data source.
 * @param columns The result of the query.
 */
export async function runAnnotation(saved: object, columns: ResultColumn[]): Promise<Run> {
  const dashboard = startDashboard(() => columns);
  const layer = new dataLayers.AnnotationsDataLayer({
    name: 'Deployments',
    query: { name: 'Deployments', enable: true, iconColor: 'red', datasource: MICROMEGAS, ...saved },
  });
  const scene = new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: '2026-01-02T11:00:00Z', to: '2026-01-02T13:00:00Z' }),
    $data: new SceneDataLayerSet({ layers: [layer] }),
    body: new SceneFlexLayout({ children: [] }),
  });
  const result = firstValueFrom(
    layer.getResultsStream().pipe(filter(({ data }) => data.state !== LoadingState.Loading))
  );
  const deactivate = scene.activate();
  const { data } = await result;
  deactivate();
  return { ...dashboard, data };
}

/** The events that a graph shows. */
export function drawn({ data }: Run): unknown[] {
  const frame = data.series[0];
  return Array.from({ length: frame?.length ?? 0 }, (_, row) =>
    Object.fromEntries(
      (frame?.fields ?? [])
        .filter(({ name }) => ['time', 'timeEnd', 'title', 'text', 'tags', 'id'].includes(name))
        .map(({ name, values }) => [name, values[row]])
    )
  );
}
