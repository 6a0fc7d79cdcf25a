/** Keycloak: tokens that live five minutes, and whose audience and subject depend on mappers. */
import { verifyAssertion } from './client-assertion';
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules, type World } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'micromegas';
const LIFE_SECONDS = 300;
const REALM = '/realms/lakehouse';
const BAD_CLIENT = 'Invalid client or Invalid client credentials';

async function isClient(request: TokenRequest, world: World): Promise<boolean> {
  const { client } = world;
  if (request.client.assertion === undefined) {
    return hasRightSecret(request, world);
  }
  const verdict = await verifyAssertion(request.client.assertion, {
    publicKey: client.rsa.publicKey,
    algorithms: ['RS256', 'PS256'],
    party: client.id,
    audience: world.issuer,
    maxLifeSeconds: 300,
    skewSeconds: 15,
    seen: world.seenAssertions,
    nowSeconds: world.nowSeconds(),
  });
  return verdict.fault === undefined;
}

async function grant(request: TokenRequest, world: World, wrongSecret: string): Promise<GrantOutcome> {
  const { id } = request.client;
  if (id === undefined) {
    return oauthError(400, 'invalid_client', 'Missing client_id parameter');
  }
  if (id !== world.client.id) {
    return oauthError(401, 'invalid_client', BAD_CLIENT);
  }
  if (!(await isClient(request, world))) {
    return oauthError(401, wrongSecret, BAD_CLIENT);
  }
  if (!world.client.isGranted) {
    return oauthError(401, 'unauthorized_client', 'Client not enabled to retrieve service account');
  }
  const scope = request.form.get('scope') ?? '';
  if (scope !== '' && scope !== 'lakehouse') {
    return oauthError(400, 'invalid_scope', `Invalid scopes: ${scope}`);
  }
  const claims = {
    iss: world.issuer,
    sub: '2f1d7e54-6f8b-4f5d-8a0a-6a1f6a1a2b3c',
    aud: AUDIENCE,
    typ: 'Bearer',
    azp: id,
    scope: 'profile email',
    preferred_username: `service-account-${id}`,
  };
  const body = (token: string, lifeSeconds: number) => ({
    access_token: token,
    expires_in: lifeSeconds,
    refresh_expires_in: 0,
    token_type: 'Bearer',
    'not-before-policy': 0,
    scope: 'profile email',
  });
  return { grant: { claims, lifeSeconds: LIFE_SECONDS, body } };
}

export const keycloak: ProviderRules = {
  name: 'keycloak',
  issuerPath: REALM,
  tokenPath: `${REALM}/protocol/openid-connect/token`,
  jwksPath: `${REALM}/protocol/openid-connect/certs`,
  metadata: {
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_basic', 'client_secret_post'],
  },
  unknownTenant: { status: 404, body: { error: 'Realm does not exist' } },
  rateLimited: { status: 429, body: { error: 'slow_down' } },
  grant: (request, world) => grant(request, world, 'unauthorized_client'),
  form: ({ issuer, client }) => ({
    jsonData: { oauthProvider: 'keycloak', oauthIssuer: issuer, oauthClientId: client.id },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: AUDIENCE,
  }),
};

/** As newer releases answer a wrong secret. */
export const newerKeycloak: ProviderRules = {
  ...keycloak,
  name: 'newer-keycloak',
  grant: (request, world) => grant(request, world, 'invalid_client'),
};
