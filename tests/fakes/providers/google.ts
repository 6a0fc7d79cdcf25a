/**
 * A fake Google: a service account signs a request for an ID token. There is no client credentials grant. The token
 * endpoint has its own host.
 */
import { type AssertionFault, verifyAssertion } from './client-assertion';
import { type GrantOutcome, oauthError, type ProviderRules, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

const AUDIENCE = 'https://micromegas.example.com';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LIFE_SECONDS = 3600;
const ACCOUNT_NUMBER = '104321098765432109876';
const TIMEFRAME =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';

const FAULTS: Record<AssertionFault, string> = {
  format: 'Invalid JWT Signature.',
  algorithm: 'Invalid JWT Signature.',
  key: 'Invalid JWT Signature.',
  signature: 'Invalid JWT Signature.',
  party: 'Invalid grant: account not found',
  audience: 'Invalid JWT: Failed audience check.',
  time: TIMEFRAME,
  lifetime: TIMEFRAME,
  jti: 'Invalid JWT: jti was used.',
};

async function grant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome> {
  const { form } = request;
  const { client } = provider;
  if (form.get('grant_type') !== JWT_BEARER) {
    return oauthError(400, 'unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type')}`);
  }
  const verdict = await verifyAssertion(form.get('assertion') ?? '', {
    publicKey: client.rsa.publicKey,
    algorithms: ['RS256'],
    keyId: client.rsa.kid,
    isKeyIdOptional: true,
    party: client.id,
    audience: provider.tokenEndpoint,
    maxLifeSeconds: 3600,
    skewSeconds: 300,
    isSingleUse: false,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  if (verdict.fault !== undefined) {
    return oauthError(400, 'invalid_grant', FAULTS[verdict.fault]);
  }
  if (verdict.claims.iat === undefined) {
    return oauthError(400, 'invalid_grant', 'Invalid JWT: iat (issued at) is not set.');
  }
  const audience = verdict.claims.target_audience;
  if (typeof audience !== 'string' || audience === '') {
    return oauthError(400, 'invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
  }
  if (!client.isGranted) {
    const description = 'Client is unauthorized to retrieve access tokens using this method.';
    return oauthError(401, 'unauthorized_client', description);
  }
  const claims = {
    iss: provider.issuer,
    sub: ACCOUNT_NUMBER,
    aud: audience,
    azp: client.id,
    email: client.id,
    email_verified: true,
  };
  return { grant: { claims, lifeSeconds: LIFE_SECONDS, body: (token) => ({ id_token: token }) } };
}

/** The JSON key file of a service account. */
export function keyFile({ client, tokenEndpoint }: ProviderState): string {
  return JSON.stringify({
    type: 'service_account',
    project_id: 'demo',
    private_key_id: client.rsa.kid,
    private_key: client.rsa.privatePem,
    client_email: client.id,
    client_id: ACCOUNT_NUMBER,
    token_uri: tokenEndpoint,
  });
}

export const google: ProviderRules = {
  name: 'google',
  issuerPath: '',
  tokenPath: '/token',
  jwksPath: '/oauth2/v3/certs',
  isTokenHostOther: true,
  clientIdSuffix: '@demo.iam.gserviceaccount.com',
  metadata: {
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    grant_types_supported: ['authorization_code', 'refresh_token', JWT_BEARER],
  },
  unknownTenant: { status: 404, body: '<!doctype html><title>Error 404 (Not Found)!!1</title>' },
  rateLimited: {
    status: 429,
    body: { error: 'rate_limit_exceeded', error_description: 'You have been rate limited.' },
  },
  grant,
  form: (provider) => ({
    jsonData: {
      oauthProvider: 'google',
      oauthIssuer: provider.issuer,
      oauthClientId: provider.client.id,
      oauthAudience: AUDIENCE,
      oauthEndpointHosts: new URL(provider.tokenEndpoint).host,
    },
    secrets: { oauthClientSecret: keyFile(provider) },
    serverAudience: AUDIENCE,
  }),
};
