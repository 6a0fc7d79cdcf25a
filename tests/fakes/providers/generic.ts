/** A fake identity provider that follows the specifications and supports four methods of client authentication. */
import { verifyAssertion } from './client-assertion';
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'micromegas';
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'HS256', 'HS384', 'HS512'];

/**
 * The issuer, and also the subject, of the assertions that the fake platform issues to a workload. The client of this
 * provider may authenticate with such an assertion.
 */
export const WORKLOAD = 'system:serviceaccount:monitoring:grafana';

async function isClient(request: TokenRequest, provider: ProviderState): Promise<boolean> {
  const { client } = provider;
  const { id, assertion } = request.client;
  if (id !== client.id) {
    return false;
  }
  if (assertion === undefined) {
    return hasRightSecret(request, provider);
  }
  const header = Buffer.from(assertion.split('.')[0], 'base64url').toString('utf8');
  const isEc = header.includes('"ES256"');
  const isHmac = header.includes('"HS');
  const claims = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8');
  const isWorkload = claims.includes(WORKLOAD);
  const verdict = await verifyAssertion(assertion, {
    publicKey: isHmac ? Buffer.from(client.secret) : isEc ? client.ec.publicKey : client.rsa.publicKey,
    algorithms: client.algorithm === undefined ? ALGORITHMS : [client.algorithm],
    party: isWorkload ? WORKLOAD : client.id,
    audience: provider.issuer,
    maxLifeSeconds: isWorkload ? 7200 : 600,
    skewSeconds: 30,
    isSingleUse: !isWorkload,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  return verdict.fault === undefined;
}

async function grant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome> {
  const { form } = request;
  if (form.get('grant_type') !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'This grant is not supported.');
  }
  if (!(await isClient(request, provider))) {
    return oauthError(401, 'invalid_client', 'Client authentication failed.');
  }
  if (!provider.client.isGranted) {
    return oauthError(400, 'unauthorized_client', 'The client may not use this grant.');
  }
  const audience = form.get('audience');
  if (audience !== AUDIENCE) {
    return oauthError(400, 'invalid_target', 'The audience is not known.');
  }
  const claims = { iss: provider.issuer, sub: provider.client.id, aud: audience };
  return { grant: { claims, lifeSeconds: 3600 } };
}

export const generic: ProviderRules = {
  name: 'generic',
  issuerPath: '',
  tokenPath: '/token',
  jwksPath: '/keys',
  metadata: {
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'client_secret_jwt',
    ],
  },
  unknownTenant: { status: 404, body: 'not found' },
  rateLimited: { status: 429, body: '' },
  grant,
  form: ({ issuer, client }) => ({
    jsonData: { oauthIssuer: issuer, oauthClientId: client.id, oauthAudience: AUDIENCE },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: AUDIENCE,
  }),
};
