import { createTestBench, failureOf, oauthError, SECRET, signal, START_MS, type TestBench } from './testing/test-bench';
import { type ProviderFetch } from './provider-http';
import { testToken, type TestResponse } from './testing/test-provider';
import { type TokenSource } from './token-source';

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

async function tokenString(from: TokenSource): Promise<string> {
  return (await from.getToken(signal)).secret.reveal();
}

describe('the request', () => {
  it('contains the grant, the credentials, audience and scope', async () => {
    await bench.source({ audience: 'api://lake', scope: 'read write' }).getToken(signal);
    expect(Object.fromEntries(bench.provider.tokenRequests[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'grafana',
      client_secret: SECRET,
      audience: 'api://lake',
      scope: 'read write',
    });
  });

  it('contains no empty parameters', async () => {
    await bench.source({ audience: '', scope: '' }).getToken(signal);
    expect([...(bench.provider.tokenRequests[0]?.form.keys() ?? [])].sort()).toEqual([
      'client_id',
      'client_secret',
      'grant_type',
    ]);
  });

  it.each([
    { listed: ['client_secret_basic', 'client_secret_post'], isBasic: false },
    { listed: ['client_secret_basic'], isBasic: true },
    { listed: undefined, isBasic: false },
    { listed: ['private_key_jwt'], isBasic: false },
  ])('uses a method that the discovery document lists, if possible: $listed', async ({ listed, isBasic }) => {
    bench.provider.onDiscovery = () => bench.provider.document({ token_endpoint_auth_methods_supported: listed });
    await bench.source().getToken(signal);
    expect(bench.provider.tokenRequests[0]?.authorization?.startsWith('Basic ') ?? false).toBe(isBasic);
  });

  it('contains form-encoded id and secret with Basic', async () => {
    bench.provider.onDiscovery = () =>
      bench.provider.document({ token_endpoint_auth_methods_supported: ['client_secret_basic'] });
    await bench.source({ clientId: 'a:b' }).getToken(signal);
    const basic = bench.provider.tokenRequests[0]?.authorization?.slice('Basic '.length) ?? '';
    const [id, secret] = Buffer.from(basic, 'base64').toString().split(':');
    expect(new URLSearchParams(`id=${id}&secret=${secret}`).get('secret')).toBe(SECRET);
    expect(id).toBe('a%3Ab');
  });

  it('is repeated with Basic after invalid_client, and the next token is requested with Basic immediately', async () => {
    bench.provider.onToken = ({ authorization }) =>
      authorization === undefined
        ? oauthError(401, 'invalid_client')
        : { body: { access_token: 'good', token_type: 'bearer', expires_in: 100 } };
    const tokens = bench.source();
    expect(await tokenString(tokens)).toBe('good');
    bench.nowMs += 101_000;
    await tokens.getToken(signal);
    expect(bench.provider.tokenRequests.map(({ authorization }) => authorization !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});

it('rejects a token with characters that a header cannot contain', async () => {
  bench.provider.onToken = () => ({ body: { access_token: 'half\nhalf', token_type: 'bearer', expires_in: 100 } });
  const error = await failureOf(bench.source().getToken(signal));
  expect(error.code).toBe('provider_bad_answer');
  expect(error.adminMessage).not.toContain('half');
});

describe('the cached token', () => {
  it('is requested once for a hundred callers', async () => {
    const tokens = bench.source();
    const tokenStrings = await Promise.all(Array.from({ length: 100 }, () => tokenString(tokens)));
    expect(new Set(tokenStrings)).toEqual(new Set(['opaque-1']));
    expect(bench.provider.tokenRequests).toHaveLength(1);
    expect(bench.provider.discoveries).toEqual(['/.well-known/openid-configuration']);
  });

  it('is returned to the other callers when the signal of one caller aborts', async () => {
    const tokens = bench.source();
    const controller = new AbortController();
    const aborted = failureOf(tokens.getToken(controller.signal));
    const other = tokenString(tokens);
    controller.abort();
    expect((await aborted).code).toBe('query_cancelled');
    expect(await other).toBe('opaque-1');
    expect(bench.provider.tokenRequests).toHaveLength(1);
  });

  const lives = [
    { name: 'at 80 % of a lifetime of an hour', expiresIn: 3600, renewedAfterS: 2880 },
    { name: 'a minute before the end of a lifetime of five minutes', expiresIn: 300, renewedAfterS: 240 },
    { name: 'a minute before the end of a lifetime of two minutes', expiresIn: 120, renewedAfterS: 60 },
    { name: 'at half of a lifetime of thirty seconds', expiresIn: 30, renewedAfterS: 15 },
    { name: 'at 80 % of a lifetime that is a string of digits', expiresIn: '3600', renewedAfterS: 2880 },
    { name: 'after four minutes if the lifetime is missing', expiresIn: undefined, renewedAfterS: 240 },
    { name: 'after four minutes if the lifetime is zero', expiresIn: 0, renewedAfterS: 240 },
  ];
  it.each(lives)('is renewed in the background $name', async ({ expiresIn, renewedAfterS }) => {
    bench.provider.onToken = () => ({
      body: {
        access_token: `opaque-${bench.provider.tokenRequests.length}`,
        token_type: 'BearerToken',
        expires_in: expiresIn,
      },
    });
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.nowMs = START_MS + renewedAfterS * 1000 - 1;
    expect(await tokenString(tokens)).toBe('opaque-1');
    bench.nowMs += 1;
    expect(await tokenString(tokens)).toBe('opaque-1');
    await bench.untilRequests(2);
    expect(await tokenString(tokens)).toBe('opaque-2');
    expect(bench.provider.tokenRequests).toHaveLength(2);
  });

  it('is renewed at a random time', async () => {
    const tokens = bench.source({}, { random: () => 0.5 });
    await tokens.getToken(signal);
    bench.nowMs = START_MS + 3600_000 - 720_000 * 1.05;
    await tokens.getToken(signal);
    await bench.untilRequests(2);
  });

  it('expires at exp when exp is earlier than expires_in', async () => {
    bench.provider.onToken = () => ({
      body: { access_token: testToken({ exp: START_MS / 1000 + 600 }), token_type: 'Bearer', expires_in: 3600 },
    });
    expect((await bench.source().getToken(signal)).expiresAtMs).toBe(START_MS + 600_000);
  });

  it("expires by the provider's clock", async () => {
    await bench.provider.close();
    bench = await createTestBench(-1_000_000);
    bench.provider.onToken = () => ({
      body: { access_token: testToken({ exp: START_MS / 1000 - 1_000 + 600 }), token_type: 'Bearer' },
    });
    const token = await bench.source().getToken(signal);
    expect(token).toMatchObject({ expiresAtMs: START_MS + 600_000, providerClockAheadMs: -1_000_000 });
  });

  it('is used for its whole lifetime when the system clock changes', async () => {
    let elapsedMs = 0;
    const tokens = bench.source({}, { elapsedMs: () => elapsedMs });
    await tokens.getToken(signal);
    bench.nowMs = START_MS + 86_400_000;
    expect(await tokenString(tokens)).toBe('opaque-1');
    bench.nowMs = START_MS - 86_400_000;
    elapsedMs = 3_600_000;
    expect(await tokenString(tokens)).toBe('opaque-2');
    expect(bench.reasons).toEqual(['first', 'expired']);
  });

  it('is rejected when it has already expired, and the next request is delayed', async () => {
    bench.provider.onToken = () => ({ body: { access_token: testToken({ exp: 1 }), token_type: 'Bearer' } });
    const tokens = bench.source();
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_bad_answer');
    await failureOf(tokens.getToken(signal));
    expect(bench.provider.tokenRequests).toHaveLength(1);
  });

  it('is used while the provider is down, until it expires', async () => {
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.provider.onToken = () => ({ status: 503, body: 'maintenance' });
    bench.nowMs = START_MS + 3000_000;
    expect(await tokenString(tokens)).toBe('opaque-1');
    await bench.untilRequests(2);
    expect(await tokenString(tokens)).toBe('opaque-1');
    expect(bench.provider.tokenRequests).toHaveLength(2);
    bench.nowMs = START_MS + 3600_000;
    const failure = await failureOf(tokens.getToken(signal));
    expect(failure.code).toBe('provider_down');
    expect(failure.message).toContain('(HTTP 503, text/plain)');
    expect(bench.requests).toEqual(['ok', 'provider_down', 'provider_down']);
    expect(bench.reasons).toEqual(['first', 'renewal', 'retry']);
  });

  it('is replaced while discovery fails, because the old discovery document is still used', async () => {
    const tokens = bench.source();
    await tokens.getToken(signal);
    bench.provider.onDiscovery = () => ({ status: 500 });
    bench.nowMs += 2 * 3600_000;
    expect(await tokenString(tokens)).toBe('opaque-2');
    expect(bench.provider.discoveries).toHaveLength(2);
  });
});

describe('delays after failures', () => {
  it('grow from 5 s to 60 s while the provider rejects the credentials', async () => {
    bench.provider.onToken = () => oauthError(401, 'invalid_client', 'wrong secret');
    bench.provider.onDiscovery = () =>
      bench.provider.document({ token_endpoint_auth_methods_supported: ['client_secret_post'] });
    const tokens = bench.source();
    // Each attempt sends two requests: with the secret in the form, and in the header.
    for (const [index, pauseS] of [5, 10, 20, 40, 60, 60].entries()) {
      await failureOf(tokens.getToken(signal));
      bench.nowMs += pauseS * 1000 - 1;
      const remembered = await failureOf(tokens.getToken(signal));
      expect(remembered.message).toContain('wrong secret');
      expect(remembered.message).toContain('next retry is possible in 1 s');
      // The provider may quote the secret in its message.
      expect(remembered.logDetail).toBe('invalid_client, HTTP 401');
      expect(bench.provider.tokenRequests).toHaveLength(2 * (index + 1));
      bench.nowMs += 1;
    }
  });

  it.each([
    { name: 'seconds', retryAfter: '30', pauseMs: 30_000 },
    { name: 'a date', retryAfter: new Date(START_MS + 90_000).toUTCString(), pauseMs: 90_000 },
    { name: 'a delay longer than the maximum', retryAfter: '86400', pauseMs: 300_000 },
    { name: 'an invalid value', retryAfter: 'soon', pauseMs: 5_000 },
  ])('respect Retry-After: $name', async ({ retryAfter, pauseMs }) => {
    bench.provider.onToken = () => ({
      status: 429,
      headers: { 'retry-after': retryAfter },
      body: { error: 'too_many_requests' },
    });
    const tokens = bench.source();
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_rate_limited');
    bench.nowMs += pauseMs - 1;
    await failureOf(tokens.getToken(signal));
    expect(bench.provider.tokenRequests).toHaveLength(1);
    bench.nowMs += 1;
    await failureOf(tokens.getToken(signal));
    expect(bench.provider.tokenRequests).toHaveLength(2);
  });

  const unreachable: ProviderFetch = () => Promise.reject(new TypeError('fetch failed'));

  it.each<{ name: string; response?: TestResponse; fetch?: ProviderFetch }>([
    { name: 'HTTP 500', response: { status: 500 } },
    { name: 'HTTP 503', response: { status: 503, body: 'maintenance' } },
    { name: 'the error page of a gateway', response: { status: 404, body: '<html>no backend</html>' } },
    { name: 'a failed connection', fetch: unreachable },
  ])('stay 5 s after $name', async ({ response = { status: 200 }, fetch: failing }) => {
    let isDown = true;
    bench.provider.onToken = () =>
      isDown ? response : { body: { access_token: 'good', token_type: 'bearer', expires_in: 100 } };
    const direct = bench.fetchAt(bench.provider.issuer);
    const tokens = bench.source({}, { fetch: (url, init) => (isDown && failing ? failing : direct)(url, init) });
    for (let attempt = 1; attempt < 8; attempt++) {
      await failureOf(tokens.getToken(signal));
      bench.nowMs += 4_999;
      await failureOf(tokens.getToken(signal));
      expect(bench.requests).toHaveLength(attempt);
      bench.nowMs += 1;
    }
    isDown = false;
    expect(await tokenString(tokens)).toBe('good');
  });

  it('continue to grow after an outage between two rejections', async () => {
    const tokens = bench.source();
    const rejected = oauthError(403, 'access_denied', 'no grant');
    for (const [response, pauseMs] of [
      [rejected, 5_000],
      [{ status: 503 }, 5_000],
      [rejected, 10_000],
    ] as const) {
      bench.provider.onToken = () => response;
      await failureOf(tokens.getToken(signal));
      bench.nowMs += pauseMs - 1;
      expect((await failureOf(tokens.getToken(signal))).message).toContain('next retry is possible in 1 s');
      bench.nowMs += 1;
    }
  });

  it('do not apply to Save & test, and end when Save & test succeeds', async () => {
    bench.provider.onToken = () => ({ status: 503 });
    const tokens = bench.source();
    await failureOf(tokens.getToken(signal));
    bench.provider.onToken = () => ({ body: { access_token: 'good', token_type: 'bearer', expires_in: 100 } });
    expect((await failureOf(tokens.getToken(signal))).message).toContain('next retry is possible in 5 s');
    expect((await (await tokens.signIn('a')).token(signal)).secret.reveal()).toBe('good');
    expect(await tokenString(tokens)).toBe('good');
  });

  it('apply to discovery', async () => {
    bench.provider.onDiscovery = () => ({ status: 502 });
    const tokens = bench.source();
    await failureOf(tokens.discover(signal));
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_down');
    expect((await failureOf(tokens.discover(signal))).code).toBe('provider_down');
    expect(bench.provider.discoveries).toHaveLength(1);
    bench.provider.onDiscovery = () => bench.provider.document();
    bench.nowMs += 5_000;
    expect(await tokens.discover(signal)).toMatchObject({
      tokenEndpoint: `${bench.provider.issuer}/token`,
      discoveryUrl: `${bench.provider.issuer}/.well-known/openid-configuration`,
      issuer: bench.provider.issuer,
    });
    expect(await tokenString(tokens)).toBe('opaque-1');
  });
});

it('ends the delay after a failure on time, even if the system clock is set back during the delay', async () => {
  let elapsedMs = 0;
  const tokens = bench.source({}, { elapsedMs: () => elapsedMs });
  bench.provider.onToken = () => oauthError(400, 'invalid_grant');
  await failureOf(tokens.getToken(signal));
  bench.provider.onToken = () => ({ body: { access_token: 'good', token_type: 'bearer', expires_in: 100 } });
  bench.nowMs -= 3_600_000;
  expect((await failureOf(tokens.getToken(signal))).message).toContain('next retry is possible in 5 s');
  elapsedMs += 5_000;
  expect(await tokenString(tokens)).toBe('good');
});

describe('the delay after a rejected secret from a file', () => {
  /** A file whose version changes with its content. */
  const file = { secret: 'old', version: 1 };
  const change = (secret: string) => Object.assign(file, { secret, version: file.version + 1 });
  const open = () =>
    bench.source(
      { authentication: { kind: 'secret-file', path: '/secrets/lake', style: 'post' } },
      { readFile: () => Promise.resolve(file.secret), fileVersion: () => Promise.resolve(`${file.version}`) }
    );

  beforeEach(() => {
    change('old');
    bench.provider.onToken = ({ form }) =>
      form.get('client_secret') === 'new'
        ? { body: { access_token: 'good', token_type: 'bearer', expires_in: 3600 } }
        : oauthError(401, 'invalid_client', 'wrong secret');
  });

  it('ends when the file changes', async () => {
    const tokens = open();
    await failureOf(tokens.getToken(signal));
    await failureOf(tokens.getToken(signal));
    expect(bench.provider.tokenRequests).toHaveLength(1);
    change('new');
    expect(await Promise.all([tokenString(tokens), tokenString(tokens)])).toEqual(['good', 'good']);
    expect(bench.provider.tokenRequests).toHaveLength(2);
  });

  it('begins again with 5 s if the changed file is rejected too', async () => {
    const tokens = open();
    for (const pauseMs of [5_000, 10_000, 20_000]) {
      await failureOf(tokens.getToken(signal));
      bench.nowMs += pauseMs;
    }
    await failureOf(tokens.getToken(signal));
    change('older');
    expect((await failureOf(tokens.getToken(signal))).message).not.toContain('next retry');
    expect((await failureOf(tokens.getToken(signal))).message).toContain('next retry is possible in 5 s');
    expect(bench.provider.tokenRequests).toHaveLength(5);
  });

  it('ends when the file changes, also for a renewal in the background', async () => {
    change('new');
    const tokens = open();
    await tokens.getToken(signal);
    change('old');
    bench.nowMs += 3000_000;
    await tokens.getToken(signal);
    await bench.untilRequests(2);
    change('new');
    await tokens.getToken(signal);
    await bench.untilRequests(3);
    expect(bench.requests).toEqual(['ok', 'provider_refused', 'ok']);
  });
});

describe('a token that the server rejects', () => {
  it('is replaced immediately the first time, and later after increasing delays', async () => {
    const tokens = bench.source();
    const reject = async () => tokens.reject(await tokens.getToken(signal));
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-2');
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-2');
    bench.nowMs += 4_999;
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-2');
    bench.nowMs += 1;
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-3');
    await reject();
    bench.nowMs += 9_999;
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-3');
    bench.nowMs += 1;
    await reject();
    expect(await tokenString(tokens)).toBe('opaque-4');
  });

  it('is still returned while the provider is down', async () => {
    const tokens = bench.source();
    tokens.reject(await tokens.getToken(signal));
    bench.provider.onToken = () => ({ status: 503 });
    expect(await tokenString(tokens)).toBe('opaque-1');
    expect(await tokenString(tokens)).toBe('opaque-1');
    expect(bench.provider.tokenRequests).toHaveLength(2);
    bench.nowMs = START_MS + 3600_000;
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_down');
  });

  it('is not returned when the provider rejects the client', async () => {
    const tokens = bench.source();
    tokens.reject(await tokens.getToken(signal));
    bench.provider.onToken = () => oauthError(401, 'invalid_client', 'deleted');
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_refused');
    expect((await failureOf(tokens.getToken(signal))).code).toBe('provider_refused');
  });

  it.each([
    { name: 'immediately when the last replacement is five minutes old', livedMs: 300_000, requests: 3 },
    { name: 'after a delay when the last replacement is newer', livedMs: 299_999, requests: 2 },
  ])('is replaced $name', async ({ livedMs, requests }) => {
    const tokens = bench.source();
    tokens.reject(await tokens.getToken(signal));
    const second = await tokens.getToken(signal);
    bench.nowMs += livedMs;
    tokens.reject(second);
    await tokens.getToken(signal).catch(() => undefined);
    expect(bench.provider.tokenRequests).toHaveLength(requests);
  });

  it('causes fewer than 130 token requests in ten hours when the server rejects all tokens', async () => {
    const tokens = bench.source();
    for (let minute = 0; minute < 600; minute++) {
      const token = await tokens.getToken(signal).catch(() => undefined);
      if (token !== undefined) {
        tokens.reject(token);
      }
      bench.nowMs += 60_000;
    }
    expect(bench.provider.tokenRequests.length).toBeLessThan(130);
  });

  it('can be rejected a second time, which has no effect on a newer token', async () => {
    const tokens = bench.source();
    const first = await tokens.getToken(signal);
    tokens.reject(first);
    await tokens.getToken(signal);
    tokens.reject(first);
    expect(await tokenString(tokens)).toBe('opaque-2');
  });
});

it('never shows the secret or a token, in errors or log lines', async () => {
  const token = testToken({ sub: 'grafana' });
  const opaque = 'a1'.repeat(30);
  const echo = `secret=${SECRET} form=${new URLSearchParams({ s: SECRET })} url=${encodeURIComponent(SECRET)} token=${token} ${opaque}`;
  const shown: string[] = [];
  for (const response of [oauthError(400, echo, echo), { status: 500, body: echo }, { body: { [echo]: 1 } }]) {
    bench.provider.onToken = () => response;
    const failure = await failureOf(bench.source().getToken(signal));
    shown.push(failure.adminMessage, String(failure.stack), JSON.stringify(failure), String(failure.cause));
  }
  bench.provider.onToken = () => ({ body: { access_token: token, token_type: 'Bearer' } });
  shown.push(JSON.stringify(await bench.source().getToken(signal)), ...bench.logLines);
  const log = shown.join('\n');
  expect(bench.logLines).not.toHaveLength(0);
  for (const hidden of [SECRET, encodeURIComponent(SECRET), 'p%2Bss', token, token.split('.')[0] ?? '', opaque]) {
    expect(log).not.toContain(hidden);
  }
});
