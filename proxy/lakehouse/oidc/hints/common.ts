import {
  ASSERTIONS,
  checkClock,
  checkCredentials,
  checkTarget,
  compareMethod,
  renewAssertion,
  SECRETS,
  type ProviderHint,
} from './hint';

/** Hints for errors that a standard defines or that several identity providers return. */
export const COMMON_HINTS: readonly ProviderHint[] = [
  {
    // RFC 9449, sections 5 and 8; Keycloak: `invalid_request: DPoP proof is missing`.
    pattern: /^(?:invalid_dpop_proof|use_dpop_nonce)\b|\bdpop proof\b/i,
    code: 'provider_dpop_required',
    advice: ['switch-off-dpop'],
  },
  {
    // Keycloak: "Client Certification missing for MTLS HoK Token Binding".
    pattern: /\bmtls hok token binding\b/i,
    code: 'provider_rejected_request',
    advice: ['switch-off-mtls-binding'],
  },
  {
    pattern: /^jti_known\b|\bassertion.{0,60}\bused once\b|\bjti\b.{0,60}\balready\b/i,
    code: 'provider_refused',
    advice: [renewAssertion],
    methods: ASSERTIONS,
  },
  {
    pattern:
      /\b(?:assertion|jwt|token)\b.{0,80}\b(?:expired|not active|not yet valid|in the future|lifetime|too old)\b/i,
    code: 'provider_clock',
    advice: [checkClock],
    methods: ASSERTIONS,
  },
  {
    pattern: /['"`\s](?:exp|iat|nbf)['"`]? (?:claim|timestamp)/i,
    code: 'provider_clock',
    advice: [checkClock],
    methods: ASSERTIONS,
  },
  {
    // A provider that names the grant has accepted the credentials.
    pattern:
      /\bgrant[ _]?type\b.{0,80}\bnot (?:allowed|authorized|enabled|permitted)\b|\bnot allowed to use authorization grant\b/i,
    code: 'provider_not_granted',
    advice: ['grant-not-allowed'],
  },
  {
    pattern: /^(?:unauthorized_client|unsupported_grant_type)\b/,
    advice: ['grant-not-allowed', checkCredentials],
  },
  {
    // RFC 6749, section 5.2: the credentials were accepted, but the grant is invalid or was issued to another client.
    pattern: /^invalid_grant\b/,
    code: 'provider_not_granted',
    advice: ['grant-invalid'],
    more: [checkCredentials],
    methods: SECRETS,
  },
  { pattern: /^invalid_scope\b/, advice: ['scope-not-offered'] },
  { pattern: /^invalid_target\b/, advice: [checkTarget], more: ['resource-missing'] },
  { pattern: /^invalid_client\b/, advice: [checkCredentials, compareMethod], methods: ASSERTIONS },
];
