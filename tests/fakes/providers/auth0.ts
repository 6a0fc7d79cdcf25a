/** Auth0: the audience decides, the issuer has a slash at its end, and assertions are meant for the issuer. */
import { verifyAssertion } from './client-assertion';
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules, type Reply, type World } from './rules';
import { type TokenRequest } from './token-request';

const API = 'https://micromegas.example.com';
const SCOPES = ['read:logs'];
const LIFE_SECONDS = 86_400;

async function isClient(request: TokenRequest, world: World): Promise<boolean> {
  const { client } = world;
  if (request.client.id !== client.id) {
    return false;
  }
  if (request.client.assertion === undefined) {
    return hasRightSecret(request, world);
  }
  const verdict = await verifyAssertion(request.client.assertion, {
    publicKey: client.rsa.publicKey,
    algorithms: ['RS256', 'RS384', 'PS256'],
    party: client.id,
    audience: world.issuer,
    maxLifeSeconds: 300,
    skewSeconds: 10,
    maxLength: 2048,
    seen: world.seenAssertions,
    nowSeconds: world.nowSeconds(),
  });
  return verdict.fault === undefined;
}

async function grant(request: TokenRequest, world: World, denied: { refusal: Reply }): Promise<GrantOutcome> {
  const { form } = request;
  if (form.get('grant_type') !== 'client_credentials') {
    return oauthError(403, 'unsupported_grant_type', 'Unsupported grant type');
  }
  if (!(await isClient(request, world))) {
    return denied;
  }
  const audience = form.get('audience');
  if (audience !== null && audience !== API) {
    return oauthError(403, 'access_denied', `Service not enabled within domain: ${audience}`);
  }
  if (!world.client.isGranted) {
    const target = `access resource server "${audience}"`;
    const remedy = 'You need to create a "client-grant" associated to this API.';
    return oauthError(403, 'access_denied', `Client is not authorized to ${target}. ${remedy}`);
  }
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  if (!scopes.every((scope) => SCOPES.includes(scope))) {
    return oauthError(403, 'access_denied', `Client has not been granted scopes: ${scopes.join(' ')}`);
  }
  const { id } = world.client;
  const claims = { iss: world.issuer, sub: `${id}@clients`, aud: API, azp: id, gty: 'client-credentials' };
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
  // Wrong credentials look the same whatever is wrong with them.
  grant: (request, world) => grant(request, world, oauthError(401, 'access_denied', 'Unauthorized')),
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

/** With the refusal that the provider's documentation shows in place of the one that is seen. */
export const auth0Documented: ProviderRules = {
  ...auth0,
  name: 'auth0-documented',
  grant: (request, world) => grant(request, world, oauthError(401, 'invalid_client', 'Client authentication failed')),
};
