/**
 * The services of a dashboard, so that tests run the real data source class with `@grafana/scenes`.
 *
 * Parts of Grafana that are not in its packages are reimplemented here. They follow
 * `public/app/features/query/state/runRequest.ts` and `public/app/features/templating/template_srv.ts` (12.2).
 */
import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  LoadingState,
  type PanelData,
  type ScopedVars,
  type TypedVariableModel,
} from '@grafana/data';
import {
  type BackendSrvRequest,
  type DataSourceSrv,
  isExpressionReference,
  setDataSourceSrv,
  setRunRequest,
  setTemplateSrv,
  type TemplateSrv,
} from '@grafana/runtime';
import { sceneGraph, type SceneObject, SceneObjectBase, type SceneVariableState } from '@grafana/scenes';
import { from, map, type Observable, of } from 'rxjs';
import { MicromegasDataSource } from '../datasource';
import { type MicromegasOptions, type MicromegasQuery } from '../shared/types';
import { respondWith } from './fake-backend';
import { EXPRESSION, ExpressionDataSource, MIXED, MixedDataSource } from './grafana-datasources';

/** The reference to the data source in panels, variables and annotations. */
export const MICROMEGAS = { type: 'micromegas-micromegas-datasource', uid: 'mm' };

const SETTINGS = {
  ...MICROMEGAS,
  id: 1,
  name: 'Micromegas',
  meta: { id: MICROMEGAS.type },
  jsonData: {},
} as Partial<DataSourceInstanceSettings<MicromegasOptions>> as DataSourceInstanceSettings<MicromegasOptions>;

export interface ResultColumn {
  name: string;
  type: 'time' | 'string' | 'number' | 'other';
  values: unknown[];
}

/** The columns of a result, or an error message. */
export type FakeResult = ResultColumn[] | { error: string };

export interface Dashboard {
  datasource: MicromegasDataSource;
  /** The queries that were sent to Grafana's server, in order. */
  sent: MicromegasQuery[];
  /** Opens a dashboard. The template service then lists the variables of this dashboard. */
  show(scene: SceneObject): void;
}

type FormatFunction = (...values: unknown[]) => unknown;

/** Interpolates with the variables of the scene object that sends the query. */
class SceneTemplates implements TemplateSrv {
  /** The open dashboard. */
  scene: SceneObject | undefined;

  getVariables(): TypedVariableModel[] {
    const variables = this.scene === undefined ? [] : sceneGraph.getVariables(this.scene).state.variables;
    return variables.map(({ state: { value, ...state } }: SceneObject<SceneVariableState & { value?: unknown }>) => ({
      ...state,
      current: { value },
    })) as object[] as TypedVariableModel[];
  }

  replace(template = '', scopedVars: ScopedVars = {}, format?: string | FormatFunction): string {
    const scope: unknown = scopedVars.__sceneObject?.value?.valueOf();
    if (!(scope instanceof SceneObjectBase)) {
      throw new Error('A query was sent without the scene object that it belongs to.');
    }
    return sceneGraph.interpolate(scope, template, scopedVars, format as Parameters<typeof sceneGraph.interpolate>[3]);
  }

  containsTemplate(): boolean {
    return false;
  }

  updateTimeRange(): void {}

  /** Scenes replaces this method of Grafana's template service. */
  getAdhocFilters(): [] {
    return [];
  }
}

const FIELDS_OF_AN_EMPTY_QUERY = ['refId', 'hide', 'key', 'queryType', 'datasource'];

const expressions = new ExpressionDataSource({ ...SETTINGS, ...EXPRESSION });
const mixed = new MixedDataSource({ ...SETTINGS, ...MIXED });
mixed.meta = { ...SETTINGS.meta, mixed: true };

/** The data source of a reference: one of Grafana's own data sources, or the plugin for all other references. */
function referred(datasource: DataSourceApi, ref: unknown): DataSourceApi {
  const uid = ref !== null && typeof ref === 'object' && 'uid' in ref ? ref.uid : undefined;
  return uid === MIXED.uid ? mixed : uid === EXPRESSION.uid ? expressions : datasource;
}

/**
 * Sends queries as Grafana does: adds the default query to empty queries, and filters the queries. The queries of a
 * panel with expressions are not filtered.
 *
 * @param query Sends the queries in place of the data source. With this function, the queries are not filtered.
 */
function callQueryMethod(
  datasource: DataSourceApi,
  request: DataQueryRequest,
  query?: DataSourceApi['query']
): Observable<DataQueryResponse> {
  request.targets = request.targets.map((target) =>
    Object.keys(target).every((field) => FIELDS_OF_AN_EMPTY_QUERY.includes(field))
      ? { ...datasource.getDefaultQuery?.(CoreApp.PanelEditor), ...target }
      : target
  );
  if (request.targets.some((target) => isExpressionReference(target.datasource))) {
    return expressions.query(request);
  }
  if (!query) {
    request.targets = request.targets.filter((target) => datasource.filterQuery?.(target) ?? true);
  }
  return request.targets.length === 0 ? of({ data: [] }) : from((query ?? datasource.query.bind(datasource))(request));
}

function runRequest(
  datasource: DataSourceApi,
  request: DataQueryRequest,
  query?: DataSourceApi['query']
): Observable<PanelData> {
  return callQueryMethod(datasource, request, query).pipe(
    map(({ data, errors = [] }) => ({
      state: errors.length > 0 ? LoadingState.Error : LoadingState.Done,
      series: data,
      timeRange: request.range,
      request,
      errors,
      error: errors[0],
    }))
  );
}

function resultJson(refId: string, result: FakeResult): object {
  if ('error' in result) {
    return { status: 500, error: result.error };
  }
  const fields = result.map(({ name, type }) => ({ name, type }));
  const values = result.map((column) => column.values);
  return { status: 200, frames: [{ schema: { refId, fields }, data: { values } }] };
}

/**
 * Installs the services. References to `MIXED` and `EXPRESSION` resolve to Grafana's data sources, all others to the
 * data source of the plugin.
 *
 * @param resultOf Returns the result of a query that was sent.
 */
export function startDashboard(resultOf: (query: MicromegasQuery) => FakeResult): Dashboard {
  const sent: MicromegasQuery[] = [];
  respondWith(async ({ data }: BackendSrvRequest) => {
    const queries: MicromegasQuery[] = data.queries;
    sent.push(...queries);
    return {
      results: Object.fromEntries(queries.map((query) => [query.refId, resultJson(query.refId, resultOf(query))])),
    };
  });
  const templates = new SceneTemplates();
  setTemplateSrv(templates);
  const datasource = new MicromegasDataSource(SETTINGS, templates);
  setDataSourceSrv({
    get: async (ref) => referred(datasource as object as DataSourceApi, ref),
    getInstanceSettings: () => SETTINGS,
    getList: () => [SETTINGS],
  } as Partial<DataSourceSrv> as DataSourceSrv);
  setRunRequest(runRequest);
  const show = (scene: SceneObject) => void (templates.scene = scene);
  return { datasource, sent, show };
}
