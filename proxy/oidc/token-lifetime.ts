/**
 * How long a token that was just received can be used, and what the provider's clock says.
 *
 * The provider's clock and this machine's may differ, and not every provider sends a `Date` header (Keycloak sends none).
 * So `exp` is never compared with this machine's clock where anything better is known: `expires_in` counts from the
 * answer (RFC 6749, section 5.1), and `exp` less `expires_in`, or `iat`, is the provider's clock at the answer.
 */
import { type TokenDescription } from './token-source';

/** Lifetime of a token whose end cannot be told. A server that refuses it gets a new one. */
const UNKNOWN_LIFETIME_MS = 300_000;

export interface ReceivedToken {
  /** Milliseconds since 1970 by this machine's clock. */
  receivedAtMs: number;
  /** From the answer; undefined when it names none. */
  expiresInSeconds: number | undefined;
  /** HTTP `Date` of the answer in milliseconds since 1970, if there is one. */
  dateMs: number | undefined;
  description: Pick<TokenDescription, 'issuedMs' | 'expiryMs'>;
}

export interface TokenLifetime {
  /** Milliseconds from the answer on; 0 or less for a token that had ended by the provider's own clock. */
  lifetimeMs: number;
  /** The provider's clock at the answer in milliseconds since 1970, as far as it can be told. */
  providerTimeMs: number | undefined;
}

/** Some providers date `iat` back by minutes (Entra ID by five), so it is the least that their clock can be. */
function timeInToken({ issuedMs, expiryMs }: ReceivedToken['description'], expiresInMs?: number): number | undefined {
  const answeredMs = expiryMs === undefined || expiresInMs === undefined ? undefined : expiryMs - expiresInMs;
  const known = [issuedMs, answeredMs].filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

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
