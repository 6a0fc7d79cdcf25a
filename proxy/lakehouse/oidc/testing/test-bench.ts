/**
 * A token source with a test provider and a manual clock, for unit tests.
 */
import { ProxyError } from '../../../base/errors/proxy-error';
import { createLogger } from '../../../observe/logging/logger';
import { Secret } from '../../../observe/logging/secret';
import { createTokenSource, type TokenSourceDeps } from '../create-token-source';
import { type ProviderFetch } from '../provider-http';
import { startTestProvider, type TestResponse, type TestProvider } from './test-provider';
import { type ClientCredentials } from '../client-credentials';
import { type TokenSource } from '../token-source';

/** A secret that looks different in each encoding: form, percent-encoding and base64. */
export const SECRET = 'p+ss w/rd&ü';
export const START_MS = Date.UTC(2026, 0, 1);

/** A signal that never aborts. */
export const signal = new AbortController().signal;

const fetchDirectly: ProviderFetch = (url, init) => fetch(url, { ...init, redirect: 'manual' });

export interface TestBench {
  provider: TestProvider;
  /** The time in milliseconds since 1970, which tests change. */
  nowMs: number;
  logLines: string[];
  /** Outcomes of token requests, as reported to `onRequest`. */
  requests: string[];
  /** Reasons of token requests. */
  reasons: string[];
  source(changes?: Partial<ClientCredentials>, deps?: Partial<TokenSourceDeps>): TokenSource;
  /** A fetch that sends requests for another origin, for example `https://lake.okta.com`, to the test provider. */
  fetchAt(origin: string): ProviderFetch;
  /** Waits until `count` token requests have ended, for example renewals in the background. */
  untilRequests(count: number): Promise<void>;
}

/** @param providerAheadMs Milliseconds by which the provider's clock is ahead of the clock of the token source. */
export async function createTestBench(providerAheadMs = 0): Promise<TestBench> {
  const bench: TestBench = {
    provider: await startTestProvider(() => bench.nowMs + providerAheadMs),
    nowMs: START_MS,
    logLines: [],
    requests: [],
    reasons: [],
    source: (changes = {}, deps = {}) =>
      createTokenSource(
        {
          issuer: bench.provider.issuer,
          clientId: 'grafana',
          authentication: { kind: 'secret', secret: new Secret(SECRET), style: 'auto' },
          parameters: [],
          ...changes,
        },
        {
          fetch: fetchDirectly,
          readFile: (path) => Promise.reject(new ProxyError('file_not_allowed', { detail: `It is ${path}.` })),
          fileVersion: () => Promise.resolve(''),
          now: () => bench.nowMs,
          elapsedMs: () => bench.nowMs,
          random: () => 0,
          logger: createLogger({ write: (line) => bench.logLines.push(line), now: () => bench.nowMs }),
          onRequest: ({ code, reason }) => {
            bench.requests.push(code);
            bench.reasons.push(reason);
          },
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

/** The error of a promise that must reject. */
export async function failureOf(work: Promise<unknown>): Promise<ProxyError> {
  const reason = await work.then(
    () => undefined,
    (error: unknown) => error
  );
  expect(reason).toBeInstanceOf(ProxyError);
  return ProxyError.from(reason);
}

export const oauthError = (status: number, error: string, description?: string): TestResponse => ({
  status,
  body: { error, error_description: description },
});
