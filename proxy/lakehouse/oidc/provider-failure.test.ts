import { render } from '../../../contract/messages/message';
import { Secret } from '../../observe/logging/secret';
import { createTestBench, failureOf, oauthError, signal, type TestBench } from './testing/test-bench';
import { type TestResponse } from './testing/test-provider';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

describe('responses without a token', () => {
  const invalid = 'invalid_client';
  const cases: Array<{ name: string; response: TestResponse; code: string; message: string; advice?: string }> = [
    {
      name: 'a wrong secret',
      response: oauthError(401, invalid, 'Client authentication failed'),
      code: 'provider_refused',
      message: 'invalid_client: Client authentication failed (HTTP 401)',
    },
    {
      name: 'invalid_target',
      response: oauthError(400, 'invalid_target'),
      code: 'provider_rejected_request',
      message: 'invalid_target',
      advice: 'parameter "resource"',
    },
    {
      name: 'status 403 with plain text',
      response: { status: 403, body: 'forbidden by firewall' },
      code: 'provider_intercepted',
      message: 'got this response: HTTP 403, text/plain.',
    },
    {
      name: 'status 502 with HTML',
      response: { status: 502, headers: { 'content-type': 'text/html' }, body: '<title>Bad Gateway</title>' },
      code: 'provider_down',
      message: 'Its response is not an OAuth error (HTTP 502, text/html).',
    },
    {
      name: 'JSON without an error',
      response: { status: 400, body: { message: 'internal', error_description: 'internal' } },
      code: 'provider_intercepted',
      message: 'got this response: HTTP 400, application/json.',
    },
    {
      name: 'an error that is not a string',
      response: { status: 400, body: { error: { message: 'internal' } } },
      code: 'provider_bad_answer',
      message: 'Its response is not an OAuth error (HTTP 400, application/json).',
    },
    {
      name: 'an unknown content type',
      response: { status: 404, headers: { 'content-type': 'internal/secret' }, body: 'x' },
      code: 'provider_intercepted',
      message: 'got this response: HTTP 404.',
    },
    {
      name: 'an empty response',
      response: { status: 404 },
      code: 'provider_intercepted',
      message: 'HTTP 404, text/plain',
    },
    {
      name: 'a redirect',
      response: { status: 307, headers: { location: 'https://elsewhere/x' } },
      code: 'provider_intercepted',
      message: 'https://elsewhere/x; redirects are not followed',
    },
    {
      name: 'status 200 without a token',
      response: { body: { id: 1, token: 'x' } },
      code: 'provider_bad_answer',
      message: 'contains no access_token.',
    },
    {
      name: 'status 200 with an error',
      response: oauthError(200, invalid),
      code: 'provider_refused',
      message: 'invalid_client',
    },
    {
      name: 'status 200 with text that is not JSON',
      response: { body: 'welcome' },
      code: 'provider_intercepted',
      message: 'HTTP 200, text/plain',
    },
    {
      name: 'a page of a firewall',
      response: {
        status: 403,
        headers: { 'content-type': 'text/html', server: 'AkamaiGHost', via: '1.1 egress-7' },
        body: '<p>',
      },
      code: 'provider_intercepted',
      message: 'HTTP 403, text/html, Server: AkamaiGHost, Via: 1.1 egress-7',
      advice: 'Find out which proxy, gateway or firewall',
    },
    {
      name: 'a redirect to another address of the provider',
      response: { status: 308, headers: { location: 'https://elsewhere/token' } },
      code: 'provider_bad_answer',
      message: 'redirects to https://elsewhere/token',
    },
    {
      name: 'status 401 without a body',
      response: { status: 401, headers: { 'www-authenticate': 'Basic' } },
      code: 'provider_refused',
      message: 'HTTP 401',
    },
    {
      name: 'a connection that breaks',
      response: (response) => response.destroy(),
      code: 'provider_unreachable',
      message: 'connection was closed',
    },
  ];
  it.each(cases)('cause an error that describes $name', async ({ response, code, message, advice }) => {
    bench.provider.onToken = () => response;
    const failure = await failureOf(bench.source().getToken(signal));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(failure.advice).toContain(advice ?? '');
    expect(bench.requests).toEqual([code]);
  });

  it('mentions that the discovery document does not list the grant', async () => {
    bench.provider.onDiscovery = () => bench.provider.document({ grant_types_supported: ['authorization_code'] });
    bench.provider.onToken = () => oauthError(400, 'unauthorized_client');
    const { moreMessages } = await failureOf(bench.source().getToken(signal));
    expect(moreMessages.map(({ code }) => code)).toEqual(['grant-not-listed']);
  });

  it('truncates the error description of the provider to 500 characters', async () => {
    bench.provider.onToken = () => ({
      status: 400,
      body: { error: 'invalid_request', error_description: 'word '.repeat(1000) },
    });
    expect((await failureOf(bench.source().getToken(signal))).message.length).toBeLessThan(650);
  });
});

