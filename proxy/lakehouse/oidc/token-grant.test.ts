import { createTestBench, failureOf, signal, type TestBench } from './testing/test-bench';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

const token = { body: { access_token: 'good', token_type: 'Bearer', expires_in: 300 } };

it.each([
  { name: 'status 404', response: { status: 404 } },
  { name: 'status 405', response: { status: 405 } },
  { name: 'a redirect', response: { status: 308, headers: { location: '/new' } } },
])('finds a token endpoint that has moved, when the old one responds with $name', async ({ response }) => {
  const tokens = bench.source();
  await tokens.getToken(signal);
  bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint: `${bench.provider.issuer}/new` });
  bench.provider.onToken = ({ path }) => (path === '/new' ? token : response);
  bench.nowMs += 3_599_000;
  tokens.reject(await tokens.getToken(signal));
  expect((await tokens.getToken(signal)).secret.reveal()).toBe('good');
  expect(bench.provider.tokenRequests.at(-1)?.path).toBe('/new');
  expect((await tokens.discover(signal)).tokenEndpoint).toContain('/new');
});

it('finds a token endpoint that has moved to another machine', async () => {
  let isGone = false;
  const tokens = bench.source(
    {},
    {
      fetch: (url, init) =>
        url.endsWith('/token') && isGone
          ? Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))
          : fetch(url, init),
    }
  );
  await tokens.getToken(signal);
  isGone = true;
  bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint: `${bench.provider.issuer}/new` });
  bench.nowMs += 3_599_999;
  tokens.reject(await tokens.getToken(signal));
  await tokens.getToken(signal);
  expect(bench.provider.tokenRequests.at(-1)?.path).toBe('/new');
});

it('finds the new endpoint even if the system clock was set back', async () => {
  let elapsedMs = 0;
  const tokens = bench.source({}, { elapsedMs: () => elapsedMs });
  tokens.reject(await tokens.getToken(signal));
  bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint: `${bench.provider.issuer}/new` });
  bench.provider.onToken = ({ path }) => (path === '/new' ? token : { status: 404 });
  bench.nowMs -= 3_600_000;
  elapsedMs += 60_000;
  expect((await tokens.getToken(signal)).secret.reveal()).toBe('good');
});

it('measures the duration of a token request even if the system clock is set during the request', async () => {
  const durations: number[] = [];
  let elapsedMs = 0;
  bench.provider.onToken = () => {
    bench.nowMs += 60_000;
    elapsedMs += 250;
    return token;
  };
  const onRequest = ({ durationMs }: { durationMs: number }) => void durations.push(durationMs);
  await bench.source({}, { elapsedMs: () => elapsedMs, onRequest }).getToken(signal);
  expect(durations).toEqual([250]);
});

it('rejects if the endpoint has not moved, and reads the discovery document at most once a minute', async () => {
  bench.provider.onToken = () => ({ status: 404, body: 'nothing here' });
  const tokens = bench.source();
  for (let second = 0; second < 150; second += 1) {
    expect((await failureOf(tokens.getToken(signal))).message).toContain('HTTP 404');
    bench.nowMs += 1_000;
  }
  expect(bench.provider.discoveries.length).toBeLessThanOrEqual(3);
});

it('reads the discovery document at most once a minute while the provider is down', async () => {
  const tokens = bench.source();
  tokens.reject(await tokens.getToken(signal));
  bench.provider.onDiscovery = () => ({ status: 503 });
  bench.provider.onToken = () => ({ status: 404, body: { error: 'not_found' } });
  bench.nowMs += 600_000;
  const before = bench.provider.discoveries.length;
  for (let second = 0; second < 150; second += 1) {
    await failureOf(tokens.getToken(signal));
    bench.nowMs += 1_000;
  }
  expect(bench.provider.discoveries.length - before).toBeLessThanOrEqual(3);
  bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint: `${bench.provider.issuer}/new` });
  bench.provider.onToken = ({ path }) => (path === '/new' ? token : { status: 404 });
  bench.nowMs += 60_000;
  expect((await tokens.getToken(signal)).secret.reveal()).toBe('good');
});

it('does not read the discovery document again when the provider rejects the client', async () => {
  bench.provider.onToken = () => ({ status: 401, body: { error: 'invalid_request' } });
  const tokens = bench.source();
  await failureOf(tokens.getToken(signal));
  bench.nowMs += 600_000;
  await failureOf(tokens.getToken(signal));
  expect(bench.provider.discoveries).toHaveLength(1);
});
