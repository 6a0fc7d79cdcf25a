import { ProxyError } from '../../base/errors/proxy-error';
import { type AuthenticationInUse } from './client-credentials';
import { discoveryFailure } from './provider-failure';
import { failureOf, NOW_MS, rowsOf, says, url } from './testing/rejections';

const KEY: AuthenticationInUse = { kind: 'private-key', algorithm: 'RS256' };
const FILE: AuthenticationInUse = { kind: 'assertion-file' };

/*
 * Each line describes a rejected token request. The columns are the name of the test, the HTTP status of the response,
 * its "<error>: <description>", the expected code, and a part of the expected advice. A response with the prefix
 * `errorCode` is sent in Okta's own format.
 */

const AUTH0 = `
  wrong secret | 401 | access_denied: Unauthorized | provider_refused | application in Auth0
  wrong secret, as documented | 401 | invalid_client: Client authentication failed | provider_refused | Client Secret
  unknown client | 403 | unauthorized_client: Unknown client: x | provider_refused | Check Client ID
  unknown audience | 403 | access_denied: Service not enabled within domain: lake | provider_not_granted | Check Audience
  no client grant | 403 | access_denied: Client is not authorized to access resource server "lake". You need to create a client-grant. | provider_not_granted | Machine to Machine
  no client grant, other error | 403 | invalid_request: Client is not authorized to access resource server "lake". | provider_not_granted | Machine to Machine
  no client grant, third party | 403 | unauthorized_client: Client is not authorized to access resource server "lake". | provider_not_granted | Machine to Machine
  no audience | 403 | access_denied: No audience parameter was provided, and no default audience has been configured | provider_rejected_request | as Audience
  scope not granted | 403 | access_denied: Client has not been granted scopes: read | provider_not_granted | Check Scope
  grant not enabled | 403 | unauthorized_client: Grant type 'client_credentials' not allowed for the client. | provider_not_granted | Allow the client credentials grant
  grant not supported | 400 | unsupported_grant_type | provider_not_granted | Allow the client credentials grant
  quota | 429 | too_many_requests: Client quota exceeded | provider_rate_limited | quota
  rate | 429 | too_many_requests: Rate limit exceeded | provider_rate_limited | Wait
`;

const ENTRA = `
  wrong secret | 401 | invalid_client: AADSTS7000215 | provider_refused | not its Secret ID
  expired secret | 401 | invalid_client: AADSTS7000222 | provider_refused | has expired
  no secret | 401 | invalid_client: AADSTS7000218 | provider_refused | Enter the client secret
  unknown application | 400 | unauthorized_client: AADSTS700016 | provider_refused | not in this tenant
  disabled application | 400 | unauthorized_client: AADSTS7000112 | provider_not_granted | disabled
  no service principal | 401 | unauthorized_client: AADSTS7000229 | provider_not_granted | enterprise application
  unknown tenant | 400 | invalid_request: AADSTS90002 | provider_rejected_request | Check OIDC Issuer: Entra ID does not know
  malformed tenant | 400 | invalid_request: AADSTS900023 | provider_rejected_request | Check OIDC Issuer: Entra ID does not know
  scope without default | 400 | invalid_scope: AADSTS1002012 | provider_rejected_request | /.default
  unknown resource | 400 | invalid_resource: AADSTS500011 | provider_rejected_request | Check Scope: the tenant has no API
  bad scope | 400 | invalid_scope: AADSTS70011 | provider_rejected_request | /.default
  several resources | 400 | invalid_scope: AADSTS700022 | provider_rejected_request | one API
  no scope | 400 | invalid_request: AADSTS900144 | provider_rejected_request | Entra ID accepts no Audience
  no scope, older number | 400 | invalid_request: AADSTS90014 | provider_rejected_request | /.default
  resource at v2 | 400 | invalid_request: AADSTS901002 | provider_rejected_request | Remove
  assignment required | 400 | invalid_grant: AADSTS501051 | provider_not_granted | Assign
  unknown key | 401 | invalid_client: AADSTS700027 | provider_refused | Upload the certificate
  assertion outside its time | 401 | invalid_client: AADSTS700024 | provider_clock | clock
  throttled | 429 | temporarily_unavailable: AADSTS90055 | provider_rate_limited | Wait
  throttled without the status | 400 | invalid_request: AADSTS90055 | provider_rate_limited | Wait
  another cloud | 400 | invalid_request: AADSTS90038 | provider_rejected_request | cloud
  another cloud, later number | 400 | invalid_request: AADSTS900432 | provider_rejected_request | cloud
`;

