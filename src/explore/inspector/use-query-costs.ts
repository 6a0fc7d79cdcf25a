/**
 * Fetches what the server recorded about a query. The record can be read only some seconds after the query. Until then,
 * the search is repeated, with longer and longer pauses.
 */
import { t } from '@grafana/i18n';
import { useCallback, useEffect, useState } from 'react';
import { isObject } from '../../../contract/is-object';
import { type QueryCostsPayload, type SentStatement } from '../../../contract/resources/query-costs';
import { failureMessage } from '../../shared/failure-message';

/** The part of the data source that the inspector needs. */
export interface ResourceReader {
  getResource<T>(path: string, params?: Record<string, string>, options?: { showErrorAlert: boolean }): Promise<T>;
}

export type RecordedCosts =
  | { status: 'not-sent'; sharedFrom: SentStatement['sharedFrom'] }
  | { status: 'loading' }
  /** There is no record yet, and the search will be repeated. */
  | { status: 'waiting' }
  | { status: 'failed'; message: string }
  | ({ status: 'ready' } & QueryCostsPayload);

/** Milliseconds before the second search and each later one, together about half a minute. */
const PAUSES_MS = [1000, 2000, 3000, 5000, 8000, 12_000];

function isPayload(value: unknown): value is QueryCostsPayload {
  return isObject(value) && Array.isArray(value.costs) && typeof value.hasRecords === 'boolean';
}

async function fetchCosts(datasource: ResourceReader, session: string, startedMs: number): Promise<RecordedCosts> {
  try {
    const params = { session, started: String(startedMs) };
    const payload = await datasource.getResource<unknown>('query-costs', params, { showErrorAlert: false });
    return isPayload(payload)
      ? { status: 'ready', ...payload }
      : { status: 'failed', message: t('inspector.malformed', 'The response could not be read.') };
  } catch (reason) {
    return { status: 'failed', message: failureMessage(reason) };
  }
}

/**
 * Searches until the record is found, a search fails, or all pauses have passed.
 *
 * @param report Called with the outcome of each search.
 * @returns A function that stops the search, after which `report` is not called.
 */
function searchCosts(
  datasource: ResourceReader,
  session: string,
  startedMs: number,
  report: (costs: RecordedCosts) => void
): () => void {
  let isStopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function search(earlierSearches: number): Promise<void> {
    const costs = await fetchCosts(datasource, session, startedMs);
    if (isStopped) {
      return;
    }
    const isMissing = costs.status === 'ready' && costs.costs.length === 0;
    if (isMissing && earlierSearches < PAUSES_MS.length) {
      report({ status: 'waiting' });
      timer = setTimeout(() => void search(earlierSearches + 1), PAUSES_MS[earlierSearches]);
    } else {
      report(costs);
    }
  }

  void search(0);
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/**
 * The record of a sent statement. The search starts at once, and again at each call of `searchAgain`. Without a
 * `session`, there is no search.
 */
export function useQueryCosts(datasource: ResourceReader, { session, startedMs, sharedFrom }: SentStatement) {
  const [searches, setSearches] = useState(0);
  const [found, setFound] = useState<{ key: string; costs: RecordedCosts }>();
  const key = `${searches} ${startedMs} ${session}`;
  useEffect(
    () =>
      session === undefined
        ? undefined
        : searchCosts(datasource, session, startedMs, (costs) => setFound({ key, costs })),
    [datasource, session, startedMs, key]
  );
  const searchAgain = useCallback(() => setSearches((count) => count + 1), []);
  const loading: RecordedCosts = { status: 'loading' };
  const costs: RecordedCosts =
    session === undefined ? { status: 'not-sent', sharedFrom } : found?.key === key ? found.costs : loading;
  return { costs, searchAgain };
}
