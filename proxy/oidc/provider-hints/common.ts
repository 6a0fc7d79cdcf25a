/** Errors of the standards, where no provider's own words say more. */
import { checkClock, checkCredentials } from './client-proofs';
import { ASSERTIONS, type ProviderHint } from './hint';

export const COMMON_HINTS: readonly ProviderHint[] = [
  {
    // RFC 9449, sections 5 and 8; Keycloak: "invalid_request: DPoP proof is missing".
    pattern: /^(?:invalid_dpop_proof|use_dpop_nonce)\b|\bdpop proof\b/i,
    code: 'provider_dpop_required',
    advice:
      'Switch off DPoP (sender-constrained tokens, in Keycloak "Require DPoP bound tokens") for the client at the identity provider.',
  },
  {
    pattern:
      /\b(?:assertion|jwt|token)\b.{0,80}\b(?:expired|not active|not yet valid|in the future|lifetime|too old)\b/i,
    code: 'provider_clock',
    advice: checkClock,
    proofs: ASSERTIONS,
  },
  {
    pattern: /['"`\s](?:exp|iat|nbf)['"`]? (?:claim|timestamp)/i,
    code: 'provider_clock',
    advice: checkClock,
    proofs: ASSERTIONS,
  },
  {
    pattern: /^(?:unauthorized_client|unsupported_grant_type)\b/,
    advice: (proof) =>
      `Allow the client credentials grant for this client at the identity provider. ${checkCredentials(proof)}`,
  },
  { pattern: /^invalid_scope\b/, advice: 'Check Scope against the scopes that the provider offers to this client.' },
  { pattern: /^invalid_target\b/, advice: 'Check Audience: the provider does not issue tokens for it.' },
  { pattern: /^invalid_client\b/, advice: checkCredentials, proofs: ASSERTIONS },
];
