import { type ErrorCode } from '../errors/catalogue';
import { type Logger } from '../logging/logger';
import { CachedTokenSource } from './cached-token-source';
import { type ClientCredentials } from './client-credentials';
import { createClientCredentialsGrant, type GrantDeps } from './client-credentials-grant';
import { Discovery } from './discovery';
import { EndpointHosts } from './endpoint-hosts';
import { createGoogleGrant } from './google-grant';
import { KeySet } from './key-set';
import { type ProviderFetch } from './provider-http';
import { providerKind, rulesFor } from './provider-rules';
import { type ReadFile } from './secret-file';
import { type TokenGrant } from './token-grant';
import { type TokenSource } from './token-source';

export interface TokenSourceDeps {
  fetch: ProviderFetch;
  /** Reads a file with a secret or an assertion, for each token request anew. */
  readFile: ReadFile;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a clock that nobody sets, by which tokens are kept. Missing: `now`. */
  elapsedMs?: () => number;
  logger: Logger;
  /** From 0 to below 1, to spread renewals. */
  random?: () => number;
  /** Called at the end of each request for a token, for metrics. */
  onRequest?: (code: ErrorCode | 'ok', durationMs: number) => void;
  /** Limits of time, shortened in tests: 10 s for discovery, 15 s for discovery and token together. */
  limits?: { discoveryMs?: number; requestMs?: number };
}

function grantFor(credentials: ClientCredentials, deps: GrantDeps & { endpoints: EndpointHosts }): TokenGrant {
  const { proof } = credentials;
  return proof.kind === 'google-key'
    ? createGoogleGrant(credentials, proof.key, deps)
    : createClientCredentialsGrant(credentials, deps);
}

/**
 * A source of tokens for a service account. Nothing is asked, and no key is looked at, before the first `getToken` or
 * `discover`.
 */
export function createTokenSource(credentials: ClientCredentials, deps: TokenSourceDeps): TokenSource {
  const { now, readFile, logger, limits } = deps;
  const { issuer, endpointHosts: named = [] } = credentials;
  const { discoveryUrl } = rulesFor(credentials);
  const endpoints = new EndpointHosts({ issuer, discoveryUrl: discoveryUrl(issuer), named });
  const fetch = endpoints.guard(deps.fetch);
  const discovery = new Discovery(issuer, credentials.clientId, {
    fetch,
    endpoints,
    now,
    discoveryUrl,
    timeLimitMs: limits?.discoveryMs,
  });
  return new CachedTokenSource({
    discovery,
    keys: new KeySet(discovery, { fetch, endpoints, now, timeLimitMs: limits?.discoveryMs }),
    grant: grantFor(credentials, { fetch, endpoints, now, readFile }),
    now,
    elapsedMs: deps.elapsedMs ?? now,
    provider: providerKind(credentials),
    random: deps.random ?? Math.random,
    logger,
    onRequest: deps.onRequest ?? (() => undefined),
    requestLimitMs: limits?.requestMs,
  });
}
