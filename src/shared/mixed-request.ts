/**
 * Recognises the requests of Grafana's data source "Mixed". "Mixed" sends one request to each data source of a panel,
 * and shows the responses when all these requests have ended.
 */
import { type DataQueryRequest } from '@grafana/data';

/** The prefix of a request. The number differs in each request. */
const PREFIX = /^mixed-\d+-/;

/** True if Grafana waits for the last response to the request before it shows any. */
export function isMixedRequest({ requestId }: Pick<DataQueryRequest, 'requestId'>): boolean {
  return PREFIX.test(requestId);
}

/** The id of the request of the panel, without the prefix of "Mixed". */
export function panelRequestId({ requestId }: Pick<DataQueryRequest, 'requestId'>): string {
  return requestId.replace(PREFIX, '');
}
