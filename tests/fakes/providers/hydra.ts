/** Ory Hydra 2.3.0: access tokens are opaque by default, and `aud` is the audience of the request. */
import { type GrantOutcome, hasRightSecret, oauthError, type ProviderRules, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'micromegas';

function grant(request: TokenRequest, provider: ProviderState, isOpaque: boolean): Promise<GrantOutcome> {
  if (request.client.id !== provider.client.id || !hasRightSecret(request, provider)) {
    return Promise.resolve(oauthError(401, 'invalid_client', 'Client authentication failed.'));
  }
  const audience = request.form.get('audience') ?? '';
  if (audience !== '' && audience !== AUDIENCE) {
    const description = `The requested resource is invalid. Requested audience '${audience}' has not been whitelisted by the OAuth 2.0 Client.`;
    return Promise.resolve(oauthError(400, 'invalid_request', description));
  }
  const claims = {
    iss: provider.issuer,
    sub: provider.client.id,
    client_id: provider.client.id,
    aud: audience === '' ? [] : [audience],
    scp: [],
  };
  return Promise.resolve({ grant: { claims, lifeSeconds: 3600, isOpaque } });
}

/** With `strategies.access_token: jwt`. */
export const hydra: ProviderRules = {
  name: 'hydra',
  issuerPath: '',
  tokenPath: '/oauth2/token',
  jwksPath: '/.well-known/jwks.json',
  opaquePrefix: 'ory_at_',
  metadata: {
    authorization_endpoint: 'https://hydra.example/oauth2/auth',
    end_session_endpoint: 'https://hydra.example/oauth2/sessions/logout',
    credentials_supported_draft_00: [],
    grant_types_supported: ['authorization_code', 'implicit', 'client_credentials', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'],
  },
  unknownTenant: { status: 404, body: '404 page not found' },
  rateLimited: { status: 429, body: '' },
  grant: (request, provider) => grant(request, provider, false),
  form: ({ issuer, client }) => ({
    jsonData: { oauthIssuer: issuer, oauthClientId: client.id, oauthAudience: AUDIENCE },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: AUDIENCE,
  }),
};

/** With the default `strategies.access_token`. */
export const opaqueHydra: ProviderRules = {
  ...hydra,
  name: 'opaque-hydra',
  grant: (request, provider) => grant(request, provider, true),
};
