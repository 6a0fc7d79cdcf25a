/** Fakes of Okta: a custom authorization server, and the org authorization server, whose tokens only Okta accepts. */
import { type AssertionVerdict, verifyAssertion } from './client-assertion';
import { type GrantOutcome, oauthError, type ProviderRules, type Reply, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'api://default';
const SCOPE = 'micromegas';
const LIFE_SECONDS = 3600;

/** Okta's own error format, which has no member `error`. */
function ownError(status: number, errorCode: string, errorSummary: string): Reply {
  return { status, body: { errorCode, errorSummary, errorLink: errorCode, errorId: 'oae1', errorCauses: [] } };
}

function verified(assertion: string, provider: ProviderState): Promise<AssertionVerdict> {
  const { client } = provider;
  const isEc = Buffer.from(assertion.split('.')[0], 'base64url').includes('"ES256"');
  return verifyAssertion(assertion, {
    publicKey: isEc ? client.ec.publicKey : client.rsa.publicKey,
    algorithms: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'],
    keyId: isEc ? client.ec.kid : client.rsa.kid,
    party: client.id,
    audience: provider.tokenEndpoint,
    maxLifeSeconds: 3600,
    skewSeconds: 300,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
}

async function clientRejection(
  request: TokenRequest,
  provider: ProviderState
): Promise<{ rejection: Reply } | undefined> {
  const { id, secret, assertion } = request.client;
  if (id !== provider.client.id) {
    return { rejection: ownError(401, 'invalid_client', "Invalid value for 'client_id' parameter.") };
  }
  if (assertion === undefined) {
    return secret === provider.client.secret
      ? undefined
      : oauthError(401, 'invalid_client', 'The client secret supplied for a confidential client is invalid.');
  }
  const verdict = await verified(assertion, provider);
  if (verdict.fault === undefined) {
    return undefined;
  }
  const description =
    verdict.fault === 'key' ? "The client_assertion's kid is invalid." : 'The client_assertion is invalid.';
  return oauthError(401, 'invalid_client', description);
}

async function customGrant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome> {
  if (request.form.get('grant_type') !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported.');
  }
  const rejected = await clientRejection(request, provider);
  if (rejected !== undefined) {
    return rejected;
  }
  const scope = request.form.get('scope') ?? '';
  if (scope === '') {
    const description =
      "The authorization server resource does not have any configured default scopes, 'scope' must be provided.";
    return oauthError(400, 'invalid_scope', description);
  }
  if (scope !== SCOPE) {
    return oauthError(
      400,
      'invalid_scope',
      'One or more scopes are not configured for the authorization server resource.'
    );
  }
  if (!provider.client.isGranted) {
    return oauthError(
      400,
      'access_denied',
      'Policy evaluation failed for this request, please check the policy configurations.'
    );
  }
  const { id } = provider.client;
  const claims = { iss: provider.issuer, sub: id, cid: id, aud: AUDIENCE, scp: [scope], ver: 1 };
  const body = (token: string, lifeSeconds: number) => ({
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    access_token: token,
    scope,
  });
  return { grant: { claims, lifeSeconds: LIFE_SECONDS, body } };
}

const RATE_LIMITED: Reply = {
  ...ownError(429, 'E0000047', 'API call exceeded rate limit due to too many requests.'),
  headers: { 'x-rate-limit-remaining': '0' },
};

export const okta: ProviderRules = {
  name: 'okta',
  issuerPath: '/oauth2/default',
  tokenPath: '/oauth2/default/v1/token',
  jwksPath: '/oauth2/default/v1/keys',
  metadata: { token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] },
  unknownTenant: ownError(404, 'E0000007', 'Not found: Resource not found: other (AuthorizationServer)'),
  rateLimited: RATE_LIMITED,
  grant: customGrant,
  form: ({ issuer, client }) => ({
    jsonData: {
      oauthProvider: 'okta',
      oauthIssuer: issuer,
      oauthClientId: client.id,
      oauthScope: SCOPE,
    },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: AUDIENCE,
  }),
};

/** The org authorization server, which accepts no client secrets and no scopes other than Okta's. */
export const oktaOrg: ProviderRules = {
  ...okta,
  name: 'okta-org',
  issuerPath: '',
  tokenPath: '/oauth2/v1/token',
  jwksPath: '/oauth2/v1/keys',
  async grant(request, provider) {
    if (request.client.assertion === undefined) {
      const description =
        'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.';
      return oauthError(400, 'invalid_client', description);
    }
    const rejected = await clientRejection(request, provider);
    if (rejected !== undefined) {
      return rejected;
    }
    return /^okta\.\w+\.read$/.test(request.form.get('scope') ?? '')
      ? {
          grant: {
            claims: { iss: provider.issuer, sub: provider.client.id, aud: provider.issuer },
            lifeSeconds: LIFE_SECONDS,
          },
        }
      : oauthError(400, 'invalid_scope', 'Custom scopes are not allowed for this request.');
  },
};