describe('a response that repeats words of the secret', () => {
  const KEYCLOAK = 'Invalid client or Invalid client credentials';
  const NO_ACCOUNT = 'Client not enabled to retrieve service account';
  const withSecret = (secret: string) =>
    bench.source({ authentication: { kind: 'secret', secret: new Secret(secret), style: 'post' } });

  it.each([
    { secret: 'client-secret', words: KEYCLOAK, advice: 'keycloak-secret-wrong' },
    { secret: 'client', words: KEYCLOAK, advice: 'keycloak-secret-wrong' },
    { secret: 'invalid client', words: KEYCLOAK, advice: 'keycloak-secret-wrong' },
    { secret: 'service-account', words: NO_ACCOUNT, advice: 'keycloak-service-account-off' },
    {
      secret: 'public',
      words: 'Public client not allowed to retrieve service account',
      advice: 'keycloak-public-client',
    },
    { secret: 'signed', words: 'Parameter client_assertion_type is missing: signed', advice: 'use-signed-jwt' },
  ])('causes the same advice as with another secret: $secret', async ({ secret, words, advice }) => {
    bench.provider.onToken = () => oauthError(401, 'unauthorized_client', words);
    const [failure, other] = await Promise.all(
      [secret, 'Zq8kT4vXw2LpR9'].map((each) => failureOf(withSecret(each).getToken(signal)))
    );
    expect(failure?.adminMessages.map(({ code }) => code)).toContain(advice);
    expect(failure?.code).toBe(other?.code);
    expect(failure?.advice).toBe(other?.advice);
  });

  it.each([
    { name: 'resource', isPlain: false, isShown: true },
    { name: 'tenant', isPlain: true, isShown: true },
    { name: 'pin', isPlain: false, isShown: false },
  ])('is shown despite a short parameter that is no secret: $name', async ({ name, isPlain, isShown }) => {
    bench.provider.onToken = () => oauthError(400, 'invalid_target', 'The resource lake is not known here');
    const source = bench.source({ parameters: [[name, new Secret('lake'), isPlain]] });
    const failure = await failureOf(source.getToken(signal));
    const all = [failure.message, ...failure.moreMessages.map((each) => render(each))].join(' ');
    expect(all.includes('The resource lake is not known here')).toBe(isShown);
  });

  it.each([
    { secret: 'signed', error: 'invalid_client', shown: 'Its response: invalid_client (HTTP 401).' },
    { secret: 'signed', error: 'bad_signed_thing', shown: 'Its response is an OAuth error (HTTP 401).' },
  ])('is not shown or logged if the secret is short: $error', async ({ secret, error, shown }) => {
    bench.provider.onToken = () => oauthError(401, error, 'it is not signed by SIGNED, dengis or s.i.g.n.e.d');
    const failure = await failureOf(withSecret(secret).getToken(signal));
    const all = [
      failure.message,
      failure.advice,
      ...failure.moreMessages.map((each) => render(each)),
      ...bench.logLines,
    ].join('\n');
    expect(failure.message).toContain(shown);
    expect(failure.moreMessages.map(({ code }) => code)).toContain('provider-description-hidden');
    expect(all.replace(/\W/g, '')).not.toMatch(/signed|dengis/i);
  });
});
