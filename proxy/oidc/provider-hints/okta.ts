/** Okta: custom authorization servers, and the org server that is taken for one. */
import { checkCredentials } from './client-proofs';
import { type ProviderHint } from './hint';

export const OKTA_HINTS: readonly ProviderHint[] = [
  {
    pattern: /org authorization server|custom scopes are not allowed/i,
    code: 'provider_rejected_request',
    advice:
      "Use a custom authorization server of Okta as OIDC Issuer (https://<domain>/oauth2/default): Micromegas cannot check the org server's tokens.",
  },
  {
    pattern: /configured default scopes|scopes are not configured/i,
    code: 'provider_rejected_request',
    advice: 'Enter a Scope that the authorization server of Okta defines: it needs a custom one.',
  },
  {
    pattern: /policy evaluation failed|no_matching_policy/i,
    code: 'provider_not_granted',
    advice: 'Give the authorization server of Okta an access policy with a rule that allows Client Credentials.',
  },
  {
    pattern: /'client_id' parameter/i,
    code: 'provider_refused',
    advice: 'Check Client ID: the provider does not know it.',
  },
  {
    pattern: /client secret supplied/i,
    code: 'provider_refused',
    advice: (proof) => `${checkCredentials(proof)} Compare with the credentials of the application in Okta.`,
  },
  {
    pattern: /jwkset not configured|\bkid\b.{0,20}\binvalid/i,
    code: 'provider_refused',
    advice: 'Add the public key to the application in Okta, and enter its key id (kid) in the settings.',
  },
  { pattern: /E0000007\b/, advice: 'Check the id of the authorization server in the OIDC Issuer.' },
  { pattern: /E0000047\b/, code: 'provider_rate_limited', advice: 'Wait. The proxy retries by itself.' },
];
