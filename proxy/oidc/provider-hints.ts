/**
 * What to do about errors that identity providers report in ways of their own. A provider may change its texts, so only
 * the code and the advice of a failure depend on this table. The text of the provider is always shown in addition.
 */
import { message, type Message, type PlainCode } from '../../contract/messages/message';
import { type ErrorCode } from '../errors/catalogue';
import { type ProofInUse, type ProofKind } from './client-credentials';

/**
 * The code of a message, or a function that returns the message for the client's proof of identity, so that advice
 * names only fields that are in use.
 */
type Advice = PlainCode | ((proof: ProofInUse) => Message);

interface ProviderHint {
  /** Searched in `<error>: <description>`. */
  readonly pattern: RegExp;
  /** Code of the failure, where the provider's `error` and the status do not determine the code. */
  readonly code?: ErrorCode;
  readonly advice: readonly Advice[];
  /**
   * The hint applies to these proofs only: with other proofs, the same text has another meaning. Missing: it applies to
   * every request.
   */
  readonly proofs?: readonly ProofKind[];
}

/** Proofs that send an assertion. */
const ASSERTIONS = ['private-key', 'secret-jwt', 'assertion-file', 'google-key'] as const;
/** Proofs that send the secret itself. */
const SECRETS = ['secret', 'secret-file'] as const;

const CHECKS = {
  secret: 'check-secret',
  'secret-file': 'check-secret-file',
  'secret-jwt': 'check-secret',
  'private-key': 'check-private-key',
  'assertion-file': 'check-assertion-file',
  'google-key': 'check-google-key',
} as const satisfies Readonly<Record<ProofKind, PlainCode>>;

/** Which fields to check after the provider rejected the client. */
export function checkCredentials({ kind }: ProofInUse): Message {
  return message(CHECKS[kind]);
}

/** The methods that a client can be set to at its provider. `signed-jwt`: the provider does not say which key signs. */
type ClientMethod = 'secret' | 'private-key' | 'secret-jwt' | 'signed-jwt';

/** Advice for a client that is set to another method than the data source uses. */
function useMethod(method: ClientMethod): (proof: ProofInUse) => Message {
  return ({ kind }) =>
    message('use-method', {
      method: message(`method-${method}`),
      proof: message(`proof-${kind}`),
      choice: message(`select-${method}`),
    });
}

/** Advice for a client whose assertions must be signed with another algorithm. */
function useAlgorithm({ kind, algorithm }: ProofInUse): Message {
  return kind === 'assertion-file' || algorithm === undefined
    ? message('use-algorithm-in-file')
    : message('use-algorithm', { algorithm });
}

/** Advice for an assertion that has expired or is not valid yet. */
function checkClock({ kind }: ProofInUse): Message {
  return message(kind === 'assertion-file' ? 'renew-assertion-file' : 'set-clock');
}

/** The numbers (AADSTS…) are the only specific part of Entra ID's texts. */
const ENTRA: readonly ProviderHint[] = [
  { pattern: /AADSTS7000215\b/, advice: ['entra-secret-id'] },
  { pattern: /AADSTS7000222\b/, advice: ['entra-secret-expired'] },
  { pattern: /AADSTS7000218\b/, advice: ['entra-proof-missing'] },
  { pattern: /AADSTS700016\b/, code: 'provider_refused', advice: ['entra-application-unknown'] },
  { pattern: /AADSTS7000112\b/, code: 'provider_not_granted', advice: ['entra-application-disabled'] },
  { pattern: /AADSTS7000229\b/, code: 'provider_not_granted', advice: ['entra-no-service-principal'] },
  { pattern: /AADSTS(?:90002|900023)\b/, advice: ['entra-tenant-unknown'] },
  { pattern: /AADSTS(?:90038|900382|900432)\b/, advice: ['entra-other-cloud'] },
  {
    pattern: /AADSTS(?:1002012|70011|700022|900144|90014)\b/,
    code: 'provider_rejected_request',
    advice: ['entra-scope-invalid'],
  },
  {
    pattern: /AADSTS901002\b/,
    code: 'provider_rejected_request',
    advice: ['entra-resource-parameter', 'entra-scope-invalid'],
  },
  { pattern: /AADSTS500011\b/, code: 'provider_rejected_request', advice: ['entra-resource-unknown'] },
  { pattern: /AADSTS501051\b/, code: 'provider_not_granted', advice: ['entra-assignment-required'] },
  { pattern: /AADSTS700024\b/, code: 'provider_clock', advice: [checkClock] },
  { pattern: /AADSTS700027\b/, advice: ['entra-certificate-unknown'] },
  {
    pattern: /AADSTS(?:70021|700211|700212|700213)\b/,
    advice: ['entra-no-federated-credential'],
    proofs: ['assertion-file'],
  },
  { pattern: /AADSTS(?:70021|700211|700212|700213)\b/, advice: [checkCredentials] },
  { pattern: /AADSTS90055\b/, code: 'provider_rate_limited', advice: ['wait-for-retry'] },
];

