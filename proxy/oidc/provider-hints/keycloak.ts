/**
 * Keycloak. It refuses a client in the words of the authenticator that is set for it, whatever was sent: taken from a
 * real 26.5.6 by sending each proof to a client of each authenticator.
 */
import { checkCredentials, useAlgorithm, useMethod } from './client-proofs';
import { ASSERTIONS, type ProviderHint, SECRETS } from './hint';

export const KEYCLOAK_HINTS: readonly ProviderHint[] = [
  {
    pattern: /not enabled to retrieve service account/i,
    code: 'provider_not_granted',
    advice: 'Switch on "Service account roles" for the client in Keycloak.',
  },
  {
    pattern: /public client not allowed to retrieve service account/i,
    code: 'provider_not_granted',
    advice: 'Switch on "Client authentication" and "Service account roles" for the client in Keycloak.',
  },
  {
    pattern: /client_assertion_type is missing|client_assertion parameter missing/i,
    code: 'provider_client_method',
    advice: useMethod('signed-jwt'),
    proofs: SECRETS,
  },
  { pattern: /invalid signature algorithm/i, code: 'provider_algorithm', advice: useAlgorithm, proofs: ASSERTIONS },
  {
    pattern: /unable to load public key/i,
    code: 'provider_client_method',
    advice: useMethod('private-key'),
    proofs: ['secret-jwt'],
  },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice:
      'Empty Key ID, or enter the kid of the key that Keycloak shows on the tab Keys of the client. Private Key must be its private half.',
    proofs: ['private-key'],
  },
  {
    pattern: /client secret signed jwt failed/i,
    code: 'provider_client_method',
    advice: useMethod('secret-jwt'),
    proofs: ['private-key', 'assertion-file'],
  },
  {
    pattern: /authentication with (?:client secret )?signed jwt failed/i,
    code: 'provider_refused',
    advice: checkCredentials,
    proofs: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: (?:invalid client or invalid client credentials|client secret not provided)/i,
    code: 'provider_client_method',
    advice: useMethod('secret'),
    proofs: ASSERTIONS,
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: (proof) =>
      `${checkCredentials(proof)} The client must be enabled in Keycloak, and its client authentication switched on.`,
  },
  { pattern: /missing client_id parameter/i, code: 'provider_refused', advice: 'Enter the Client ID.' },
  { pattern: /realm does not exist/i, advice: 'Check Realm, which is a part of the issuer.' },
];
