/**
 * Decides who may read details about a data source. Only admins, who set up data sources, may read addresses, issuers
 * and messages of the identity provider. Other users see only the details of errors in their own queries.
 */
import { type ProxyError } from '../base/errors/proxy-error';
import { personOf } from './caller';
import { type GrafanaUser } from './plugin-request';

/**
 * True for people who are signed in with the role Admin. The role alone is not enough, because anonymous visitors and
 * Grafana's technical users can have this role, too.
 */
export function isSignedInAdmin(user: GrafanaUser | undefined): boolean {
  return user?.role === 'Admin' && personOf(user) !== undefined;
}

/**
 * True for people with the role Admin. This includes anonymous visitors if Grafana gives them this role. False for
 * Grafana's technical users (see caller.ts), which also have the role Admin.
 */
export function mayKnowDetails(user: GrafanaUser | undefined): boolean {
  if (user?.role !== 'Admin') {
    return false;
  }
  return user.login === '' || personOf(user) !== undefined;
}

/** The message of a failed query or resource call for this user. */
export function messageFor(user: GrafanaUser | undefined, error: ProxyError): string {
  return mayKnowDetails(user) ? error.adminMessage : error.viewerMessage;
}
