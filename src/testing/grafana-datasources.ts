/**
 * For tests: copies of Grafana's data sources that send the queries of other data sources (`MixedDataSource.ts` and
 * `ExpressionDatasource.ts` of Grafana 12.2). `MixedDataSource` calls only `query` of those data sources, and not
 * `filterQuery`. `ExpressionDataSource` calls neither of them.
 */
import { DataSourceApi, type DataQueryRequest, type DataQueryResponse } from '@grafana/data';
import { DataSourceWithBackend, getDataSourceSrv } from '@grafana/runtime';
import { type DataQuery } from '@grafana/schema';
import { forkJoin, from, map, mergeMap, type Observable } from 'rxjs';

export const MIXED = { type: 'datasource', uid: '-- Mixed --' };
export const EXPRESSION = { type: '__expr__', uid: '__expr__' };

/** Sends the queries of each data source to its method `query`. */
export class MixedDataSource extends DataSourceApi {
  query(request: DataQueryRequest): Observable<DataQueryResponse> {
    const batches = Object.values(Object.groupBy(request.targets, ({ datasource }) => datasource?.uid ?? ''));
    const results = batches.map((targets = []) =>
      from(getDataSourceSrv().get(targets[0]?.datasource)).pipe(
        mergeMap((datasource) => from(datasource.query({ ...request, targets })))
      )
    );
    return forkJoin(results).pipe(map((responses) => ({ data: responses.flatMap(({ data }) => data) })));
  }

  async testDatasource(): Promise<never> {
    throw new Error('Grafana does not test this data source.');
  }
}

/**
 * Sends the queries of a panel with expressions to the server. Before, the data source of each query interpolates the
 * query.
 */
export class ExpressionDataSource extends DataSourceWithBackend {
  override query(request: DataQueryRequest): Observable<DataQueryResponse> {
    const targets = request.targets.map(async (query): Promise<DataQuery> => {
      const datasource = await getDataSourceSrv().get(query.datasource);
      const interpolated = datasource.interpolateVariablesInQueries?.([query], request.scopedVars, request.filters);
      return interpolated?.[0] ?? query;
    });
    return from(Promise.all(targets)).pipe(mergeMap((sent) => super.query({ ...request, targets: sent })));
  }
}
