/** Fetches what the server recorded about a query. The record can be read only some seconds after the query. */
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
  | { status: 'failed'; message: string }
  | ({ status: 'ready' } & QueryCostsPayload);

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
 * The record of a sent statement, which is fetched at once, and again at each call of `searchAgain`. Nothing is fetched
 * without a `session`.
 */
export function useQueryCosts(datasource: ResourceReader, { session, startedMs, sharedFrom }: SentStatement) {
  const [search, setSearch] = useState(0);
  const [found, setFound] = useState<{ key: string; costs: RecordedCosts }>();
  const key = `${search} ${startedMs} ${session}`;
  useEffect(() => {
    let isCurrent = true;
    if (session !== undefined) {
      void fetchCosts(datasource, session, startedMs).then((costs) => isCurrent && setFound({ key, costs }));
    }
    return () => {
      isCurrent = false;
    };
  }, [datasource, session, startedMs, key]);
  const searchAgain = useCallback(() => setSearch((count) => count + 1), []);
  const loading: RecordedCosts = { status: 'loading' };
  const costs: RecordedCosts =
    session === undefined ? { status: 'not-sent', sharedFrom } : found?.key === key ? found.costs : loading;
  return { costs, searchAgain };
}
