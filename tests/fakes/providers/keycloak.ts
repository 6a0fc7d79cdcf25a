/**
 * A fake Keycloak: tokens are valid for five minutes, and mappers determine their audience and subject. The errors are
 * those of Keycloak 26.5.6. They were recorded by sending each kind of credentials for clients with each kind of
 * authenticator.
 */
import { decodeProtectedHeader } from 'jose';
import { verifyAssertion } from './client-assertion';
import {
  type GrantOutcome,
  hasRightSecret,
  oauthError,
  type ProviderRules,
  type RegisteredClient,
  type ProviderState,
} from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'micromegas';
const LIFE_SECONDS = 300;
const REALM = '/realms/lakehouse';
const BAD_CLIENT = 'Invalid client or Invalid client credentials';

/** The authenticator that the test sets for the client. By default, the authenticator that accepts the request. */
function methodOf(
  { client: { assertion } }: TokenRequest,
  { client }: ProviderState
): NonNullable<RegisteredClient['method']> {
  const isHmac = assertion !== undefined && /^HS/.test(String(decodeProtectedHeader(assertion).alg));
  return client.method ?? (assertion === undefined ? 'secret' : isHmac ? 'client_secret_jwt' : 'private_key_jwt');
}

/** Checks the request if the authenticator of the client is `Signed JWT` or `Signed JWT with Client Secret`. */
async function assertionRejection(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome | undefined> {
  const { client } = provider;
  const { assertion } = request.client;
  if (assertion === undefined) {
    return oauthError(400, 'invalid_client', 'Parameter client_assertion_type is missing');
  }
  const { alg = '' } = decodeProtectedHeader(assertion);
  if (client.algorithm !== undefined && alg !== client.algorithm) {
    return oauthError(400, 'invalid_client', 'Invalid signature algorithm');
  }
  const isHmacClient = methodOf(request, provider) === 'client_secret_jwt';
  // If the client has a certificate, Keycloak finds a key for HS* too, but the signature does not match this key.
  const isKeyless = client.isKeyless === true || (alg.startsWith('HS') && client.hasCertificate !== true);
  if (!isHmacClient && isKeyless) {
    return oauthError(400, 'invalid_client', 'Unable to load public key');
  }
  const verdict = await verifyAssertion(assertion, {
    publicKey: isHmacClient ? Buffer.from(client.secret) : client.rsa.publicKey,
    algorithms: isHmacClient ? ['HS256', 'HS384', 'HS512'] : ['RS256', 'PS256'],
    party: client.id,
    audience: provider.issuer,
    maxLifeSeconds: 300,
    skewSeconds: 15,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  if (verdict.fault === undefined) {
    return undefined;
  }
  if (verdict.fault === 'jti') {
    return oauthError(400, 'invalid_client', 'Client authentication with signed JWT failed: Token reuse detected');
  }
  const description = isHmacClient
    ? 'Client authentication with client secret signed JWT failed: Signature on JWT token by client secret failed validation'
    : 'Client authentication with signed JWT failed: Signature on JWT token failed validation';
  return oauthError(400, isHmacClient ? 'unauthorized_client' : 'invalid_client', description);
}

async function clientRejection(
  request: TokenRequest,
  provider: ProviderState,
  wrongSecret: string
): Promise<GrantOutcome | undefined> {
  if (methodOf(request, provider) !== 'secret') {
    return assertionRejection(request, provider);
  }
  return hasRightSecret(request, provider) ? undefined : oauthError(401, wrongSecret, BAD_CLIENT);
}

async function grant(request: TokenRequest, provider: ProviderState, wrongSecret: string): Promise<GrantOutcome> {
  const { id } = request.client;
  if (provider.client.isRealmDisabled === true) {
    return oauthError(403, 'access_denied', 'Realm not enabled');
  }
  if (id === undefined) {
    return oauthError(400, 'invalid_client', 'Missing client_id parameter');
  }
  if (id !== provider.client.id) {
    return oauthError(401, 'invalid_client', BAD_CLIENT);
  }
  const rejected = await clientRejection(request, provider, wrongSecret);
  if (rejected !== undefined) {
    return rejected;
  }
  if (provider.client.requiresDpop === true) {
    return oauthError(400, 'invalid_request', 'DPoP proof is missing');
  }
  if (provider.client.isBoundToCertificate === true) {
    return oauthError(400, 'invalid_request', 'Client Certification missing for MTLS HoK Token Binding');
  }
  if (provider.client.isUserDisabled === true) {
    return oauthError(401, 'invalid_request', `User 'service-account-${id}' disabled`);
  }
  if (!provider.client.isGranted) {
    return oauthError(401, 'unauthorized_client', 'Client not enabled to retrieve service account');
  }
  const scope = request.form.get('scope') ?? '';
  if (scope !== '' && scope !== 'lakehouse') {
    return oauthError(400, 'invalid_scope', `Invalid scopes: ${scope}`);
  }
  const claims = {
    iss: provider.issuer,
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
  hasNoDate: true,
  issuerPath: REALM,
  tokenPath: `${REALM}/protocol/openid-connect/token`,
  jwksPath: `${REALM}/protocol/openid-connect/certs`,
  metadata: {
    grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: [
      'private_key_jwt',
      'client_secret_basic',
      'client_secret_post',
      'client_secret_jwt',
    ],
  },
  unknownTenant: { status: 404, body: { error: 'Realm does not exist' } },
  rateLimited: { status: 429, body: { error: 'slow_down' } },
  grant: (request, provider) => grant(request, provider, 'unauthorized_client'),
  form: ({ issuer, client }) => ({
    jsonData: { oauthProvider: 'keycloak', oauthIssuer: issuer, oauthClientId: client.id },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: AUDIENCE,
  }),
};

/** Newer releases of Keycloak return another error for a wrong secret. */
export const newerKeycloak: ProviderRules = {
  ...keycloak,
  name: 'newer-keycloak',
  grant: (request, provider) => grant(request, provider, 'invalid_client'),
};

/** Keycloak behind a reverse proxy that adds a `Date` header. */
export const datedKeycloak: ProviderRules = { ...keycloak, name: 'dated-keycloak', hasNoDate: false };
