/**
 * A fake of AWS Cognito: errors without a description, a token endpoint on another host, and tokens without an
 * audience.
 */
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules } from './rules';

const POOL = '/eu-central-1_Ab12Cd34E';
const SCOPE = 'lakehouse/read';

export const cognito: ProviderRules = {
  name: 'cognito',
  issuerPath: POOL,
  tokenPath: '/oauth2/token',
  jwksPath: `${POOL}/.well-known/jwks.json`,
  isTokenHostOther: true,
  metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] },
  unknownTenant: { status: 400, body: { message: 'User pool does not exist.' } },
  rateLimited: { status: 429, body: { error: 'too_many_requests' } },
  async grant(request, provider): Promise<GrantOutcome> {
    if (request.client.id !== provider.client.id || !hasRightSecret(request, provider)) {
      return oauthError(400, 'invalid_client');
    }
    if (!provider.client.isGranted) {
      return oauthError(400, 'unauthorized_client');
    }
    const scope = request.form.get('scope') ?? SCOPE;
    if (scope !== SCOPE) {
      return oauthError(400, 'invalid_scope');
    }
    const { id } = provider.client;
    const claims = { iss: provider.issuer, sub: id, token_use: 'access', scope, client_id: id, version: 2 };
    return { grant: { claims, lifeSeconds: 3600 } };
  },
  form: ({ issuer, client, tokenEndpoint }) => ({
    jsonData: {
      oauthIssuer: issuer,
      oauthClientId: client.id,
      oauthScope: SCOPE,
      oauthEndpointHosts: new URL(tokenEndpoint).host,
    },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: client.id,
  }),
};
