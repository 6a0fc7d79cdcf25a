import {
  ASSERTIONS,
  checkCredentials,
  copyKeycloakSecret,
  renewAssertion,
  SECRETS,
  useAlgorithm,
  useMethod,
  type ProviderHint,
} from './hint';

/**
 * Keycloak names the authenticator that is set for the client, whatever proof was sent. The texts are those of version
 * 26.5.6, collected by sending each proof to a client of each authenticator.
 */
export const KEYCLOAK_HINTS: readonly ProviderHint[] = [
  {
    pattern: /not enabled to retrieve service account/i,
    code: 'provider_not_granted',
    advice: ['keycloak-service-account-off'],
  },
  {
    pattern: /public client not allowed to retrieve service account/i,
    code: 'provider_not_granted',
    advice: ['keycloak-public-client'],
  },
  {
    pattern: /^invalid_request: user '.{1,300}' disabled/i,
    code: 'provider_not_granted',
    advice: ['keycloak-user-disabled'],
  },
  { pattern: /realm not enabled/i, code: 'provider_not_granted', advice: ['keycloak-realm-disabled'] },
  {
    pattern: /client_assertion_type is missing|client_assertion parameter missing/i,
    ...useMethod('signed-jwt'),
    proofs: SECRETS,
  },
  { pattern: /token reuse detected/i, code: 'provider_refused', advice: [renewAssertion], proofs: ASSERTIONS },
  { pattern: /invalid signature algorithm/i, code: 'provider_algorithm', advice: [useAlgorithm], proofs: ASSERTIONS },
  { pattern: /unable to load public key/i, ...useMethod('private-key'), proofs: ['secret-jwt'] },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice: ['keycloak-key-unknown'],
    proofs: ['private-key'],
  },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice: ['keycloak-no-keys'],
    proofs: ['private-key'],
  },
  {
    pattern: /client secret signed jwt failed/i,
    ...useMethod('secret-jwt'),
    proofs: ['private-key', 'assertion-file'],
  },
  { pattern: /authentication with signed jwt failed/i, ...useMethod('private-key'), proofs: ['secret-jwt'] },
  {
    pattern: /authentication with (?:client secret )?signed jwt failed/i,
    code: 'provider_refused',
    advice: [checkCredentials],
    proofs: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: (?:invalid client or invalid client credentials|client secret not provided)/i,
    ...useMethod('secret'),
    proofs: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: [copyKeycloakSecret],
    proofs: SECRETS,
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: ['keycloak-client-unknown'],
    more: ['keycloak-secret-too', checkCredentials],
    proofs: SECRETS,
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: ['keycloak-client-unknown'],
  },
  { pattern: /missing client_id parameter/i, code: 'provider_refused', advice: ['client-id-empty'] },
  { pattern: /realm does not exist/i, advice: ['keycloak-realm-unknown'] },
  { pattern: /^invalid_request: https required/i, advice: ['keycloak-https-required'] },
  { pattern: /matching target resource method/i, url: /\/auth\/realms\//, advice: ['keycloak-old-path'] },
  { pattern: /matching target resource method/i, url: /\/realms\//, advice: ['keycloak-other-path'] },
  { pattern: /matching target resource method/i, advice: ['keycloak-realm-missing'] },
];
