/**
 * Who may read about the set-up of a data source. Addresses, issuers and the provider's own words are for admins, who set
 * data sources up; everybody else learns whether it works.
 */
import { type ProxyError } from '../../errors/proxy-error';
import { personOf } from '../caller';
import { type CheckHealthResult, type GrafanaUser } from '../plugin-request';

/** By role, which visitors without a login have as well; Grafana's background work has one that says nothing. */
export function mayKnowDetails(user: GrafanaUser | undefined): boolean {
  if (user?.role !== 'Admin') {
    return false;
  }
  return user.login === '' || personOf(user) !== undefined;
}

/** What a failed query or resource call says to who asked. */
export function textFor(user: GrafanaUser | undefined, error: ProxyError): string {
  return mayKnowDetails(user) ? error.adminText : error.viewerText;
}

/** The result in one line. */
export function briefResult({ status, message, details: { code } }: CheckHealthResult): CheckHealthResult {
  // What failed is a sentence of the catalogue, which names nobody; what passed does name the server and the user.
  return {
    status,
    message: status === 'ok' ? 'The data source is connected, and queries run.' : message,
    details: { message: '', ...(code !== undefined && { code }), verboseMessage: '', stages: [] },
  };
}
