/**
 * Who may read details about a data source. Addresses, issuers and texts of the provider are for admins, who set data sources
 * up. Everybody else learns only whether it works.
 */
import { type ProxyError } from '../errors/proxy-error';
import { personOf } from './caller';
import { type GrafanaUser } from './plugin-request';

/** By role. Visitors without a login have a role as well. The role of Grafana's background work means nothing. */
export function mayKnowDetails(user: GrafanaUser | undefined): boolean {
  if (user?.role !== 'Admin') {
    return false;
  }
  return user.login === '' || personOf(user) !== undefined;
}

/** The text of a failed query or resource call for this user. */
export function textFor(user: GrafanaUser | undefined, error: ProxyError): string {
  return mayKnowDetails(user) ? error.adminText : error.viewerText;
}
