/**
 * What an access token says of itself. Nothing is verified here, that is the server's work: the claims are read to know
 * when the token ends and to explain a refusal.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type TokenDescription } from './token-source';

/** Lifetime of a token whose end nobody names. */
const UNKNOWN_LIFETIME_MS = 300_000;

/** Claims that Micromegas takes the e-mail from, in its order. */
const EMAIL_CLAIMS = [
  'verified_primary_email',
  'email',
  'https://micromegas.io/email',
  'preferred_username',
  'upn',
  'unique_name',
];

function firstText(claims: Record<string, unknown>, names: readonly string[]): string | undefined {
  return names.map((name) => claims[name]).find((value): value is string => typeof value === 'string' && value !== '');
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function audienceOf(value: unknown): string[] | undefined {
  const list = typeof value === 'string' ? [value] : value;
  return isTextList(list) && list.length > 0 ? list : undefined;
}

function headerOf(token: string): { alg?: string; enc?: unknown; kid?: unknown } | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

/** Describes a token without quoting it. Anything unreadable counts as opaque. */
export function describeToken(token: string): TokenDescription {
  const header = headerOf(token);
  if (header?.enc !== undefined) {
    return { isJwt: false, isEncrypted: true, algorithm: header.alg };
  }
  let claims: Record<string, unknown>;
  try {
    claims = decodeJwt(token);
  } catch {
    return { isJwt: false };
  }
  const { iss, sub, exp, groups } = claims;
  return {
    isJwt: header !== undefined,
    algorithm: header?.alg,
    keyId: typeof header?.kid === 'string' ? header.kid : undefined,
    issuer: typeof iss === 'string' ? iss : undefined,
    subject: typeof sub === 'string' ? sub : undefined,
    audience: audienceOf(claims.aud),
    email: firstText(claims, EMAIL_CLAIMS),
    expiryMs: typeof exp === 'number' ? exp * 1000 : undefined,
    hasUnreadableGroups: groups !== undefined && !isTextList(groups),
  };
}

/**
 * When a token ends by this machine's clock, in milliseconds since 1970: the earlier of the answer's `expires_in` and
 * the token's own `exp`.
 *
 * @param expiresInSeconds From the token answer; undefined or 0 when it names none.
 * @param clockAheadMs How far the provider's clock, which wrote `exp`, is ahead of this machine's.
 */
export function endOfToken(
  receivedAtMs: number,
  expiresInSeconds: number | undefined,
  description: TokenDescription,
  clockAheadMs: number
): number {
  const ends: number[] = [];
  if (expiresInSeconds !== undefined && expiresInSeconds > 0) {
    ends.push(receivedAtMs + expiresInSeconds * 1000);
  }
  if (description.expiryMs !== undefined) {
    ends.push(description.expiryMs - clockAheadMs);
  }
  return ends.length > 0 ? Math.min(...ends) : receivedAtMs + UNKNOWN_LIFETIME_MS;
}
