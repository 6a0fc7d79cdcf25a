/** Errors of the standards, where no provider's own words say more. */
import { type ProviderHint } from './hint';

export const COMMON_HINTS: readonly ProviderHint[] = [
  {
    pattern:
      /\b(?:assertion|jwt|token)\b.{0,80}\b(?:expired|not active|not yet valid|in the future|lifetime|too old)\b/i,
    isOfAssertion: true,
    code: 'provider_clock',
    advice:
      'Set the clock of the machine of the proxy by a time server. An assertion from a file may have ended: the platform must renew it.',
  },
  {
    pattern: /['"`\s](?:exp|iat|nbf)['"`]? (?:claim|timestamp)/i,
    isOfAssertion: true,
    code: 'provider_clock',
    advice: 'Set the clock of the machine of the proxy by a time server.',
  },
  {
    pattern: /^(?:unauthorized_client|unsupported_grant_type)\b/,
    advice:
      'Allow the client credentials grant for this client at the identity provider, and check Client ID and Client Secret.',
  },
  { pattern: /^invalid_scope\b/, advice: 'Check Scope against the scopes that the provider offers to this client.' },
  { pattern: /^invalid_target\b/, advice: 'Check Audience: the provider does not issue tokens for it.' },
  {
    pattern: /^invalid_client\b/,
    isOfAssertion: true,
    advice:
      'Check Client ID, and that the identity provider holds the public key for the private key and Key ID, or trusts the issuer of the assertion in the file.',
  },
];