const OKTA = `
  wrong secret | 401 | invalid_client: The client secret supplied for a confidential client is invalid. | provider_refused | Okta
  unknown client | 400 | errorCode invalid_client: Invalid value for 'client_id' parameter. | provider_refused | Check Client ID
  no scope | 400 | invalid_scope: The authorization server resource does not have any configured default scopes, 'scope' must be provided. | provider_rejected_request | Enter a Scope
  unknown scope | 400 | invalid_scope: One or more scopes are not configured for the authorization server resource. | provider_rejected_request | Enter a Scope
  custom scope at the org server | 400 | invalid_scope: Custom scopes are not allowed for this request. | provider_rejected_request | /oauth2/default
  secret at the org server | 401 | invalid_client: Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method. | provider_rejected_request | /oauth2/default
  no rule | 400 | access_denied: Policy evaluation failed for this request, please check the policy configurations. | provider_not_granted | access policy
  no policy | 400 | no_matching_policy | provider_not_granted | access policy
  rate | 429 | errorCode E0000047: API call exceeded rate limit | provider_rate_limited | Wait
  no key of the client | 401 | invalid_client: JWKSet not configured | provider_refused | public key
  unknown key id | 401 | invalid_client: The kid is invalid. | provider_refused | key ID
`;

const GOOGLE = `
  wrong key | 400 | invalid_grant: Invalid JWT Signature. | provider_refused | new JSON key
  unknown account | 400 | invalid_grant: Invalid grant: account not found | provider_refused | service account
  clock | 400 | invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. | provider_clock | clock
  wrong aud | 400 | invalid_grant: Invalid JWT: Failed audience check. | provider_rejected_request | token_uri
  no iat | 400 | invalid_grant: Invalid JWT: iat (issued at) is not set. | provider_rejected_request | Report
  no exp | 400 | invalid_grant: Invalid JWT: exp (expiration) is not set. | provider_rejected_request | Report
  no target audience | 400 | invalid_scope: Invalid OAuth scope or ID token audience provided. | provider_rejected_request | Check Audience
  not allowed | 401 | unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested. | provider_not_granted | Google Cloud
  a client secret | 400 | unsupported_grant_type: Invalid grant_type: client_credentials | provider_not_granted | client credentials grant
  an unknown OAuth client | 401 | invalid_client: The OAuth client was not found. | provider_refused | JSON key
  a disabled OAuth client | 401 | disabled_client: The OAuth client was disabled. | provider_not_granted | disabled
  a deleted OAuth client | 401 | deleted_client: The OAuth client was deleted. | provider_refused | deleted
`;

const KEYCLOAK = `
  no client id | 400 | invalid_client: Missing client_id parameter | provider_refused | Client ID
  unknown client | 401 | invalid_client: Invalid client or Invalid client credentials | provider_refused | Check Client ID
  wrong secret | 401 | unauthorized_client: Invalid client or Invalid client credentials | provider_refused | Client Secret
  service account off | 401 | unauthorized_client: Client not enabled to retrieve service account | provider_not_granted | Service account roles
  bad scope | 400 | invalid_scope: Invalid scopes: x | provider_rejected_request | Check Scope
  unknown realm | 404 | Realm does not exist | provider_rejected_request | does not know the realm
`;

const COGNITO = `
  bad request | 400 | invalid_request | provider_rejected_request | Scope
  wrong secret | 400 | invalid_client | provider_refused | Client Secret
  invalid grant | 400 | invalid_grant | provider_not_granted | bound to a client certificate
  grant not allowed | 400 | unauthorized_client | provider_not_granted | Allow the client credentials grant
  grant unknown | 400 | unsupported_grant_type | provider_not_granted | Allow the client credentials grant
  scope | 400 | invalid_scope | provider_rejected_request | Check Scope
`;

describe.each([
  { provider: 'Auth0', table: AUTH0 },
  { provider: 'Entra ID', table: ENTRA },
  { provider: 'Okta', table: OKTA },
  { provider: 'Google', table: GOOGLE },
  { provider: 'Keycloak', table: KEYCLOAK },
  { provider: 'Cognito', table: COGNITO },
])('$provider', ({ table }) => {
  it.each(rowsOf(table))('$name', ({ status, body, code, advice }) => {
    const failure = failureOf(status, body);
    expect(failure.code).toBe(code);
    expect(failure.advice).toContain(advice);
    expect(failure.detail).toContain(`(HTTP ${status})`);
    expect(failure.detail).not.toMatch(/Trace ID|Correlation/);
  });
});

