import { render } from '../../../contract/messages/message';
import { createTestBench, failureOf, oauthError, signal, type TestBench } from './testing/test-bench';
import { type TestResponse } from './testing/test-provider';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

it('accepts a document whose issuer has an additional slash at the end, and returns this issuer', async () => {
  const issuer = `${bench.provider.issuer}/`;
  bench.provider.onDiscovery = () => bench.provider.document({ issuer });
  expect((await bench.source().discover(signal)).issuer).toBe(issuer);
});

describe('discovery', () => {
  it.each([
    {
      name: 'another issuer',
      response: () => bench.provider.document({ issuer: 'https://other' }),
      code: 'provider_issuer_mismatch',
      message: 'https://other',
    },
    {
      name: 'an issuer template',
      response: () => bench.provider.document({ issuer: 'https://login.example/{tenantid}/v2.0' }),
      code: 'provider_issuer_mismatch',
      message: 'template',
    },
    {
      name: 'no issuer',
      response: () => bench.provider.document({ issuer: undefined }),
      code: 'provider_not_oidc',
      message: 'has no issuer',
    },
    {
      name: 'no token endpoint',
      response: () => bench.provider.document({ token_endpoint: undefined }),
      code: 'provider_no_token_endpoint',
      message: 'token_endpoint of the discovery document is missing',
    },
    {
      name: 'a plain http token endpoint',
      response: () => bench.provider.document({ token_endpoint: 'http://idp.example/token' }),
      code: 'provider_no_token_endpoint',
      message: 'not https',
    },
    {
      name: 'HTML',
      response: () => ({ headers: { 'content-type': 'text/html' }, body: '<html></html>' }),
      code: 'provider_intercepted',
      message: 'HTTP 200, text/html',
    },
    { name: 'a JSON list', response: () => ({ body: [] }), code: 'provider_intercepted', message: 'HTTP 200' },
    {
      name: 'status 404',
      response: () => ({ status: 404, body: { error: 'Realm does not exist' } }),
      code: 'provider_not_oidc',
      message: 'Realm does not exist',
    },
    {
      name: 'an unknown tenant of Entra ID',
      response: () => oauthError(400, 'invalid_tenant', 'AADSTS90002: Tenant not found.\r\nTrace ID: x'),
      code: 'provider_not_oidc',
      message: 'Its response: invalid_tenant (HTTP 400).',
      more: 'Its response: invalid_tenant: AADSTS90002: Tenant not found. (HTTP 400).',
    },
    {
      name: 'a redirect',
      response: () => ({ status: 302, headers: { location: '/login?secret=1' } }),
      code: 'provider_intercepted',
      message: '/login; redirects are not followed',
    },
    {
      name: 'a server error',
      response: () => ({ status: 500 }),
      code: 'provider_down',
      message: 'It responds with HTTP 500',
    },
    {
      name: 'more than 1 MiB',
      response: () => ({ body: 'x'.repeat(1024 * 1024 + 1) }),
      code: 'provider_not_oidc',
      message: 'larger than 1 MiB',
    },
  ] satisfies Array<{ name: string; response: () => TestResponse; code: string; message: string; more?: string }>)(
    'rejects $name',
    async ({ response, code, message, more = '' }) => {
      bench.provider.onDiscovery = response;
      const failure = await failureOf(bench.source().discover(signal));
      expect(failure.code).toBe(code);
      expect(failure.message).toContain(message);
      expect(render(failure.moreMessages)).toContain(more);
      expect(failure.message).not.toContain('secret=1');
    }
  );

  it('keeps the path of the issuer', async () => {
    const issuer = `${bench.provider.issuer}/realms/lake`;
    bench.provider.onDiscovery = () => bench.provider.document({ issuer });
    await bench.source({ issuer }).discover(signal);
    expect(bench.provider.discoveries).toEqual(['/realms/lake/.well-known/openid-configuration']);
  });

  it.each(['http://idp.example', 'http://127.0.0.1.example', 'http://localhost.example', 'ftp://localhost'])(
    'sends no request to %s',
    async (issuer) => {
      const failure = await failureOf(bench.source({ issuer }).discover(signal));
      expect(failure.message).toContain('not an https URL');
    }
  );

  it('fails with provider_unreachable when nothing listens', async () => {
    await bench.provider.close();
    const failure = await failureOf(bench.source().discover(signal));
    expect(failure.code).toBe('provider_unreachable');
    expect(failure.message).toContain('Nothing listens');
  });

  it.each(['discovery', 'token'])('fails with provider_timeout without a response to the request: %s', async (what) => {
    const silence = () => () => undefined;
    Object.assign(bench.provider, what === 'token' ? { onToken: silence } : { onDiscovery: silence });
    const tokens = bench.source({}, { limits: { discoveryMs: 20, requestMs: 60 } });
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_timeout');
  });
});
