/** Keycloak, whose older versions say `unauthorized_client` to a wrong secret. */
import { type ProviderHint } from './hint';

export const KEYCLOAK_HINTS: readonly ProviderHint[] = [
  {
    pattern: /not enabled to retrieve service account/i,
    code: 'provider_not_granted',
    advice: 'Switch on "Service accounts roles" for the client in Keycloak.',
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice:
      'Check Client ID and Client Secret, that the client is enabled in Keycloak, and that its client authentication is on.',
  },
  { pattern: /missing client_id parameter/i, code: 'provider_refused', advice: 'Enter the Client ID.' },
  { pattern: /realm does not exist/i, advice: 'Check Realm, which is a part of the issuer.' },
];
