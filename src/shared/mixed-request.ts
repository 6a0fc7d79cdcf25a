/**
 * Requests of Grafana's data source "Mixed", which sends one request to each data source of a panel, and shows the
 * responses when all of its requests have ended.
 */
import { type DataQueryRequest } from '@grafana/data';

/** The number differs in each request. */
const PREFIX = /^mixed-\d+-/;

/** True if Grafana shows no response before the last one of the request. */
export function isMixedRequest({ requestId }: Pick<DataQueryRequest, 'requestId'>): boolean {
  return PREFIX.test(requestId);
}

/** The id of the request of the panel, without the prefix of "Mixed". */
export function panelRequestId({ requestId }: Pick<DataQueryRequest, 'requestId'>): string {
  return requestId.replace(PREFIX, '');
}
