/**
 * Who may read what a health check found. Addresses, issuers and the provider's own words are for those who set data
 * sources up; everybody else learns whether it works.
 */
import { personOf } from '../caller';
import { type CheckHealthResult, type GrafanaUser } from '../plugin-request';

const DETAILED_ROLES: ReadonlySet<string> = new Set(['Admin', 'Editor']);

/** By role, which visitors without a login have as well; Grafana's background work has one that says nothing. */
export function mayKnowDetails(user: GrafanaUser | undefined): boolean {
  if (user === undefined || !DETAILED_ROLES.has(user.role)) {
    return false;
  }
  return user.login === '' || personOf(user) !== undefined;
}

/** The result in one line. */
export function briefResult({ status, message }: CheckHealthResult): CheckHealthResult {
  // What failed is a sentence of the catalogue, which names nobody; what passed does name the server and the user.
  return {
    status,
    message: status === 'ok' ? 'The data source is connected, and queries run.' : message,
    details: { message: '', verboseMessage: '', stages: [] },
  };
}
