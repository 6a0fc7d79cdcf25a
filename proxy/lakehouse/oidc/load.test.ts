/*
 * Counts the requests to the identity provider: for many queries, during an outage, over days, and for many data
 * sources. The clock is manual. The requests are real, except in the last test.
 */
import { Readable } from 'node:stream';
import { type ProviderFetch } from './provider-http';
import { RequestTurns } from './request-turns';
import { createTestBench, failureOf, signal, START_MS, type TestBench } from './testing/test-bench';
import { testToken } from './testing/test-provider';
import { type TokenSource } from './token-source';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let bench: TestBench;
/** The number of requests to the provider, and how many of them are in flight. */
let asked: number;
let open: number;

beforeEach(async () => {
  bench = await createTestBench();
  [asked, open] = [0, 0];
  bench.provider.onToken = () => ({ body: { ...shortToken(), token_type: 'Bearer', expires_in: 300 } });
});

afterEach(() => bench.provider.close());

function shortToken() {
  return { access_token: testToken({ n: bench.provider.tokenRequests.length, exp: bench.nowMs / 1000 + 300 }) };
}

const counted: ProviderFetch = async (url, init) => {
  asked += 1;
  open += 1;
  try {
    return await fetch(url, { ...init, redirect: 'manual' });
  } finally {
    open -= 1;
  }
};

/** Waits for renewals in the background. The manual clock does not advance. */
async function untilQuiet(): Promise<void> {
  const turn = () => new Promise(setImmediate);
  await turn();
  while (open > 0 || bench.requests.length < bench.provider.tokenRequests.length) {
    await turn();
  }
  await turn();
}

async function tokenOf(tokens: TokenSource): Promise<string> {
  return (await tokens.getToken(signal)).secret.reveal();
}

it('requests one token for 200 concurrent queries, even if half of them are cancelled', async () => {
  const tokens = bench.source({}, { fetch: counted });
  const cancel = new AbortController();
  const cancelled = Array.from({ length: 100 }, () => failureOf(tokens.getToken(cancel.signal)));
  const others = Array.from({ length: 100 }, () => tokenOf(tokens));
  cancel.abort();
  expect(new Set((await Promise.all(cancelled)).map(({ code }) => code))).toEqual(new Set(['query_cancelled']));
  expect(new Set(await Promise.all(others)).size).toBe(1);
  expect(bench.provider.tokenRequests).toHaveLength(1);
  expect(bench.provider.discoveries).toHaveLength(1);
});

describe('a provider that fails for a minute', () => {
  it.each([
    { name: 'with a server error', fail: () => (bench.provider.onToken = () => ({ status: 503 })) },
    {
      name: 'by rejecting the client',
      fail: () => (bench.provider.onToken = () => ({ status: 401, body: { error: 'x' } })),
    },
    {
      name: 'by closing the connection',
      fail: () => (bench.provider.onToken = () => (response) => response.destroy()),
    },
    { name: 'with status 404', fail: () => (bench.provider.onToken = () => ({ status: 404 })) },
  ])('causes no failed query, and gets at most a dozen requests: $name', async ({ fail }) => {
    const tokens = bench.source({}, { fetch: counted });
    const old = await tokenOf(tokens);
    bench.nowMs = START_MS + 230_000;
    const working = bench.provider.onToken;
    fail();
    asked = 0;
    for (const endMs = bench.nowMs + MINUTE_MS; bench.nowMs < endMs; bench.nowMs += 500) {
      expect(await tokenOf(tokens)).toBe(old);
      await untilQuiet();
    }
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(12);
    bench.provider.onToken = working;
    bench.nowMs += MINUTE_MS;
    expect(await tokenOf(tokens)).not.toBe(old);
  });
});

it('returns a valid token at any time of a day if tokens have a lifetime of 300 seconds', async () => {
  const tokens = bench.source({}, { fetch: counted, random: Math.random });
  let calls = 0;
  for (const endMs = bench.nowMs + DAY_MS; bench.nowMs < endMs; bench.nowMs += 7_000) {
    const { expiresAtMs } = await tokens.getToken(signal);
    expect(expiresAtMs).toBeGreaterThan(bench.nowMs + 10_000);
    calls += 1;
    await untilQuiet();
  }
  expect(calls).toBeGreaterThan(12_000);
  expect(new Set(bench.requests)).toEqual(new Set(['ok']));
  expect(bench.provider.tokenRequests.length).toBeGreaterThan(288);
  expect(bench.provider.tokenRequests.length).toBeLessThan(400);
  // The discovery document is cached for an hour. Only a renewal of the token reads it again.
  expect(bench.provider.discoveries.length).toBeGreaterThanOrEqual(22);
  expect(bench.provider.discoveries.length).toBeLessThanOrEqual(24);
});

it('renews a token after 24 days if its lifetime is 30 days', async () => {
  const days = 30;
  bench.provider.onToken = () => ({
    body: { access_token: testToken({ exp: (bench.nowMs + days * DAY_MS) / 1000 }), expires_in: days * 86_400 },
  });
  const tokens = bench.source({}, { fetch: counted });
  for (const endMs = bench.nowMs + days * DAY_MS; bench.nowMs < endMs; bench.nowMs += DAY_MS / 4) {
    await tokens.getToken(signal);
    await untilQuiet();
  }
  expect(bench.provider.tokenRequests).toHaveLength(2);
});

describe('1,000 data sources with different credentials', () => {
  const SOURCES = 1000;
  const HOUR_S = 3600;

  it('sign in with at most eight requests at a time, and renew their tokens at different times', async () => {
    const turns = new RequestTurns();
    let running = 0;
    let mostRunning = 0;
    let tokens = 0;
    const document = JSON.stringify(bench.provider.document().body);
    const provider: ProviderFetch = async (_, { method }) => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await new Promise(setImmediate);
      running -= 1;
      tokens += method === 'POST' ? 1 : 0;
      const token = testToken({ n: tokens, exp: bench.nowMs / 1000 + HOUR_S });
      const body =
        method === 'POST' ? `{"access_token":"${token}","token_type":"Bearer","expires_in":${HOUR_S}}` : document;
      const headers = new Headers({ 'content-type': 'application/json' });
      return { status: 200, headers, body: Readable.from([Buffer.from(body)]) };
    };
    const sources = Array.from({ length: SOURCES }, (_, index) =>
      bench.source({ clientId: `grafana-${index}` }, { fetch: provider, random: Math.random, turns })
    );
    await Promise.all(sources.map(tokenOf));
    expect(tokens).toBe(SOURCES);
    expect(mostRunning).toBe(8);

    // Renewals begin when a fifth of the lifetime is left, or up to two percent of the lifetime earlier.
    bench.nowMs = START_MS + 0.75 * HOUR_S * 1000;
    const perSecond: number[] = [];
    for (const endMs = START_MS + HOUR_S * 1000; bench.nowMs < endMs && tokens < 2 * SOURCES; bench.nowMs += 1000) {
      const before = tokens;
      await Promise.all(sources.map((source) => source.getToken(signal)));
      for (let seen = -1; seen !== tokens || running > 0;) {
        seen = tokens;
        for (let count = 0; count < 20; count++) {
          await new Promise(setImmediate);
        }
      }
      perSecond.push(tokens - before);
    }
    expect(tokens).toBe(2 * SOURCES);
    expect(Math.max(...perSecond)).toBeLessThan(SOURCES / 20);
  });
});
