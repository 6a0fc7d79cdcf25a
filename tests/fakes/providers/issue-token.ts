/** Issues the token that a provider grants, with the changes in `TokenTraits`. */
import { randomBytes } from 'node:crypto';
import { SignJWT, type JWTPayload } from 'jose';
import { type TokenTraits } from './behaviour';
import { type Grant } from './rules';
import { signingKey } from './signing-keys';

function toggledSlash(issuer: string): string {
  return issuer.endsWith('/') ? issuer.slice(0, -1) : `${issuer}/`;
}

function changedClaims(grant: Grant, traits: TokenTraits, nowSeconds: number): JWTPayload {
  const lifeSeconds = traits.lifeSeconds ?? grant.lifeSeconds;
  const claims: JWTPayload = {
    ...grant.claims,
    iat: nowSeconds,
    exp: nowSeconds + lifeSeconds,
    jti: randomBytes(12).toString('base64url'),
    ...traits.claims,
  };
  if (traits.hasOtherSlash && claims.iss !== undefined) {
    claims.iss = toggledSlash(claims.iss);
  }
  if (traits.isAudienceList && typeof claims.aud === 'string') {
    claims.aud = ['https://other.example.com', claims.aud];
  }
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !traits.without.includes(name)));
}

/**
 * @returns A JWT, or a random string if the token is opaque.
 */
export async function issueToken(grant: Grant, traits: TokenTraits, nowSeconds: number): Promise<string> {
  if (traits.isOpaque || grant.isOpaque === true) {
    return randomBytes(24).toString('base64url');
  }
  const { algorithm, keyName } = traits;
  const key = await signingKey(keyName);
  const header = { typ: 'JWT', ...grant.header, alg: algorithm, kid: key.kid };
  const jwt = new SignJWT(changedClaims(grant, traits, nowSeconds)).setProtectedHeader(header);
  if (algorithm === 'HS256') {
    return jwt.sign(randomBytes(32));
  }
  return jwt.sign(key.privateKey);
}
