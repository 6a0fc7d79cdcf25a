import { render } from '../../../contract/messages/message';
import { createTestBench, failureOf, signal, type TestBench } from './testing/test-bench';
import { testToken } from './testing/test-provider';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
  bench.provider.onToken = () => ({
    body: {
      access_token: testToken({ sub: 'x' }, { alg: 'RS256', kid: 'key-1' }),
      token_type: 'Bearer',
      expires_in: 300,
    },
  });
});

afterEach(() => bench.provider.close());

const published = (...keys: Array<Record<string, unknown>>) => ({ body: { keys } });

const cases = [
  {
    name: 'a published key',
    response: published({ kid: 'key-1', kty: 'RSA' }),
    status: 'known',
    message: 'is among the keys',
  },
  {
    name: 'a key that is not published any more',
    response: published({ kid: 'key-2', kty: 'RSA' }),
    status: 'unknown',
    message: 'key-1 is not among',
  },
  { name: 'an empty key set', response: published(), status: 'unknown', message: 'is not among' },
  {
    name: 'a key that is not an RSA key',
    response: published({ kid: 'key-1', kty: 'EC' }),
    status: 'unknown',
    message: 'not an RSA key',
  },
  {
    name: 'a response that is not a key set',
    response: { body: 'hello' },
    status: 'unchecked',
    message: 'no set of keys',
  },
  { name: 'a failing provider', response: { status: 500 }, status: 'unchecked', message: 'HTTP 500' },
];
it.each(cases)('reports $name', async ({ response, status, message }) => {
  bench.provider.onKeys = () => response;
  const tokens = bench.source();
  const finding = await tokens.checkKey(await tokens.getToken(signal), signal);
  expect(finding.status).toBe(status);
  expect(render(finding.message)).toContain(message);
});

it('reports a token without a key id', async () => {
  bench.provider.onToken = () => ({ body: { access_token: testToken({}), token_type: 'Bearer', expires_in: 300 } });
  const tokens = bench.source();
  expect(await tokens.checkKey(await tokens.getToken(signal), signal)).toMatchObject({ status: 'unchecked' });
});

it.each([
  ['over plain HTTP', 'http://idp.example/jwks', 'jwks_uri of the discovery document is http://idp.example/jwks'],
  ['on another host', 'https://idp.example/jwks', 'jwks_uri of the discovery document is on idp.example'],
])('does not read keys %s', async (_name, jwks_uri, message) => {
  bench.provider.onDiscovery = () => bench.provider.document({ jwks_uri });
  const tokens = bench.source();
  const finding = await tokens.checkKey(await tokens.getToken(signal), signal);
  expect(finding.status).toBe('unchecked');
  expect(render(finding.message)).toContain(message);
});

it('reads the keys once for concurrent calls, and again after a minute', async () => {
  let asked = 0;
  bench.provider.onKeys = () => {
    asked += 1;
    return published();
  };
  const tokens = bench.source();
  const token = await tokens.getToken(signal);
  await Promise.all([1, 2, 3].map(() => tokens.checkKey(token, signal)));
  await tokens.checkKey(token, signal);
  expect(asked).toBe(1);
  bench.nowMs += 60_000;
  await tokens.checkKey(token, signal);
  expect(asked).toBe(2);
});

it('reads the keys again after a minute even if the system clock was set back', async () => {
  let elapsedMs = 0;
  const tokens = bench.source({}, { elapsedMs: () => elapsedMs });
  bench.provider.onKeys = () => published();
  const token = await tokens.getToken(signal);
  expect((await tokens.checkKey(token, signal)).status).toBe('unknown');
  bench.provider.onKeys = () => published({ kid: 'key-1', kty: 'RSA' });
  bench.nowMs -= 3_600_000;
  elapsedMs += 60_000;
  expect((await tokens.checkKey(token, signal)).status).toBe('known');
});

it('rejects when the signal of the caller aborts', async () => {
  bench.provider.onKeys = () => () => undefined;
  const tokens = bench.source({}, { limits: { discoveryMs: 100 } });
  const token = await tokens.getToken(signal);
  expect((await failureOf(tokens.checkKey(token, AbortSignal.abort()))).code).toBe('query_cancelled');
});
