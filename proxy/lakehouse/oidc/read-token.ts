/**
 * Reads the claims of a token, to know when the token expires and to explain why a server rejected it. Nothing is
 * verified here: the server verifies tokens.
 */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { type TokenDescription } from './token-source';

/** Prefix of opaque access tokens of Ory Hydra, since version 2. */
const HYDRA_PREFIX = 'ory_at_';

/** Claims from which Micromegas reads the e-mail address, in this order. */
const EMAIL_CLAIMS = [
  'verified_primary_email',
  'email',
  'https://micromegas.io/email',
  'preferred_username',
  'upn',
  'unique_name',
];

function firstString(claims: Record<string, unknown>, names: readonly string[]): string | undefined {
  return names.map((name) => claims[name]).find((value): value is string => typeof value === 'string' && value !== '');
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function audienceOf(value: unknown): string[] | undefined {
  const list = typeof value === 'string' ? [value] : value;
  return isStringList(list) && list.length > 0 ? list : undefined;
}

/** Maximum number of clients in `resource_access` that are read. */
const MAX_ROLE_CLIENTS = 100;

function roleClientsOf(value: unknown): string[] | undefined {
  return value !== null && typeof value === 'object' ? Object.keys(value).slice(0, MAX_ROLE_CLIENTS) : undefined;
}

function headerOf(token: string): { alg?: unknown; enc?: unknown; kid?: unknown } | undefined {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

/** Tokens are not trusted: any claim may have any type. */
function stringOf(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim : undefined;
}

/** Describes a token without quoting it. An unreadable token counts as opaque. */
export function describeToken(token: string): TokenDescription {
  const header = headerOf(token);
  if (header?.enc !== undefined) {
    return { isJwt: false, isEncrypted: true, algorithm: stringOf(header.alg) };
  }
  let claims: Record<string, unknown>;
  try {
    claims = decodeJwt(token);
  } catch {
    return { isJwt: false, product: token.startsWith(HYDRA_PREFIX) ? 'hydra' : undefined };
  }
  const { iss, sub, exp, iat, groups, typ, resource_access: roles } = claims;
  const email = firstString(claims, EMAIL_CLAIMS);
  return {
    isJwt: header !== undefined,
    algorithm: stringOf(header?.alg),
    keyId: stringOf(header?.kid),
    issuer: stringOf(iss),
    subject: stringOf(sub),
    audience: audienceOf(claims.aud),
    roleClients: roleClientsOf(roles),
    // Keycloak writes `typ: Bearer`. Its tokens have `preferred_username` (in `EMAIL_CLAIMS`), except lightweight ones.
    isLightweight: typ === 'Bearer' && email === undefined,
    email,
    issuedMs: typeof iat === 'number' ? iat * 1000 : undefined,
    expiryMs: typeof exp === 'number' ? exp * 1000 : undefined,
    hasUnreadableGroups: groups !== undefined && typeof groups !== 'string' && !isStringList(groups),
  };
}