/** Errors of Okta's custom authorization servers, and of its org server, which some users enter by mistake. */
const OKTA: readonly ProviderHint[] = [
  {
    pattern: /org authorization server|custom scopes are not allowed/i,
    code: 'provider_rejected_request',
    advice: ['okta-use-custom-server'],
  },
  {
    pattern: /configured default scopes|scopes are not configured/i,
    code: 'provider_rejected_request',
    advice: ['okta-scope-required'],
  },
  { pattern: /policy evaluation failed|no_matching_policy/i, code: 'provider_not_granted', advice: ['okta-no-policy'] },
  { pattern: /'client_id' parameter/i, code: 'provider_refused', advice: ['client-unknown'] },
  { pattern: /client secret supplied/i, code: 'provider_refused', advice: [checkCredentials, 'okta-compare'] },
  {
    pattern: /jwkset not configured|\bkid\b.{0,20}\binvalid/i,
    code: 'provider_refused',
    advice: ['okta-key-unknown'],
  },
  { pattern: /E0000007\b/, advice: ['okta-server-unknown'] },
  { pattern: /E0000047\b/, code: 'provider_rate_limited', advice: ['wait-for-retry'] },
];

/**
 * Keycloak names the authenticator that is set for the client, whatever proof was sent. The texts are those of version
 * 26.5.6, collected by sending each proof to a client of each authenticator.
 */
const KEYCLOAK: readonly ProviderHint[] = [
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
    pattern: /client_assertion_type is missing|client_assertion parameter missing/i,
    code: 'provider_client_method',
    advice: [useMethod('signed-jwt')],
    proofs: SECRETS,
  },
  { pattern: /invalid signature algorithm/i, code: 'provider_algorithm', advice: [useAlgorithm], proofs: ASSERTIONS },
  {
    pattern: /unable to load public key/i,
    code: 'provider_client_method',
    advice: [useMethod('private-key')],
    proofs: ['secret-jwt'],
  },
  {
    pattern: /unable to load public key/i,
    code: 'provider_refused',
    advice: ['keycloak-key-unknown'],
    proofs: ['private-key'],
  },
  {
    pattern: /client secret signed jwt failed/i,
    code: 'provider_client_method',
    advice: [useMethod('secret-jwt')],
    proofs: ['private-key', 'assertion-file'],
  },
  {
    pattern: /authentication with (?:client secret )?signed jwt failed/i,
    code: 'provider_refused',
    advice: [checkCredentials],
    proofs: ASSERTIONS,
  },
  {
    pattern: /^unauthorized_client: (?:invalid client or invalid client credentials|client secret not provided)/i,
    code: 'provider_client_method',
    advice: [useMethod('secret')],
    proofs: ASSERTIONS,
  },
  {
    pattern: /invalid client or invalid client credentials/i,
    code: 'provider_refused',
    advice: [checkCredentials, 'keycloak-client-disabled'],
  },
  { pattern: /missing client_id parameter/i, code: 'provider_refused', advice: ['client-id-empty'] },
  { pattern: /realm does not exist/i, advice: ['keycloak-realm-unknown'] },
];