it.each([
  {
    name: 'an unknown tenant of Entra ID',
    status: 400,
    body: says('invalid_tenant', 'AADSTS90002: no tenant'),
    advice: 'does not know the tenant',
  },
  {
    name: 'an unknown authorization server of Okta',
    status: 404,
    body: { errorCode: 'E0000007', errorSummary: 'Not found' },
    advice: 'id of the authorization server',
  },
  {
    name: 'an unknown realm of Keycloak',
    status: 404,
    body: { error: 'Realm does not exist' },
    advice: 'does not know the realm',
  },
])('explains a failed discovery: $name', ({ status, body, advice }) => {
  const response = { status, headers: new Headers(), body: JSON.stringify(body) };
  const failure = discoveryFailure(response, { url, secrets: [], nowMs: NOW_MS });
  expect(failure.code).toBe('provider_not_oidc');
  expect(failure.advice).toContain(advice);
});

describe('an error that a hint explains, with a status of 500 or more', () => {
  const body = says('invalid_tenant', 'AADSTS90002: no tenant');
  const detail = 'Its response: invalid_tenant: AADSTS90002: no tenant (HTTP 503).';

  it('is an outage, and the description of the provider is shown', () => {
    const failure = failureOf(503, body);
    expect(failure.code).toBe('provider_down');
    expect(failure.detail).toBe(detail);
    expect(failure.advice).toBe(new ProxyError('provider_down').advice);
    expect(failure.moreMessages).toEqual([]);
  });

  it('is an outage for discovery, too', () => {
    const response = { status: 503, headers: new Headers(), body: JSON.stringify(body) };
    const failure = discoveryFailure(response, { url, secrets: [], nowMs: NOW_MS });
    expect(failure.code).toBe('provider_down');
    expect(failure.detail).toContain(detail);
    expect(failure.advice).toBe(new ProxyError('provider_down').advice);
    expect(failure.moreMessages).toEqual([]);
  });

  it('keeps its advice if the error is about a rate limit', () => {
    expect(failureOf(503, says('too_many_requests', 'Client quota exceeded'))).toMatchObject({
      code: 'provider_rate_limited',
      advice: expect.stringContaining('quota'),
    });
  });
});

it('quotes the provider for an unknown error', () => {
  const failure = failureOf(400, says('weird_error', 'Moon in the wrong phase'));
  expect(failure.code).toBe('provider_rejected_request');
  expect(failure.detail).toBe('Its response: weird_error: Moon in the wrong phase (HTTP 400).');
});

describe('the clock', () => {
  const ahead = (seconds: number) => ({ date: new Date(NOW_MS + seconds * 1000).toUTCString() });

  it.each([
    {
      name: 'is the cause for an assertion that the backend signed',
      seconds: 95,
      authentication: KEY,
      code: 'provider_clock',
    },
    { name: 'is the cause if it is behind', seconds: -95, authentication: KEY, code: 'provider_clock' },
    {
      name: 'is not the cause if the clocks differ little',
      seconds: 29,
      authentication: KEY,
      code: 'provider_refused',
    },
    {
      name: 'is not the cause for an assertion from a file',
      seconds: 95,
      authentication: FILE,
      code: 'provider_refused',
    },
    { name: 'is not the cause for a secret', seconds: 95, authentication: undefined, code: 'provider_refused' },
  ])('$name', ({ seconds, authentication, code }) => {
    const failure = failureOf(401, says('invalid_client', 'no'), authentication, ahead(seconds));
    expect(failure.code).toBe(code);
    expect(failure.message.includes("The provider's clock is 95 s")).toBe(code === 'provider_clock');
  });

  it.each(['JWT expired', "The client assertion's lifetime is wrong: assertion lifetime", 'Token is not active'])(
    'is the cause for an assertion if the message of the provider says so: %s',
    (words) => {
      expect(failureOf(400, says('invalid_client', words), KEY).code).toBe('provider_clock');
      expect(failureOf(400, says('invalid_client', words)).code).toBe('provider_refused');
    }
  );
});

it.each([
  { name: 'the reset header of Auth0', header: 'x-ratelimit-reset' },
  { name: 'the reset header of Okta', header: 'x-rate-limit-reset' },
])('waits until the time in $name', ({ header }) => {
  const failure = failureOf(429, says('too_many_requests'), undefined, { [header]: String(NOW_MS / 1000 + 20) });
  expect(failure.retryAfterMs).toBe(20_000);
});

it('uses the reset header if Retry-After cannot be read', () => {
  const headers = { 'retry-after': 'soon', 'x-ratelimit-reset': String(NOW_MS / 1000 + 20) };
  expect(failureOf(429, says('too_many_requests'), undefined, headers).retryAfterMs).toBe(20_000);
});

it('ignores the reset header of Auth0 in an error that is not about the rate limit', () => {
  const headers = { 'x-ratelimit-reset': String(NOW_MS / 1000 + 60) };
  expect(failureOf(403, says('access_denied', 'no grant'), undefined, headers).retryAfterMs).toBeUndefined();
});
