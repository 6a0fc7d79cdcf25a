/** The sign-in of Save & test: always a new one, within limits, and without an effect on the token of queries. */
import { createTestBench, failureOf, oauthError, signal, type TestBench } from './testing/test-bench';
import { type TokenSource } from './token-source';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

async function tokenString(from: TokenSource): Promise<string> {
  return (await from.getToken(signal)).secret.reveal();
}

/** Signs in as Save & test does, first at the discovery document. */
async function signIn(tokens: TokenSource, dataSource = 'a') {
  const { earlier, provider, token } = await tokens.signIn(dataSource);
  await provider(signal);
  const received = await token(signal);
  return { earlier, token: received, value: received.secret.reveal() };
}

/** The error of the token request. The discovery document must be readable. */
async function tokenFailure(tokens: TokenSource, dataSource = 'a') {
  const { provider, token } = await tokens.signIn(dataSource);
  await provider(signal);
  return failureOf(token(signal));
}

const lifetime = (seconds: number) => () => ({
  body: {
    access_token: `opaque-${bench.provider.tokenRequests.length}`,
    token_type: 'Bearer',
    expires_in: seconds,
  },
});

describe('right after a query', () => {
  const mistakes = [
    { name: 'another secret', respond: () => oauthError(401, 'invalid_client'), code: 'provider_refused' },
    { name: 'a disabled client', respond: () => oauthError(400, 'unauthorized_client'), code: 'provider_not_granted' },
  ];
  it.each(mistakes)('finds $name at the provider, and leaves the token to queries', async ({ respond, code }) => {
    const tokens = bench.source();
    expect(await tokenString(tokens)).toBe('opaque-1');
    bench.provider.onToken = respond;
    expect((await tokenFailure(tokens)).code).toBe(code);
    expect(await tokenString(tokens)).toBe('opaque-1');
  });

  it.each([
    { name: 'renamed realm', respond: () => ({ status: 404 }), code: 'provider_not_oidc' },
    { name: 'server error', respond: () => ({ status: 503 }), code: 'provider_down' },
  ])('fails at a discovery document that cannot be read: $name', async ({ respond, code }) => {
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.provider.onDiscovery = respond;
    const { provider, token } = await tokens.signIn('a');
    expect((await failureOf(provider(signal))).code).toBe(code);
    expect((await failureOf(token(signal))).code).toBe(code);
    expect(bench.provider.tokenRequests).toHaveLength(1);
    // Queries use the document that they have, also for a new token.
    bench.nowMs += 3600_000 - 1;
    expect(await tokenString(tokens)).toBe('opaque-2');
  });

  it('reads a document with another token endpoint, which queries use only after it has issued a token', async () => {
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint: `${bench.provider.issuer}/new` });
    const respond = bench.provider.onToken;
    bench.provider.onToken = (request) => (request.path === '/new' ? { status: 500 } : respond(request));
    expect((await tokenFailure(tokens)).code).toBe('provider_down');
    expect((await tokens.discover(signal)).tokenEndpoint).toMatch(/token$/);
    bench.provider.onToken = respond;
    bench.nowMs += 5_000;
    await signIn(tokens);
    expect((await tokens.discover(signal)).tokenEndpoint).toMatch(/new$/);
  });
});

describe('a failed test', () => {
  it('does not delay the renewal of a token that works', async () => {
    bench.provider.onToken = lifetime(2);
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.provider.onToken = () => ({ status: 503 });
    await tokenFailure(tokens);
    bench.provider.onToken = lifetime(2);
    bench.nowMs += 1_900;
    expect(await tokenString(tokens)).toBe('opaque-3');
  });

  it('delays queries if they have no token', async () => {
    bench.provider.onToken = () => oauthError(403, 'access_denied');
    const tokens = bench.source();
    await tokenFailure(tokens);
    await failureOf(tokens.getToken(signal));
    expect(bench.provider.tokenRequests).toHaveLength(1);
  });
});

