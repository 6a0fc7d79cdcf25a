/** Auth0, which says `access_denied` to almost everything. */
import { checkCredentials } from './client-proofs';
import { type ProviderHint } from './hint';

export const AUTH0_HINTS: readonly ProviderHint[] = [
  {
    pattern: /service not enabled within domain/i,
    code: 'provider_not_granted',
    advice: 'Check Audience: it must be the Identifier of an API of this Auth0 tenant, to the character.',
  },
  {
    pattern: /client[- ]grant|not authorized to access resource server/i,
    code: 'provider_not_granted',
    advice: 'In Auth0, open the API, and authorise the application under Machine to Machine Applications.',
  },
  {
    pattern: /has not been granted scopes/i,
    code: 'provider_not_granted',
    advice: 'Check Scope against what the provider granted to the client.',
  },
  {
    pattern: /no audience parameter/i,
    code: 'provider_rejected_request',
    advice: 'Enter as Audience the Identifier of the API in Auth0.',
  },
  {
    pattern: /^access_denied: unauthorized$/i,
    code: 'provider_refused',
    advice: (proof) =>
      `${checkCredentials(proof)} Compare with the application in Auth0: its authentication method must be the one that is used here.`,
  },
  {
    pattern: /^unauthorized_client: .*unknown client|client.{0,80}\b(?:not found|does not exist)/i,
    code: 'provider_refused',
    advice: 'Check Client ID: the provider does not know it.',
  },
  {
    pattern: /client quota exceeded/i,
    code: 'provider_rate_limited',
    advice: 'The quota of tokens of this client is used up until the next full hour or day; raise it in Auth0.',
  },
];
