/** Changes the SQL of a query as its model and the request ask for, before macros are expanded. */
import { type DataQuery } from './plugin-request';
import { type QueryModel } from './prepare-query';
import { type FilterDeps, type QueryStep, withFilters } from './query-filters';
import { withPage } from './query-page';
import { withVolume } from './query-volume';

/** @throws {ProxyError} of the filters, the log volume and the page. */
export async function withEdits(
  saved: QueryModel,
  query: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<QueryModel> {
  const filtered = await withFilters(saved, query, step, deps);
  return withVolume(await withPage(filtered, query, step, deps), query, step, deps);
}
