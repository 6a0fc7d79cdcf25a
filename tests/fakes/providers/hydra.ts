/** A fake of Ory Hydra 2.3.0: access tokens are opaque by default, and `aud` is the audience of the request. */
import { decodeProtectedHeader } from 'jose';
import { verifyAssertion } from './client-assertion';
import { type GrantOutcome, oauthError, type ProviderRules, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'micromegas';

const FAILED =
  'Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method).';

const rejected = (hint: string, status = 401, error = 'invalid_client') =>
  oauthError(status, error, hint === '' ? FAILED : `${FAILED} ${hint}`);

/** Checks the assertion of a client. Hydra looks up the key by `kid` before it verifies the signature. */
async function assertionRejection(assertion: string, provider: ProviderState): Promise<GrantOutcome | undefined> {
  const { client, tokenEndpoint } = provider;
  if (client.method !== 'private_key_jwt') {
    return rejected(
      "The OAuth 2.0 Client supports client authentication method 'client_secret_basic', however 'client_assertion' was provided in the request."
    );
  }
  const { kid } = decodeProtectedHeader(assertion);
  if (kid === undefined) {
    return oauthError(400, 'invalid_request', 'The JSON Web Token must contain a kid header value but did not.');
  }
  if (kid !== client.rsa.kid) {
    return oauthError(
      400,
      'invalid_request',
      `The JSON Web Token uses signing key with kid '${kid}', which could not be found.`
    );
  }
  const verdict = await verifyAssertion(assertion, {
    publicKey: client.rsa.publicKey,
    algorithms: [client.algorithm ?? 'RS256'],
    party: client.id,
    audience: tokenEndpoint,
    maxLifeSeconds: 3600,
    skewSeconds: 30,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  switch (verdict.fault) {
    case undefined:
      return undefined;
    case 'jti':
      return oauthError(400, 'jti_known', "The jti was already used. Claim 'jti' from 'client_assertion' MUST only be used once."); // prettier-ignore
    case 'audience':
      return rejected(`Claim 'aud' from 'client_assertion' must match the authorization server's token endpoint '${tokenEndpoint}'.`); // prettier-ignore
    default:
      return rejected("Unable to verify the integrity of the 'client_assertion' value.");
  }
}

/** Hydra checks how the secret was sent before it checks the secret. */
function secretRejection({ client: claimed }: TokenRequest, { client }: ProviderState): GrantOutcome | undefined {
  const used = `client_secret_${claimed.by}`;
  const only = client.method === 'private_key_jwt' ? client.method : client.onlyBy && `client_secret_${client.onlyBy}`;
  if (only !== undefined && used !== only) {
    return rejected(
      `The OAuth 2.0 Client supports client authentication method '${only}', but method '${used}' was requested. You must configure the OAuth 2.0 client's 'token_endpoint_auth_method' value to accept '${used}'.`
    );
  }
  return claimed.secret === client.secret ? undefined : rejected('');
}

async function grant(request: TokenRequest, provider: ProviderState, isOpaque: boolean): Promise<GrantOutcome> {
  const { id, assertion } = request.client;
  if (id !== provider.client.id) {
    return rejected('');
  }
  const rejection =
    assertion === undefined ? secretRejection(request, provider) : await assertionRejection(assertion, provider);
  if (rejection !== undefined) {
    return rejection;
  }
  if (!provider.client.isGranted) {
    return oauthError(400, 'unauthorized_client', "The client is not authorized to request a token using this method. The OAuth 2.0 Client is not allowed to use authorization grant 'client_credentials'."); // prettier-ignore
  }
  const audience = request.form.get('audience') ?? '';
  if (audience !== '' && audience !== AUDIENCE) {
    const description = `The requested resource is invalid. Requested audience '${audience}' has not been whitelisted by the OAuth 2.0 Client.`;
    return oauthError(400, 'invalid_request', description);
  }
  const claims = {
    iss: provider.issuer,
    sub: provider.client.id,
    client_id: provider.client.id,
    aud: audience === '' ? [] : [audience],
    scp: [],
  };
  return { grant: { claims, lifeSeconds: 3600, isOpaque } };
}

/** Hydra with the setting `strategies.access_token: jwt`. */
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

/** Hydra with its default, `strategies.access_token: opaque`. */
export const opaqueHydra: ProviderRules = {
  ...hydra,
  name: 'opaque-hydra',
  grant: (request, provider) => grant(request, provider, true),
};
