/**
 * Runs the queries of a panel, a variable or an annotation of @grafana/scenes. Grafana has this function outside of its
 * packages: `public/app/features/query/state/runRequest.ts`.
 */
import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  toDataFrame,
} from '@grafana/data';
import { catchError, from, map, type Observable, of, startWith } from 'rxjs';

type QueryMethod = DataSourceApi['query'];

/** A query with only these fields gets the other fields from the default query of the data source. */
const FIELDS_OF_AN_EMPTY_QUERY = ['refId', 'hide', 'key', 'queryType', 'datasource'];

function responsesOf(
  source: DataSourceApi,
  request: DataQueryRequest,
  query?: QueryMethod
): Observable<DataQueryResponse> {
  request.targets = request.targets
    .map((target) =>
      Object.keys(target).every((field) => FIELDS_OF_AN_EMPTY_QUERY.includes(field))
        ? { ...source.getDefaultQuery?.(CoreApp.PanelEditor), ...target }
        : target
    )
    // If `query` is given, its caller has already decided which queries run.
    .filter((target) => query !== undefined || (source.filterQuery?.(target) ?? true));
  return request.targets.length === 0 ? of({ data: [] }) : from((query ?? source.query.bind(source))(request));
}

/** Emits the loading state first. If a query fails, the observable emits the error as data and does not fail. */
export function runRequest(
  source: DataSourceApi,
  request: DataQueryRequest,
  query?: QueryMethod
): Observable<PanelData> {
  const panelData = (state: LoadingState): PanelData => ({
    state,
    series: [],
    annotations: [],
    timeRange: request.range,
    request,
  });
  return responsesOf(source, request, query).pipe(
    map(({ data, errors = [], state }) => ({
      ...panelData(errors.length > 0 ? LoadingState.Error : (state ?? LoadingState.Done)),
      series: data.map((frame) => toDataFrame(frame)),
      errors,
      error: errors[0],
    })),
    catchError((reason: unknown) => {
      const message = reason instanceof Error ? reason.message : String(reason);
      return of({ ...panelData(LoadingState.Error), error: { message }, errors: [{ message }] });
    }),
    startWith(panelData(LoadingState.Loading))
  );
}
