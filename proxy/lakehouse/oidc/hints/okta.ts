import { checkCredentials, type ProviderHint } from './hint';

/** Errors of Okta's custom authorization servers, and of its org server, which some users enter by mistake. */
export const OKTA_HINTS: readonly ProviderHint[] = [
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
