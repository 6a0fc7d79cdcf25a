import { type ErrorCode } from '../errors/catalogue';
import { type Logger } from '../logging/logger';
import { CachedTokenSource } from './cached-token-source';
import { createClientCredentialsGrant } from './client-credentials-grant';
import { Discovery } from './discovery';
import { type Fetch } from './provider-http';
import { type ClientCredentials } from './client-credentials';
import { type TokenSource } from './token-source';

export interface TokenSourceDeps {
  fetch: Fetch;
  /** Milliseconds since 1970. */
  now: () => number;
  logger: Logger;
  /** From 0 to below 1, to spread renewals. */
  random?: () => number;
  /** Called at the end of each request for a token, for metrics. */
  onRequest?: (code: ErrorCode | 'ok', durationMs: number) => void;
  /** Limits of time, shortened in tests: 10 s for discovery, 15 s for discovery and token together. */
  limits?: { discoveryMs?: number; requestMs?: number };
}

/** A source of tokens by the client credentials grant. Nothing is asked before the first `getToken` or `discover`. */
export function createTokenSource(credentials: ClientCredentials, deps: TokenSourceDeps): TokenSource {
  const { fetch, now, logger, limits } = deps;
  return new CachedTokenSource({
    discovery: new Discovery(credentials.issuer, credentials.clientId, {
      fetch,
      now,
      timeLimitMs: limits?.discoveryMs,
    }),
    grant: createClientCredentialsGrant(credentials, { fetch, now }),
    now,
    random: deps.random ?? Math.random,
    logger,
    onRequest: deps.onRequest ?? (() => undefined),
    requestLimitMs: limits?.requestMs,
  });
}