describe('the limits', () => {
  it('let all tests that run at the same time share one request, also those of other data sources', async () => {
    const tokens = bench.source();
    const all = await Promise.all(['a', 'a', 'b'].map((each) => signIn(tokens, each)));
    expect(all.map(({ value, earlier }) => [value, earlier])).toEqual(Array(3).fill(['opaque-1', undefined]));
    expect(bench.provider.discoveries).toHaveLength(1);
    expect(bench.provider.tokenRequests).toHaveLength(1);
  });

  it('allow a request in 5 s for each data source, and else return the last one with its age', async () => {
    const tokens = bench.source();
    await signIn(tokens);
    bench.nowMs += 3_000;
    expect(await signIn(tokens)).toMatchObject({ value: 'opaque-1', earlier: { agoMs: 3_000, nextMs: 2_000 } });
    expect(await signIn(tokens, 'b')).toMatchObject({ value: 'opaque-2', earlier: undefined });
    bench.nowMs += 1_000;
    expect(await signIn(tokens)).toMatchObject({ value: 'opaque-2', earlier: { agoMs: 1_000, nextMs: 1_000 } });
    bench.nowMs += 1_000;
    expect(await signIn(tokens)).toMatchObject({ value: 'opaque-3', earlier: undefined });
    expect(bench.provider.discoveries).toHaveLength(3);
  });

  it('return the last failure with its age', async () => {
    const tokens = bench.source();
    bench.provider.onToken = () => oauthError(403, 'access_denied');
    await tokenFailure(tokens);
    bench.nowMs += 2_000;
    const { message } = await tokenFailure(tokens);
    expect(message).toContain('This is the response of 2 s ago: the provider was not asked again.');
    expect(message).toContain('Save & test can sign in again in 3 s.');
    expect(bench.provider.tokenRequests).toHaveLength(1);
  });

  it('allow 60 requests in an hour', async () => {
    const tokens = bench.source();
    for (let count = 0; count < 60; count++) {
      expect((await signIn(tokens)).earlier).toBeUndefined();
      bench.nowMs += 5_000;
    }
    expect(await signIn(tokens)).toMatchObject({ value: 'opaque-60', earlier: { nextMs: 3_300_000 } });
    expect((await signIn(tokens, 'b')).earlier).toBeUndefined();
    bench.nowMs += 3_300_000;
    expect((await signIn(tokens)).earlier).toBeUndefined();
  });

  it('return the token of queries if the token of the last request has expired', async () => {
    bench.provider.onToken = lifetime(2);
    const tokens = bench.source();
    await signIn(tokens);
    bench.nowMs += 3_000;
    expect(await signIn(tokens)).toMatchObject({ value: 'opaque-2', earlier: { hasExpired: true } });
  });
});

describe('the delay that a provider requires', () => {
  const limited = (seconds: string) => () => ({
    status: 429,
    headers: { 'retry-after': seconds },
    body: { error: 'slow_down' },
  });

  it('is kept in full after a test, for all data sources', async () => {
    bench.provider.onToken = limited('1200');
    const tokens = bench.source();
    await tokenFailure(tokens);
    bench.provider.onToken = lifetime(60);
    bench.nowMs += 1_199_000;
    const { code, message } = await tokenFailure(tokens, 'b');
    expect(code).toBe('provider_rate_limited');
    expect(message).toContain('again in 1 s.');
    expect(bench.provider.tokenRequests).toHaveLength(1);
    bench.nowMs += 1_000;
    expect((await signIn(tokens)).earlier).toBeUndefined();
  });

  it('is kept after the failure of a query, whose failure the test returns', async () => {
    const tokens = bench.source();
    await signIn(tokens);
    bench.nowMs += 3_600_000;
    bench.provider.onToken = limited('30');
    await failureOf(tokens.getToken(signal));
    bench.nowMs += 10_000;
    expect((await tokenFailure(tokens)).message).toContain('of 10 s ago');
    expect(bench.provider.tokenRequests).toHaveLength(2);
  });

  it('ends with a token that a query received', async () => {
    bench.provider.onToken = limited('1200');
    const tokens = bench.source();
    await failureOf(tokens.getToken(signal));
    bench.provider.onToken = lifetime(60);
    bench.nowMs += 300_000;
    await tokens.getToken(signal);
    expect((await signIn(tokens)).earlier).toBeUndefined();
  });
});

const tested = async (tokens: TokenSource) => {
  await tokens.getToken(signal);
  return (await signIn(tokens)).token;
};

it('the token of Save & test replaces the cached token when a server has accepted it', async () => {
  const tokens = bench.source();
  const token = await tested(tokens);
  expect(await tokenString(tokens)).toBe('opaque-1');
  tokens.accept(token);
  expect(await tokenString(tokens)).toBe('opaque-2');
});

it('the token of Save & test is dropped when the server rejects it, and the cached token stays', async () => {
  const tokens = bench.source();
  tokens.reject(await tested(tokens));
  expect(await tokenString(tokens)).toBe('opaque-1');
});

it('the token of Save & test replaces an expired token immediately', async () => {
  const tokens = bench.source();
  await tokens.getToken(signal);
  bench.nowMs += 3600_000;
  await signIn(tokens);
  expect(await tokenString(tokens)).toBe('opaque-2');
  expect(bench.provider.tokenRequests).toHaveLength(2);
});
