/**
 * Changes the SQL of a query as the request asks for: its filters, then the count of its lines, a page of them, their order, or a step of
 * a live tail.
 */
import { type DataQuery } from './plugin-request';
import { type QueryModel } from './prepare-query';
import { type FilterDeps, type QueryStep, withFilters } from './query-filters';
import { withDirection } from './query-direction';
import { withPage } from './query-page';
import { tailRange, withTail } from './query-tail';
import { withVolume } from './query-volume';

export interface EditedQuery {
  model: QueryModel;
  /** The query with the time range of its SQL. */
  query: DataQuery;
}

/** @throws {ProxyError} The errors of `withFilters`, `withVolume`, `withPage`, `withDirection` and `withTail`. */
export async function editedQuery(
  saved: QueryModel,
  requested: DataQuery,
  step: QueryStep,
  deps: FilterDeps
): Promise<EditedQuery> {
  const query = tailRange(requested, saved, deps.now());
  const filtered = await withFilters(saved, query, step, deps);
  const counted = await withVolume(filtered, query, step, deps);
  const paged = await withPage(counted, query, step, deps);
  const ordered = await withDirection(paged.model, step, deps);
  return { model: await withTail(ordered, query, step, deps), query: paged.query };
}
