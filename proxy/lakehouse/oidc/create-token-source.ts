import { ProxyError } from '../../base/errors/proxy-error';
import { type Logger } from '../../observe/logging/logger';
import { type TokenEvents } from '../../observe/telemetry/token-events';
import { CachedTokenSource } from './cached-token-source';
import { type ClientCredentials } from './client-credentials';
import { createClientCredentialsGrant, type GrantDeps } from './client-credentials-grant';
import { Discovery } from './discovery';
import { EndpointHosts } from './endpoint-hosts';
import { createGoogleGrant } from './google-grant';
import { KeySet } from './key-set';
import { type ProviderFetch } from './provider-http';
import { providerKind, rulesFor } from './provider-rules';
import { RequestTurns } from './request-turns';
import { type ReadFile } from './secret-file';
import { type TokenGrant } from './token-grant';
import { type TokenSource } from './token-source';

/** The dependencies of a token source. Tests replace the network, the files and the clock. */
export interface TokenSourceDeps {
  fetch: ProviderFetch;
  /** Reads a file with a secret or an assertion. Called for each token request. */
  readFile: ReadFile;
  /** Returns a string that changes when the file is written or replaced. Rejects like `readFile`. */
  fileVersion: (path: string) => Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a monotonic clock, for the lifetime of tokens and caches, and for delays. */
  elapsedMs: () => number;
  logger: Logger;
  /** Returns a number from 0 (inclusive) to 1 (exclusive), to spread renewals. Default: `Math.random`. */
  random?: () => number;
  /** Shared by all token sources of the process. Default: the source has its own turns. */
  turns?: Pick<RequestTurns, 'run'>;
  /** Called at the end of each request for a token, for metrics. */
  onRequest?: TokenEvents['tokenRequested'];
  /** Time limits in milliseconds, for tests. Default: 10 s for discovery, 15 s for discovery and token together. */
  limits?: { discoveryMs?: number; requestMs?: number };
}

function grantFor(credentials: ClientCredentials, deps: GrantDeps & { endpoints: EndpointHosts }): TokenGrant {
  const { authentication } = credentials;
  return authentication.kind === 'google-key'
    ? createGoogleGrant(credentials, authentication.key, deps)
    : createClientCredentialsGrant(credentials, deps);
}

/**
 * The version of the file with the secret or the assertion, or the code of the error if the file cannot be read. Empty
 * without such a file.
 */
async function credentialsVersion(
  { authentication }: ClientCredentials,
  { fileVersion }: TokenSourceDeps
): Promise<string> {
  return 'path' in authentication
    ? fileVersion(authentication.path).catch((reason: unknown) => ProxyError.from(reason).code)
    : '';
}

/** Creates a token source for a service account. It sends no request and reads no key until a token is needed. */
export function createTokenSource(credentials: ClientCredentials, deps: TokenSourceDeps): TokenSource {
  const { now, elapsedMs, readFile, logger, limits, turns = new RequestTurns() } = deps;
  const { issuer, endpointHosts: named = [] } = credentials;
  const { discoveryUrl } = rulesFor(credentials);
  const endpoints = new EndpointHosts({ issuer, discoveryUrl: discoveryUrl(issuer), named });
  const fetch = endpoints.guard(deps.fetch);
  const discovery = new Discovery(issuer, credentials.clientId, {
    fetch,
    endpoints,
    now,
    elapsedMs,
    discoveryUrl,
    timeLimitMs: limits?.discoveryMs,
  });
  return new CachedTokenSource({
    discovery,
    keys: new KeySet(discovery, { fetch, endpoints, elapsedMs, timeLimitMs: limits?.discoveryMs }),
    grant: grantFor(credentials, { fetch, endpoints, now, readFile }),
    fileVersion: () => credentialsVersion(credentials, deps),
    inTurn: (request) => turns.run(issuer, request),
    now,
    elapsedMs,
    provider: providerKind(credentials),
    random: deps.random ?? Math.random,
    logger,
    onRequest: deps.onRequest ?? (() => undefined),
    requestLimitMs: limits?.requestMs,
  });
}
