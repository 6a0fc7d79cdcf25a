/**
 * Fetches the audit record of the query that a check sends. The record proves which identity the server recorded. The
 * record can be read after the server has sent its telemetry, some seconds after the check. Until then, the page
 * retries with growing pauses.
 */
import { t } from '@grafana/i18n';
import { getBackendSrv } from '@grafana/runtime';
import { useEffect, useState } from 'react';
import { type WhoAmI } from '../../../contract/resources/health';
import { type Message } from '../../../contract/messages/message';
import { type WhoAmIPayload } from '../../../contract/resources/resources';
import { failureMessage } from '../../shared/failure-message';
import { savedSourceRequest } from '../saved-source-request';

export type AuditRecord =
  /** There is nothing to fetch. */
  | { status: 'none' }
  | { status: 'waiting' }
  | { status: 'found'; whoAmI: WhoAmI; warnings: readonly Message[] }
  /** The record did not appear. `hasRecords`: there are audit records of other queries. */
  | { status: 'missing'; hasRecords: boolean }
  | { status: 'unreadable'; message: string };

/** Milliseconds before each request, together about a minute. */
const PAUSES_MS = [500, 1000, 1000, 1500, 2000, 3000, 5000, 8000, 13_000, 21_000];

function isPayload(value: unknown): value is WhoAmIPayload {
  return (
    value !== null &&
    typeof value === 'object' &&
    'status' in value &&
    (value.status === 'pending' || (value.status === 'found' && 'whoAmI' in value && 'warnings' in value))
  );
}

/**
 * Retries until the record is found, a request fails, or all pauses have passed.
 *
 * @param report Called once with the outcome.
 * @returns A function that stops the retries, after which `report` is not called.
 */
function fetchRecord(uid: string, checkId: string, report: (record: AuditRecord) => void): () => void {
  let end: () => void = () => undefined;
  const request = savedSourceRequest(uid, 'resources/who-am-i', { check: checkId });

  function onResponse(payload: unknown, requestCount: number): void {
    if (!isPayload(payload)) {
      report({ status: 'unreadable', message: t('config.check.record-malformed', 'The response could not be read.') });
    } else if (payload.status === 'found') {
      report({ status: 'found', whoAmI: payload.whoAmI, warnings: payload.warnings });
    } else if (requestCount === PAUSES_MS.length) {
      report({ status: 'missing', hasRecords: payload.hasRecords });
    } else {
      requestAfterPause(requestCount);
    }
  }

  function requestAfterPause(requestCount: number): void {
    const timer = setTimeout(() => {
      const subscription = getBackendSrv()
        .fetch<unknown>(request)
        .subscribe({
          next: ({ data }) => onResponse(data, requestCount + 1),
          error: (reason: unknown) => report({ status: 'unreadable', message: failureMessage(reason) }),
        });
      end = () => subscription.unsubscribe();
    }, PAUSES_MS[requestCount]);
    end = () => clearTimeout(timer);
  }

  requestAfterPause(0);
  return () => end();
}

/**
 * The audit record of the query that a check sent. Requests the record until it is found, for about a minute at most.
 *
 * @param checkId Id of the check. Undefined when the record cannot be fetched.
 */
export function useAuditRecord(uid: string, checkId: string | undefined): AuditRecord {
  const [outcome, setOutcome] = useState<{ checkId: string; record: AuditRecord }>();
  useEffect(
    () => (checkId === undefined ? undefined : fetchRecord(uid, checkId, (record) => setOutcome({ checkId, record }))),
    [uid, checkId]
  );
  if (checkId === undefined) {
    return { status: 'none' };
  }
  return outcome?.checkId === checkId ? outcome.record : { status: 'waiting' };
}
