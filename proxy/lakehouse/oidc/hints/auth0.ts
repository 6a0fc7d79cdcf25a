import { checkCredentials, type ProviderHint } from './hint';

/** Auth0 returns the code `access_denied` for almost every error, so the patterns match Auth0's messages. */
export const AUTH0_HINTS: readonly ProviderHint[] = [
  {
    pattern: /service not enabled within domain/i,
    code: 'provider_not_granted',
    advice: ['auth0-audience-unknown'],
  },
  {
    pattern: /client[- ]grant|not authorized to access resource server/i,
    code: 'provider_not_granted',
    advice: ['auth0-no-client-grant'],
  },
  { pattern: /has not been granted scopes/i, code: 'provider_not_granted', advice: ['scope-not-granted'] },
  { pattern: /no audience parameter/i, code: 'provider_rejected_request', advice: ['auth0-audience-required'] },
  {
    pattern: /^access_denied: unauthorized$/i,
    code: 'provider_refused',
    advice: [checkCredentials, 'auth0-compare'],
  },
  {
    pattern: /^unauthorized_client: .*unknown client|client.{0,80}\b(?:not found|does not exist)/i,
    code: 'provider_refused',
    advice: ['client-unknown'],
  },
  { pattern: /client quota exceeded/i, code: 'provider_rate_limited', advice: ['auth0-quota'] },
];
