/**
 * Who may read what a health check found. Addresses, issuers and the provider's own words are for those who set data
 * sources up; everybody else learns whether it works.
 */
import { type ErrorCode } from '../../errors/catalogue';
import { type ProxyError } from '../../errors/proxy-error';
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

/** Failures whose particulars are about the set-up: names of hosts, files and clients, and the provider's own words. */
const ABOUT_SET_UP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'settings_invalid',
  'host_not_allowed',
  'plaintext_refused',
  'file_not_allowed',
  'file_unreadable',
  'proxy_unreachable',
  'endpoint_elsewhere',
]);

/** What a failed query or resource call says to who asked: to those who may not know the set-up, one line. */
export function textFor(user: GrafanaUser | undefined, error: ProxyError): string {
  const isAboutSetUp = ABOUT_SET_UP.has(error.code) || error.code.startsWith('provider_');
  return isAboutSetUp && !mayKnowDetails(user)
    ? `${error.summary} Ask whoever administers this data source.`
    : error.userText;
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
