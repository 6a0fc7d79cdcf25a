/** Google: the JWT-bearer grant of service accounts, and what people meet who try a client secret. */
import { type ProviderHint } from './hint';

const PASTE_THE_KEY =
  'Google gives service accounts no client credentials grant. Paste the JSON key of a service account as the client secret.';

export const GOOGLE_HINTS: readonly ProviderHint[] = [
  {
    pattern: /invalid jwt signature/i,
    code: 'provider_refused',
    advice: 'The key was revoked, or belongs to another account. Make a new JSON key in Google Cloud and paste it.',
  },
  {
    pattern: /account not found/i,
    code: 'provider_refused',
    advice: 'The service account does not exist any more. Make another one in Google Cloud and paste its JSON key.',
  },
  {
    pattern: /short-lived token|reasonable timeframe/i,
    code: 'provider_clock',
    advice: 'Set the clock of the machine of the proxy by a time server.',
  },
  {
    pattern: /failed audience check/i,
    code: 'provider_rejected_request',
    advice: 'The token_uri in the JSON key is not the one of Google. Download the key again and paste it unchanged.',
  },
  {
    pattern: /invalid jwt: (?:iat|exp)/i,
    code: 'provider_rejected_request',
    advice: 'Report this to the maintainers of the data source: Google misses a time in the assertion.',
  },
  {
    pattern: /invalid oauth scope or id token audience/i,
    code: 'provider_rejected_request',
    advice: 'Check Audience: Google writes it into the ID token as the target audience.',
  },
  { pattern: /oauth client was not found/i, code: 'provider_refused', advice: `Check Client ID. ${PASTE_THE_KEY}` },
  {
    pattern: /^disabled_client\b/,
    code: 'provider_not_granted',
    advice: `The client is disabled at the identity provider. ${PASTE_THE_KEY}`,
  },
  { pattern: /^deleted_client\b/, advice: `The client was deleted at the identity provider. ${PASTE_THE_KEY}` },
  {
    pattern: /^unauthorized_client\b.*(?:access tokens using this method|scopes requested)/i,
    code: 'provider_not_granted',
    advice: 'Allow the service account this use in Google Cloud, and check Audience.',
  },
];