/** Ory Hydra and other servers built on fosite. Their texts name the method or algorithm that the client is set to. */
const HYDRA: readonly ProviderHint[] = [
  {
    pattern: /requested audience\b.{0,300}\bhas not been whitelisted/i,
    code: 'provider_not_granted',
    advice: ['hydra-audience-not-allowed'],
  },
  {
    pattern: /client authentication method 'private_key_jwt', but method/,
    code: 'provider_client_method',
    advice: [useMethod('private-key')],
  },
  {
    pattern: /client authentication method 'client_secret_(?:post|basic)', but method/,
    code: 'provider_client_method',
    advice: ['hydra-secret-place'],
  },
  {
    pattern: /client authentication method 'client_secret_(?:post|basic)', however 'client_assertion'/,
    code: 'provider_client_method',
    advice: [useMethod('secret')],
  },
  {
    pattern: /however that method is not supported by this server/,
    code: 'provider_client_method',
    advice: ['hydra-method-unsupported'],
  },
  { pattern: /enforces signing algorithm '/, code: 'provider_algorithm', advice: [useAlgorithm] },
];

/** Errors of the JWT-bearer grant of service accounts, and of requests with a client secret. */
const GOOGLE: readonly ProviderHint[] = [
  { pattern: /invalid jwt signature/i, code: 'provider_refused', advice: ['google-key-revoked'] },
  { pattern: /account not found/i, code: 'provider_refused', advice: ['google-account-deleted'] },
  { pattern: /short-lived token|reasonable timeframe/i, code: 'provider_clock', advice: ['set-clock'] },
  { pattern: /failed audience check/i, code: 'provider_rejected_request', advice: ['google-token-uri-changed'] },
  { pattern: /invalid jwt: (?:iat|exp)/i, code: 'provider_rejected_request', advice: ['google-report'] },
  {
    pattern: /invalid oauth scope or id token audience/i,
    code: 'provider_rejected_request',
    advice: ['google-audience-invalid'],
  },
  {
    pattern: /oauth client was not found/i,
    code: 'provider_refused',
    advice: ['client-unknown', 'google-paste-key'],
  },
  {
    pattern: /^disabled_client\b/,
    code: 'provider_not_granted',
    advice: ['google-client-disabled', 'google-paste-key'],
  },
  { pattern: /^deleted_client\b/, advice: ['google-client-deleted', 'google-paste-key'] },
  {
    pattern: /^unauthorized_client\b.*(?:access tokens using this method|scopes requested)/i,
    code: 'provider_not_granted',
    advice: ['google-not-allowed'],
  },
];

/** Auth0 returns `access_denied` for almost every error. */
const AUTH0: readonly ProviderHint[] = [
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

/** Errors of the standards. */
const COMMON: readonly ProviderHint[] = [
  {
    // RFC 9449, sections 5 and 8; Keycloak: "invalid_request: DPoP proof is missing".
    pattern: /^(?:invalid_dpop_proof|use_dpop_nonce)\b|\bdpop proof\b/i,
    code: 'provider_dpop_required',
    advice: ['switch-off-dpop'],
  },
  {
    pattern:
      /\b(?:assertion|jwt|token)\b.{0,80}\b(?:expired|not active|not yet valid|in the future|lifetime|too old)\b/i,
    code: 'provider_clock',
    advice: [checkClock],
    proofs: ASSERTIONS,
  },
  {
    pattern: /['"`\s](?:exp|iat|nbf)['"`]? (?:claim|timestamp)/i,
    code: 'provider_clock',
    advice: [checkClock],
    proofs: ASSERTIONS,
  },
  {
    pattern: /^(?:unauthorized_client|unsupported_grant_type)\b/,
    advice: ['grant-not-allowed', checkCredentials],
  },
  { pattern: /^invalid_scope\b/, advice: ['scope-not-offered'] },
  { pattern: /^invalid_target\b/, advice: ['audience-not-issued'] },
  { pattern: /^invalid_client\b/, advice: [checkCredentials], proofs: ASSERTIONS },
];

/**
 * If a provider is at a custom domain, only its texts identify it, so all tables are searched. The first match is used, so
 * the errors of the standards come last.
 */
const HINTS = [...ENTRA, ...OKTA, ...KEYCLOAK, ...HYDRA, ...GOOGLE, ...AUTH0, ...COMMON];

export interface Hint {
  readonly code?: ErrorCode;
  /** Missing: the advice of the error catalogue. */
  readonly advice?: readonly Message[];
}

/**
 * The hint for an error of a provider; undefined when there is none.
 *
 * @param proof How the client proved its identity. Undefined for a request without a proof, such as discovery.
 */
export function hintFor(
  error: string | undefined,
  description: string | undefined,
  proof: ProofInUse | undefined
): Hint | undefined {
  const text = [error, description].filter((part) => part !== undefined).join(': ');
  const found = HINTS.find(
    ({ pattern, proofs }) =>
      (proofs === undefined || (proof !== undefined && proofs.includes(proof.kind))) && pattern.test(text)
  );
  if (found === undefined) {
    return undefined;
  }
  const advice = found.advice.map((each) => (typeof each === 'string' ? message(each) : proof && each(proof)));
  const complete = advice.filter((each) => each !== undefined);
  return { code: found.code, ...(complete.length === advice.length && { advice: complete }) };
}
