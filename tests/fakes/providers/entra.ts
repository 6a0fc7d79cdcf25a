/**
 * A fake of Microsoft Entra ID. One endpoint issues tokens of two versions. The registration of the API determines the
 * version, and the request cannot change it.
 */
import { type AssertionFault, verifyAssertion } from './client-assertion';
import { type GrantOutcome, type ProviderRules, type Reply, type ProviderState } from './rules';
import { type TokenRequest } from './token-request';

export const TENANT = '8f2b6a52-3c1d-4d6e-9d3a-2f1f7c0a9b11';
const API_ID = '1c0f5e2e-77aa-4b0e-8a57-61f0a6a3d1c4';
const API_URI = `api://${API_ID}`;
const OBJECT_ID = '5d0d9a3e-0f1b-4b7e-a7f5-3f1f1d6ac001';
const LIFE_SECONDS = 3599;

/** Entra's error body. The description has additional lines that do not help a user. */
function rejection(status: number, error: string, code: number, message: string): { rejection: Reply } {
  const trace =
    'Trace ID: 11111111-2222-3333-4444-555555555555\r\nCorrelation ID: 66666666-7777-8888-9999-000000000000';
  const description = `AADSTS${code}: ${message}\r\n${trace}\r\nTimestamp: 2026-11-24 00:00:00Z`;
  return { rejection: { status, body: { error, error_description: description, error_codes: [code] } } };
}

const ASSERTION_CODES: Partial<Record<AssertionFault, [code: number, text: string]>> = {
  key: [700027, 'The certificate with identifier used to sign the client assertion is not registered on application.'],
  time: [700024, 'Client assertion is not within its valid time range.'],
  lifetime: [700024, 'Client assertion is not within its valid time range.'],
};

async function assertionRejection(
  assertion: string,
  provider: ProviderState
): Promise<{ rejection: Reply } | undefined> {
  const { client } = provider;
  const verdict = await verifyAssertion(assertion, {
    publicKey: client.rsa.publicKey,
    algorithms: ['PS256', 'RS256'],
    thumbprintSha256: client.thumbprintSha256,
    party: client.id,
    audience: provider.tokenEndpoint,
    maxLifeSeconds: 600,
    skewSeconds: 300,
    seen: provider.seenAssertions,
    nowSeconds: provider.nowSeconds(),
  });
  if (verdict.fault === undefined) {
    return undefined;
  }
  const [code, description] = ASSERTION_CODES[verdict.fault] ?? [700027, `Client assertion failed: ${verdict.detail}`];
  return rejection(401, 'invalid_client', code, description);
}

