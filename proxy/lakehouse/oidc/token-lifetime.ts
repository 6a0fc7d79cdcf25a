/**
 * The lifetime of a received token, and the provider's time.
 *
 * The clocks of the provider and of this machine may differ, and some providers send no `Date` header (Keycloak). So
 * `exp` is compared with this machine's clock only as a last resort. `expires_in` counts from the response (RFC 6749,
 * section 5.1). Without `Date`, the later of `iat` and `exp - expires_in` counts as the provider's time of the
 * response.
 */
import { type TokenDescription } from './token-source';

/** Lifetime of a token whose expiry is unknown. If a server rejects the token, a new one is requested. */
const UNKNOWN_LIFETIME_MS = 300_000;

/** The times in a response, by two clocks that may differ. */
export interface ReceivedToken {
  /** Milliseconds since 1970 by this machine's clock. */
  receivedAtMs: number;
  /** `expires_in` of the response, if there is one. */
  expiresInSeconds: number | undefined;
  /** HTTP `Date` of the response in milliseconds since 1970, if there is one. */
  dateMs: number | undefined;
  description: Pick<TokenDescription, 'issuedMs' | 'expiryMs'>;
}

/** How long a token can be used, and the provider's time. */
export interface TokenLifetime {
  /**
   * Milliseconds, counted from the response. 0 or less if the token had already expired by the provider's own clock.
   */
  lifetimeMs: number;
  /** The provider's time of the response in milliseconds since 1970, if known. */
  providerTimeMs: number | undefined;
}

/**
 * The provider's time of the response, as the token shows it. Some providers set `iat` minutes too early (Entra ID:
 * five), so `iat` is only a lower bound.
 */
function timeInToken({ issuedMs, expiryMs }: ReceivedToken['description'], expiresInMs?: number): number | undefined {
  const respondedMs = expiryMs === undefined || expiresInMs === undefined ? undefined : expiryMs - expiresInMs;
  const known = [issuedMs, respondedMs].filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * The shorter of `expires_in` and the time from the response to `exp`. If there is no `expires_in` and the time of the
 * response is unknown: the time until `exp` by this machine's clock. Five minutes if there is no `exp`, or if `exp` is
 * in the past by this machine's clock.
 */
export function lifetimeOf({ receivedAtMs, expiresInSeconds, dateMs, description }: ReceivedToken): TokenLifetime {
  const expiresInMs = expiresInSeconds === undefined || expiresInSeconds <= 0 ? undefined : expiresInSeconds * 1000;
  const { expiryMs } = description;
  const providerTimeMs = dateMs ?? timeInToken(description, expiresInMs);
  const leftMs = expiryMs === undefined || providerTimeMs === undefined ? undefined : expiryMs - providerTimeMs;
  const known = [expiresInMs, leftMs].filter((lifetime) => lifetime !== undefined);
  if (known.length > 0) {
    return { lifetimeMs: Math.min(...known), providerTimeMs };
  }
  const untilExpiryMs = (expiryMs ?? 0) - receivedAtMs;
  return { lifetimeMs: untilExpiryMs > 0 ? untilExpiryMs : UNKNOWN_LIFETIME_MS, providerTimeMs };
}
