/**
 * What is known of identity providers before they are asked: which one an issuer belongs to, and which settings cannot
 * work with it. The settings page shows the sentences at the fields; the proxy names them in Save & Test.
 */
import { type MicromegasSettings, type OAuthProvider } from './settings';

/** Cognito has no form of its own: its access tokens lack what Micromegas needs, which is said instead. */
export type RecognisedProvider = OAuthProvider | 'cognito';

export const GOOGLE_ISSUER = 'https://accounts.google.com';

/** Hosts of Entra ID in its clouds: worldwide, US government, China; v1 tokens name the last. */
const ENTRA_HOSTS = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.windows.net',
  'sts.windows.net',
]);

const OKTA_HOST = /\.(?:okta|oktapreview|okta-emea|okta-gov|okta\.mil|trexcloud)\.(?:com|mil)$/;

function urlOf(issuer: string | undefined): URL | undefined {
  const text = issuer?.trim() ?? '';
  return URL.canParse(text) ? new URL(text) : undefined;
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
