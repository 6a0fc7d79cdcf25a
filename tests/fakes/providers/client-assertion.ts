/**
 * Verifies a JWT by which a client proves who it is (RFC 7523, section 3; OpenID Connect Core, section 9), to the claim.
 */
import { type KeyObject } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';

export interface AssertionRules {
  /** What the client registered: a public key, or the bytes of a secret. */
  publicKey: KeyObject | Uint8Array;
  algorithms: string[];
  /** `kid` that the header must have; undefined: any. */
  keyId?: string;
  /** A header without `kid` is taken as well: the provider tries the keys that it has. */
  isKeyIdOptional?: boolean;
  /** Of the client's certificate, base64url; undefined: not asked for. */
  thumbprintSha256?: string;
  /** `iss`, and `sub` too. */
  party: string;
  audience: string;
  /** Longest time that `exp` may be away from now, in seconds. */
  maxLifeSeconds: number;
  /** How far `iat` and `nbf` may be ahead, in seconds. */
  skewSeconds: number;
  /** Length of the longest assertion that is taken. */
  maxLength?: number;
  /** False for assertions that another provider made: they are sent again until they are renewed. */
  isSingleUse?: boolean;
  /** Ids of earlier assertions; the one of this is added. */
  seen: Set<string>;
  /** Seconds since 1970. */
  nowSeconds: number;
}

/** What is wrong with an assertion. */
export type AssertionFault =
  'format' | 'algorithm' | 'key' | 'signature' | 'party' | 'audience' | 'time' | 'lifetime' | 'jti';

export type AssertionVerdict = { fault: AssertionFault; detail: string } | { fault: undefined; claims: JWTPayload };

const MAX_JTI_LENGTH = 64;

function headerFault(header: ProtectedHeaderParameters, rules: AssertionRules): AssertionVerdict | undefined {
  if (!rules.algorithms.includes(header.alg ?? '')) {
    return { fault: 'algorithm', detail: `alg ${header.alg}` };
  }
  const isKeyMissed = header.kid !== undefined || rules.isKeyIdOptional !== true;
  if (rules.keyId !== undefined && isKeyMissed && header.kid !== rules.keyId) {
    return { fault: 'key', detail: `kid ${header.kid}` };
  }
  if (rules.thumbprintSha256 !== undefined && header['x5t#S256'] !== rules.thumbprintSha256) {
    return { fault: 'key', detail: `x5t#S256 ${String(header['x5t#S256'])}` };
  }
  return undefined;
}

function timeFault(claims: JWTPayload, rules: AssertionRules): AssertionVerdict | undefined {
  const { nowSeconds, skewSeconds, maxLifeSeconds } = rules;
  const { exp, iat, nbf } = claims;
  if (exp === undefined || exp <= nowSeconds) {
    return { fault: 'time', detail: `exp ${exp} at ${nowSeconds}` };
  }
  if (Math.max(iat ?? 0, nbf ?? 0) > nowSeconds + skewSeconds) {
    return { fault: 'time', detail: `iat ${iat}, nbf ${nbf} at ${nowSeconds}` };
  }
  return exp - Math.min(iat ?? nowSeconds, nowSeconds) > maxLifeSeconds + skewSeconds
    ? { fault: 'lifetime', detail: `exp ${exp}, iat ${iat}` }
    : undefined;
}

function jtiFault({ jti }: JWTPayload, rules: AssertionRules): AssertionVerdict | undefined {
  if (rules.isSingleUse === false) {
    return undefined;
  }
  if (jti === undefined || jti.length > MAX_JTI_LENGTH || rules.seen.has(jti)) {
    return { fault: 'jti', detail: `jti ${jti}` };
  }
  rules.seen.add(jti);
  return undefined;
}

function claimsFault(claims: JWTPayload, rules: AssertionRules): AssertionVerdict | undefined {
  if (claims.iss !== rules.party || claims.sub !== rules.party) {
    return { fault: 'party', detail: `iss ${claims.iss}, sub ${claims.sub}` };
  }
  if (claims.aud !== rules.audience) {
    return { fault: 'audience', detail: `aud ${String(claims.aud)} instead of ${rules.audience}` };
  }
  return timeFault(claims, rules) ?? jtiFault(claims, rules);
}

/** Applies the rules in the order of a verifier: header, signature, parties, times, id. */
export async function verifyAssertion(assertion: string, rules: AssertionRules): Promise<AssertionVerdict> {
  if (assertion.length > (rules.maxLength ?? Infinity)) {
    return { fault: 'format', detail: `${assertion.length} characters` };
  }
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(assertion);
  } catch {
    return { fault: 'format', detail: 'no JWT' };
  }
  const early = headerFault(header, rules);
  if (early !== undefined) {
    return early;
  }
  try {
    const { payload } = await compactVerify(assertion, rules.publicKey, { algorithms: rules.algorithms });
    const claims: JWTPayload = JSON.parse(new TextDecoder().decode(payload));
    return claimsFault(claims, rules) ?? { fault: undefined, claims };
  } catch (reason) {
    return { fault: 'signature', detail: String(reason) };
  }
}
