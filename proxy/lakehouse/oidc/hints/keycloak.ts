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
 * Advice for the errors of Keycloak. Its messages name the authenticator that is configured for the client, not the
 * method that the client used. They were collected from version 26.5.6: each method of client authentication was tried
 * with a client of each authenticator.
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
    methods: SECRETS,
  },
  { pattern: /token reuse detected/i, code: 'provider_refused', advice: [renewAssertion], methods: ASSERTIONS },
  { pattern: /invalid signature algorithm/i, code: 'provider_algorithm', advice: [useAlgorithm], methods: ASSERTIONS },
  { pattern: /unable to load public key/i, ...useMethod('private-key'), methods: ['secret-jwt'] },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice: ['keycloak-key-unknown'],
    methods: ['private-key'],
  },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice: ['keycloak-no-keys'],
    methods: ['private-key'],
  },
  {
    pattern: /client secret signed jwt failed/i,
    ...useMethod('secret-jwt'),
    methods: ['private-key', 'assertion-file'],
  },
  { pattern: /authentication with signed jwt failed/i, ...useMethod('private-key'), methods: ['secret-jwt'] },
  {
    pattern: /authentication with (?:client secret )?signed jwt failed/i,
    code: 'provider_refused',
    advice: [checkCredentials],
    methods: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: (?:invalid client or invalid client credentials|client secret not provided)/i,
    ...useMethod('secret'),
    methods: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: [copyKeycloakSecret],
    methods: SECRETS,
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: ['keycloak-client-unknown'],
    more: ['keycloak-secret-too', checkCredentials],
    methods: SECRETS,
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
