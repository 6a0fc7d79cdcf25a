/**
 * Grafana's services as a dashboard has them, so that tests run the real data source class through `@grafana/scenes`.
 *
 * The parts of Grafana that are in none of its packages are rebuilt here after
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
} from '@grafana/data';
import {
  type BackendSrvRequest,
  type DataSourceSrv,
  setDataSourceSrv,
  setRunRequest,
  setTemplateSrv,
  type TemplateSrv,
} from '@grafana/runtime';
import { sceneGraph, SceneObjectBase } from '@grafana/scenes';
import { from, map, type Observable, of } from 'rxjs';
import { MicromegasDataSource } from '../datasource';
import { type MicromegasOptions, type MicromegasQuery } from '../types';
import { answerWith } from './answering-backend';

/** How panels, variables and annotations name the data source. */
export const MICROMEGAS = { type: 'micromegas-micromegas-datasource', uid: 'mm' };

const SETTINGS = {
  ...MICROMEGAS,
  id: 1,
  name: 'Micromegas',
  meta: { id: MICROMEGAS.type },
  jsonData: {},
} as Partial<DataSourceInstanceSettings<MicromegasOptions>> as DataSourceInstanceSettings<MicromegasOptions>;

export interface AnsweredColumn {
  name: string;
  type: 'time' | 'string' | 'number' | 'other';
  values: unknown[];
}

/** The columns of an answer, or the text of an error. */
export type Answer = AnsweredColumn[] | { error: string };

export interface Dashboard {
  datasource: MicromegasDataSource;
  /** The queries that reached Grafana's server, in order. */
  sent: MicromegasQuery[];
}

type FormatFunction = (...values: unknown[]) => unknown;

/** Looks variables up from the scene object that asks. */
class SceneTemplates implements TemplateSrv {
  getVariables(): [] {
    return [];
  }

  replace(text = '', scopedVars: ScopedVars = {}, format?: string | FormatFunction): string {
    const scope: unknown = scopedVars.__sceneObject?.value?.valueOf();
    if (!(scope instanceof SceneObjectBase)) {
      throw new Error('A query was sent without the scene object that it belongs to.');
    }
    return sceneGraph.interpolate(scope, text, scopedVars, format as Parameters<typeof sceneGraph.interpolate>[3]);
  }

  containsTemplate(): boolean {
    return false;
  }

  updateTimeRange(): void {}
}

const FIELDS_OF_AN_EMPTY_QUERY = ['refId', 'hide', 'key', 'queryType', 'datasource'];

/** Decides which queries are sent, and which get the defaults of the data source. */
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

function resultJson(refId: string, answer: Answer): object {
  if ('error' in answer) {
    return { status: 500, error: answer.error };
  }
  const fields = answer.map(({ name, type }) => ({ name, type }));
  const values = answer.map((column) => column.values);
  return { status: 200, frames: [{ schema: { refId, fields }, data: { values } }] };
}

/**
 * Installs the services, with the data source behind every reference.
 *
 * @param answer What the server answers to a query, as it left the browser.
 */
export function startDashboard(answer: (query: MicromegasQuery) => Answer): Dashboard {
  const sent: MicromegasQuery[] = [];
  answerWith(async ({ data }: BackendSrvRequest) => {
    const queries: MicromegasQuery[] = data.queries;
    sent.push(...queries);
    return {
      results: Object.fromEntries(queries.map((query) => [query.refId, resultJson(query.refId, answer(query))])),
    };
  });
  const templates = new SceneTemplates();
  setTemplateSrv(templates);
  const datasource = new MicromegasDataSource(SETTINGS, templates);
  setDataSourceSrv({
    get: async () => datasource as object as DataSourceApi,
    getInstanceSettings: () => SETTINGS,
    getList: () => [SETTINGS],
  } as Partial<DataSourceSrv> as DataSourceSrv);
  setRunRequest(runRequest);
  return { datasource, sent };
}
