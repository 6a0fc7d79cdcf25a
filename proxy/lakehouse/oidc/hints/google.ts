import { type ProviderHint } from './hint';

/** Google's errors for the JWT-bearer grant of service accounts, and for requests with a client secret. */
export const GOOGLE_HINTS: readonly ProviderHint[] = [
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
