/**
 * What the unit tests of this folder share: a token source in front of a test provider, on a clock that stands still.
 */
import { ProxyError } from '../../errors/proxy-error';
import { createLogger } from '../../logging/logger';
import { Secret } from '../../logging/secret';
import { createTokenSource, type TokenSourceDeps } from '../create-token-source';
import { type ProviderFetch } from '../provider-http';
import { startTestProvider, type TestAnswer, type TestProvider } from './test-provider';
import { type ClientCredentials } from '../client-credentials';
import { type TokenSource } from '../token-source';

/** A secret that each encoding spells in its own way. */
export const SECRET = 'p+ss w/rd&ü';
export const START_MS = Date.UTC(2026, 0, 1);

/** A signal that nobody aborts. */
export const signal = new AbortController().signal;

const fetchDirectly: ProviderFetch = (url, init) => fetch(url, { ...init, redirect: 'manual' });

export interface TestBench {
  provider: TestProvider;
  /** Milliseconds since 1970; tests move it. */
  nowMs: number;
  logLines: string[];
  /** What was reported of token requests. */
  requests: string[];
  source(changes?: Partial<ClientCredentials>, deps?: Partial<TokenSourceDeps>): TokenSource;
  /** A fetch that finds the test provider at the origin of another, for example `https://lake.okta.com`. */
  fetchAt(origin: string): ProviderFetch;
  /** Lets renewals in the background reach the provider and come back. */
  untilRequests(count: number): Promise<void>;
}

/** @param providerAheadMs How far the provider's clock is ahead of the token source's. */
export async function createTestBench(providerAheadMs = 0): Promise<TestBench> {
  const bench: TestBench = {
    provider: await startTestProvider(() => bench.nowMs + providerAheadMs),
    nowMs: START_MS,
    logLines: [],
    requests: [],
    source: (changes = {}, deps = {}) =>
      createTokenSource(
        {
          issuer: bench.provider.issuer,
          clientId: 'grafana',
          proof: { kind: 'secret', secret: new Secret(SECRET), style: 'auto' },
          parameters: [],
          ...changes,
        },
        {
          fetch: fetchDirectly,
          readFile: (path) => Promise.reject(new ProxyError('file_not_allowed', { detail: `It is ${path}.` })),
          now: () => bench.nowMs,
          random: () => 0,
          logger: createLogger({ write: (line) => bench.logLines.push(line), now: () => bench.nowMs }),
          onRequest: (code) => bench.requests.push(code),
          ...deps,
        }
      ),
    fetchAt: (origin) => (url, init) =>
      fetchDirectly(url.startsWith(`${origin}/`) ? url.replace(origin, bench.provider.issuer) : url, init),
    async untilRequests(count) {
      while (bench.requests.length < count) {
        await new Promise(setImmediate);
      }
    },
  };
  return bench;
}

/** The failure of a call that must fail. */
export async function failureOf(work: Promise<unknown>): Promise<ProxyError> {
  const reason = await work.then(
    () => undefined,
    (error: unknown) => error
  );
  expect(reason).toBeInstanceOf(ProxyError);
  return ProxyError.from(reason);
}

export const oauthError = (status: number, error: string, description?: string): TestAnswer => ({
  status,
  body: { error, error_description: description },
});