async function clientRejection(
  request: TokenRequest,
  provider: ProviderState
): Promise<{ rejection: Reply } | undefined> {
  const { client } = provider;
  const { id, secret, assertion } = request.client;
  if (id !== client.id) {
    return rejection(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${id}' was not found in the directory.`
    );
  }
  if (assertion !== undefined) {
    return assertionRejection(assertion, provider);
  }
  if (secret === undefined) {
    return rejection(
      401,
      'invalid_client',
      7000218,
      "The request body must contain: 'client_assertion' or 'client_secret'."
    );
  }
  if (secret !== client.secret) {
    return rejection(
      401,
      'invalid_client',
      7000215,
      'Invalid client secret provided. Ensure the value is sent, not its ID.'
    );
  }
  return client.isSecretExpired
    ? rejection(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.')
    : undefined;
}

function resourceRejection(form: URLSearchParams): { rejection: Reply } | undefined {
  if (form.has('resource')) {
    return rejection(400, 'invalid_request', 901002, "The 'resource' request parameter is not supported.");
  }
  const scope = form.get('scope');
  if (scope === null) {
    return rejection(400, 'invalid_request', 900144, "The request body must contain the following parameter: 'scope'.");
  }
  if (scope.includes(' ')) {
    return rejection(400, 'invalid_scope', 700022, 'The provided value for scope names several resources.');
  }
  if (!scope.endsWith('/.default')) {
    return rejection(400, 'invalid_scope', 1002012, `The provided value for scope ${scope} is not valid.`);
  }
  return [API_URI, API_ID].includes(scope.slice(0, -'/.default'.length))
    ? undefined
    : rejection(400, 'invalid_resource', 500011, 'The resource principal was not found in the tenant.');
}

function rulesOf(version: 1 | 2): ProviderRules {
  async function grant(request: TokenRequest, provider: ProviderState): Promise<GrantOutcome> {
    if (request.form.get('grant_type') !== 'client_credentials') {
      return rejection(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
    }
    const rejected = (await clientRejection(request, provider)) ?? resourceRejection(request.form);
    if (rejected !== undefined) {
      return rejected;
    }
    if (!provider.client.isGranted) {
      return rejection(400, 'invalid_grant', 501051, 'Application is not assigned to a role for the application.');
    }
    const { id } = provider.client;
    const common = { sub: OBJECT_ID, oid: OBJECT_ID, tid: TENANT, ver: `${version}.0` };
    const claims =
      version === 1
        ? { ...common, iss: v1Issuer(provider.origin), aud: API_URI, appid: id }
        : { ...common, iss: provider.issuer, aud: API_ID, azp: id };
    return { grant: { claims, lifeSeconds: LIFE_SECONDS, body: bodyOf } };
  }

  return {
    name: version === 1 ? 'entra-v1' : 'entra',
    issuerPath: `/${TENANT}/v2.0`,
    tokenPath: `/${TENANT}/oauth2/v2.0/token`,
    jwksPath: `/${TENANT}/discovery/v2.0/keys`,
    metadata: {
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    },
    otherDocuments: ({ origin }) => ({
      [`/sts/${TENANT}/.well-known/openid-configuration`]: { issuer: v1Issuer(origin) },
    }),
    unknownTenant: rejection(
      400,
      'invalid_tenant',
      90002,
      'Tenant not found. Check to make sure you have the correct tenant ID.'
    ).rejection,
    rateLimited: rejection(429, 'temporarily_unavailable', 90055, 'The request was throttled.').rejection,
    grant,
    form: ({ issuer, client }) => ({
      jsonData: {
        oauthProvider: 'entra',
        oauthIssuer: issuer,
        oauthClientId: client.id,
        oauthScope: `${API_URI}/.default`,
      },
      secrets: { oauthClientSecret: client.secret },
      serverAudience: version === 1 ? API_URI : API_ID,
    }),
  };
}

/** The issuer of v1 tokens. The real issuer is on `sts.windows.net`, and also ends with a slash. */
export function v1Issuer(origin: string): string {
  return `${origin}/sts/${TENANT}/`;
}

function bodyOf(token: string, lifeSeconds: number): Record<string, unknown> {
  return { token_type: 'Bearer', expires_in: lifeSeconds, ext_expires_in: lifeSeconds, access_token: token };
}

/** An API that is registered for tokens of version 2. */
export const entra = rulesOf(2);

/** An API with Entra's default: its tokens have version 1, even from the v2 endpoint. */
export const entraV1 = rulesOf(1);

/** The v1 endpoint, which requires `resource` and returns numbers as strings. */
export const entraOldEndpoint: ProviderRules = {
  ...entraV1,
  name: 'entra-old-endpoint',
  issuerPath: `/${TENANT}`,
  tokenPath: `/${TENANT}/oauth2/token`,
  jwksPath: `/${TENANT}/discovery/keys`,
  async grant(request, provider) {
    const rejected = await clientRejection(request, provider);
    if (rejected !== undefined) {
      return rejected;
    }
    if (request.form.get('resource') !== API_URI) {
      return rejection(400, 'invalid_resource', 500011, 'The resource principal was not found in the tenant.');
    }
    const claims = {
      iss: provider.issuer,
      sub: OBJECT_ID,
      oid: OBJECT_ID,
      aud: API_URI,
      appid: provider.client.id,
      ver: '1.0',
    };
    const body = (token: string, lifeSeconds: number) => ({
      token_type: 'Bearer',
      expires_in: String(lifeSeconds),
      access_token: token,
    });
    return { grant: { claims, lifeSeconds: LIFE_SECONDS, body } };
  },
  form: ({ issuer, client }) => ({
    jsonData: {
      oauthProvider: 'entra',
      oauthIssuer: issuer,
      oauthClientId: client.id,
      oauthParameterName1: 'resource',
      oauthParameterValue1: API_URI,
    },
    secrets: { oauthClientSecret: client.secret },
    serverAudience: API_URI,
  }),
};
