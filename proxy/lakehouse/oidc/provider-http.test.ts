import { type AddressInfo, createServer } from 'node:net';
import { ProxyError } from '../../base/errors/proxy-error';
import { createTestBench, failureOf, signal, type TestBench } from './testing/test-bench';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

/** Returns a function that rejects as Node's `fetch` does: the cause of the error has the code. */
function failing(code: string) {
  return () => Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));
}

const failures = [
  { code: 'CERT_HAS_EXPIRED', as: 'provider_untrusted', message: 'has expired' },
  { code: 'CERT_NOT_YET_VALID', as: 'provider_untrusted', message: 'not valid yet' },
  { code: 'SELF_SIGNED_CERT_IN_CHAIN', as: 'provider_untrusted', message: 'authority' },
  { code: 'DEPTH_ZERO_SELF_SIGNED_CERT', as: 'provider_untrusted', message: 'authority' },
  { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', as: 'provider_untrusted', message: 'authority' },
  { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', as: 'provider_untrusted', message: 'authority' },
  { code: 'ERR_TLS_CERT_ALTNAME_INVALID', as: 'provider_untrusted', message: 'another name' },
  { code: 'ERR_SSL_WRONG_VERSION_NUMBER', as: 'provider_untrusted', message: 'does not speak TLS' },
  { code: 'EPROTO', as: 'provider_untrusted', message: 'does not speak TLS' },
  { code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', as: 'provider_untrusted', message: 'TLS failed' },
  { code: 'ENOTFOUND', as: 'provider_unreachable', message: 'cannot be resolved' },
  { code: 'ECONNREFUSED', as: 'provider_unreachable', message: 'Nothing listens' },
  { code: 'ECONNRESET', as: 'provider_unreachable', message: 'connection was closed' },
  { code: 'ETIMEDOUT', as: 'provider_timeout', message: 'The requested URL' },
  { code: 'UND_ERR_CONNECT_TIMEOUT', as: 'provider_timeout', message: 'The requested URL' },
  { code: 'EWHATEVER', as: 'provider_unreachable', message: 'EWHATEVER' },
];
it.each(failures)('explains $code', async ({ code, as, message }) => {
  const failure = await failureOf(bench.source({}, { fetch: failing(code) }).getToken(signal));
  expect(failure.code).toBe(as);
  expect(failure.message).toContain(message);
  expect(failure.message).toContain('/.well-known/openid-configuration');
});

it.each(['host_not_allowed', 'proxy_unreachable', 'tls_client_certificate'] as const)(
  'passes on errors of the route to the provider: %s',
  async (code) => {
    const reason = new ProxyError(code, { detail: 'It is idp.example:443.' });
    const isToken = (url: string) => url.endsWith('/token');
    const failures = await Promise.all([
      failureOf(bench.source({}, { fetch: () => Promise.reject(reason) }).discover(signal)),
      failureOf(
        bench
          .source({}, { fetch: (url, init) => (isToken(url) ? Promise.reject(reason) : fetch(url, init)) })
          .getToken(signal)
      ),
    ]);
    expect(failures).toEqual([reason, reason]);
  }
);

it('explains that a server does not use TLS', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const failure = await failureOf(bench.source({ issuer: `https://127.0.0.1:${port}` }).discover(signal));
  server.close();
  expect(failure.code).toBe('provider_untrusted');
});

it('sends the request body as a string, and does not follow redirects', async () => {
  let body: unknown;
  const source = bench.source(
    {},
    {
      fetch: (url, init) => {
        body = init.body ?? body;
        return fetch(url, { ...init, redirect: 'manual' });
      },
    }
  );
  bench.provider.onToken = () => ({ status: 302, headers: { location: '/elsewhere' } });
  expect((await failureOf(source.getToken(signal))).message).toContain('redirects are not followed');
  expect(typeof body).toBe('string');
  expect(bench.provider.tokenRequests.map(({ path }) => path)).toEqual(['/token']);
});
