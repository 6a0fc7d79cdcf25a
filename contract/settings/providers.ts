/**
 * Recognises identity providers by their issuer, and converts the fields of their settings forms to settings and back.
 * `provider-problems.ts` finds settings that cannot work with a provider.
 */
import { choiceOf } from './choices';
import { type MicromegasSettings, type OAuthProvider } from './settings';

/**
 * An identity provider that has a settings form, or Cognito. For Cognito, the settings page shows a warning instead of
 * a form, because access tokens of Cognito have no audience by default.
 */
export type RecognisedProvider = OAuthProvider | 'cognito';

export const GOOGLE_ISSUER = 'https://accounts.google.com';

/** Host of the issuer in v1 tokens of Entra ID. */
export const ENTRA_V1_HOST = 'sts.windows.net';

/** Hosts of Entra ID in its clouds: worldwide, US government, China. */
const ENTRA_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.windows.net',
  ENTRA_V1_HOST,
]);

const OKTA_HOST = /\.(?:okta|oktapreview|okta-emea|okta-gov|trexcloud)\.(?:com|mil)$/;

/** The parsed URL. Undefined for a string that is not a URL. */
export function urlOf(issuer: string | undefined): URL | undefined {
  const trimmed = issuer?.trim() ?? '';
  try {
    return new URL(trimmed);
  } catch {
    // The oldest browsers that Grafana supports do not have `URL.canParse`.
    return undefined;
  }
}

/** The provider of an issuer, by its host and path. `other` for an unknown issuer. */
export function recogniseProvider(issuer: string | undefined): RecognisedProvider {
  const url = urlOf(issuer);
  if (url === undefined) {
    return 'other';
  }
  const { hostname, pathname } = url;
  if (hostname === 'accounts.google.com') {
    return 'google';
  }
  if (ENTRA_HOSTS.has(hostname)) {
    return 'entra';
  }
  if (hostname.endsWith('.auth0.com')) {
    return 'auth0';
  }
  if (OKTA_HOST.test(hostname)) {
    return 'okta';
  }
  if (/^cognito-idp\.[a-z0-9-]+\.amazonaws\.com$/.test(hostname)) {
    return 'cognito';
  }
  return /\/realms\/[^/]+\/?$/.test(pathname) ? 'keycloak' : 'other';
}

/**
 * The provider of a data source: the provider of its issuer, or else the provider selected in the settings. Default:
 * `other`.
 */
export function providerOf({ oauthIssuer, oauthProvider }: MicromegasSettings): RecognisedProvider {
  const recognised = recogniseProvider(oauthIssuer);
  return recognised === 'other' ? (choiceOf('oauthProvider', oauthProvider) ?? 'other') : recognised;
}

/**
 * The ID or domain of the tenant in an issuer of Entra ID. Undefined if the issuer names no tenant, or belongs to
 * another provider.
 */
export function tenantOf(issuer: string | undefined): string | undefined {
  const url = urlOf(issuer);
  if (url === undefined || !ENTRA_HOSTS.has(url.hostname)) {
    return undefined;
  }
  const [tenant = ''] = url.pathname.split('/').filter((part) => part !== '');
  return tenant === '' || /^v\d/.test(tenant) ? undefined : tenant;
}

/**
 * The issuer of a tenant's v2 tokens. Empty if the tenant is empty.
 *
 * @param host Host of the cloud, for example `login.microsoftonline.us`.
 */
export function entraIssuer(tenant: string, host = 'login.microsoftonline.com'): string {
  return tenant.trim() === '' ? '' : `https://${host}/${tenant.trim()}/v2.0`;
}

/** The end of an Entra ID scope that requests all permissions of an application. */
export const DEFAULT_SCOPE = '/.default';

/**
 * The scope of the client credentials grant at Entra ID.
 *
 * @param application The API, named by its application ID or its Application ID URI.
 */
export function entraScope(application: string): string {
  const trimmed = application.trim();
  return trimmed === '' || trimmed.toLowerCase().endsWith(DEFAULT_SCOPE) ? trimmed : `${trimmed}${DEFAULT_SCOPE}`;
}

/** The application of a scope: the inverse of `entraScope`. */
export function applicationOf(scope: string | undefined): string {
  const trimmed = scope?.trim() ?? '';
  return trimmed.toLowerCase().endsWith(DEFAULT_SCOPE) ? trimmed.slice(0, -DEFAULT_SCOPE.length) : trimmed;
}

/** The issuer of an Auth0 tenant, which ends in a slash. @param domain A domain or a URL. */
export function auth0Issuer(domain: string): string {
  const host = domain
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/(?<!\/)\/+$/, '');
  return host === '' ? '' : `https://${host}/`;
}
