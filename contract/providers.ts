/**
 * What is known of identity providers before they are asked: which one an issuer belongs to, and which settings follow
 * from which. What cannot work with a provider is in `provider-problems.ts`.
 */
import { type MicromegasSettings, type OAuthProvider } from './settings';

/** Cognito has no form of its own: its access tokens as they come lack what Micromegas needs, which is said instead. */
export type RecognisedProvider = OAuthProvider | 'cognito';

export const GOOGLE_ISSUER = 'https://accounts.google.com';

/** Host that v1 tokens of Entra ID name. */
export const ENTRA_V1_HOST = 'sts.windows.net';

/** Hosts of Entra ID in its clouds: worldwide, US government, China. */
const ENTRA_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.windows.net',
  ENTRA_V1_HOST,
]);

const OKTA_HOST = /\.(?:okta|oktapreview|okta-emea|okta-gov|okta\.mil|trexcloud)\.(?:com|mil)$/;

/** Undefined for what is no URL. */
export function urlOf(issuer: string | undefined): URL | undefined {
  const text = issuer?.trim() ?? '';
  try {
    return new URL(text);
  } catch {
    // `URL.canParse` is younger than the oldest browsers that Grafana runs in.
    return undefined;
  }
}

/** The provider that an issuer belongs to, by its host and path. `other` when nothing tells. */
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

/** The provider of a data source: the one that its issuer shows, else the one that the form was set to. */
export function providerOf({ oauthIssuer, oauthProvider }: MicromegasSettings): RecognisedProvider {
  const recognised = recogniseProvider(oauthIssuer);
  return recognised === 'other' ? (oauthProvider ?? 'other') : recognised;
}

/** The id or domain of a tenant in an issuer of Entra ID; undefined for other issuers, and when there is none in it. */
export function tenantOf(issuer: string | undefined): string | undefined {
  const url = urlOf(issuer);
  if (url === undefined || !ENTRA_HOSTS.has(url.hostname)) {
    return undefined;
  }
  const [tenant = ''] = url.pathname.split('/').filter((part) => part !== '');
  return tenant === '' || /^v\d/.test(tenant) ? undefined : tenant;
}

/** The issuer of a tenant's v2 tokens. @param host Of the cloud, for example `login.microsoftonline.us`. */
export function entraIssuer(tenant: string, host = 'login.microsoftonline.com'): string {
  return tenant.trim() === '' ? '' : `https://${host}/${tenant.trim()}/v2.0`;
}

/** How a scope ends that asks Entra ID for what the application may do. */
export const DEFAULT_SCOPE = '/.default';

/** The one scope of the client credentials grant at Entra ID. @param application Id or Application ID URI of the API. */
export function entraScope(application: string): string {
  const text = application.trim();
  return text === '' || text.toLowerCase().endsWith(DEFAULT_SCOPE) ? text : `${text}${DEFAULT_SCOPE}`;
}

/** The application of a scope: the way back from `entraScope`. */
export function applicationOf(scope: string | undefined): string {
  const text = scope?.trim() ?? '';
  return text.toLowerCase().endsWith(DEFAULT_SCOPE) ? text.slice(0, -DEFAULT_SCOPE.length) : text;
}

/** The issuer of an Auth0 tenant, which ends in a slash. @param domain Also a whole URL. */
export function auth0Issuer(domain: string): string {
  const host = domain
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/(?<!\/)\/+$/, '');
  return host === '' ? '' : `https://${host}/`;
}
