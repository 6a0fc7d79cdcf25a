/**
 * A fake Auth0: `audience` selects the API, the issuer ends with a slash, and the audience of assertions is the issuer.
 */
import { verifyAssertion } from './client-assertion';
import {
  type GrantOutcome,
  hasRightSecret,
  oauthError,
  type ProviderRules,
  type Reply,
  type ProviderState,
} from './rules';
import { type TokenRequest } from './token-request';

const API = 'https://micromegas.example.com';
const SCOPES = ['read:logs'];
const LIFE_SECONDS = 86_400;

async function isClient(request: TokenRequest, provider: ProviderState): Promise<boolean> {
  const { client } = provider;
  if (request.client.id !== client.id) {
    return false;
  }
  if (request.client.assertion === undefined) {
    return hasRightSecret(request, provider);
  }
  const verdict = await verifyAssertion(request.client.assertion, {
    publicKey: client.rsa.publicKey,
    algorithms: ['RS256', 'RS384', 'PS256'],
    party: client.id,
    audience: provider.issuer,
    maxLifeSeconds: 300,
    skewSeconds: 10,
    maxLength: 2048,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  return verdict.fault === undefined;
}

async function grant(
  request: TokenRequest,
  provider: ProviderState,
  denied: { rejection: Reply }
): Promise<GrantOutcome> {
  const { form } = request;
  if (form.get('grant_type') !== 'client_credentials') {
    return oauthError(403, 'unsupported_grant_type', 'Unsupported grant type');
  }
  if (!(await isClient(request, provider))) {
    return denied;
  }
  const audience = form.get('audience');
  if (audience !== null && audience !== API) {
    return oauthError(403, 'access_denied', `Service not enabled within domain: ${audience}`);
  }
  if (!provider.client.isGranted) {
    const target = `access resource server "${audience}"`;
    const remedy = 'You need to create a "client-grant" associated to this API.';
    return oauthError(403, 'access_denied', `Client is not authorized to ${target}. ${remedy}`);
  }
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  if (!scopes.every((scope) => SCOPES.includes(scope))) {
    return oauthError(403, 'access_denied', `Client has not been granted scopes: ${scopes.join(' ')}`);
  }
  const { id } = provider.client;
  const claims = { iss: provider.issuer, sub: `${id}@clients`, aud: API, azp: id, gty: 'client-credentials' };
  return { grant: { claims, lifeSeconds: LIFE_SECONDS, isOpaque: audience === null } };
}

export const auth0: ProviderRules = {
  name: 'auth0',
  issuerPath: '/',
  tokenPath: '/oauth/token',
  jwksPath: '/.well-known/jwks.json',
  metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] },
  unknownTenant: { status: 404, body: 'Not found.' },
  rateLimited: {
    status: 429,
    body: { error: 'too_many_requests', error_description: 'Rate limit exceeded.' },
    headers: { 'x-ratelimit-limit': '30', 'x-ratelimit-remaining': '0' },
  },
  // Auth0 returns the same error for an unknown client, a wrong secret and an invalid assertion.
  grant: (request, provider) => grant(request, provider, oauthError(401, 'access_denied', 'Unauthorized')),
  form: ({ issuer, client }) => ({
    jsonData: {
      oauthProvider: 'auth0',
      oauthIssuer: issuer,
      oauthClientId: client.id,
      oauthAudience: API,
    },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: API,
  }),
};

/** Rejects wrong credentials with the error in Auth0's documentation, which differs from the actual error of Auth0. */
export const auth0Documented: ProviderRules = {
  ...auth0,
  name: 'auth0-documented',
  grant: (request, provider) =>
    grant(request, provider, oauthError(401, 'invalid_client', 'Client authentication failed')),
};
