/**
 * Verifies all claims of a JWT that authenticates a client (RFC 7523, section 3; OpenID Connect Core, section 9).
 */
import { type KeyObject } from 'node:crypto';
import { compactVerify, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';

export interface AssertionRules {
  /** The client's registered public key, or the bytes of its secret. */
  publicKey: KeyObject | Uint8Array;
  algorithms: string[];
  /** Required `kid` of the header. Undefined: any. */
  keyId?: string;
  /** True: a header without `kid` is valid too, because the provider tries all keys of the client. */
  isKeyIdOptional?: boolean;
  /** Required thumbprint of the client's certificate, base64url. Undefined: not checked. */
  thumbprintSha256?: string;
  /** Required value of `iss` and of `sub`. */
  party: string;
  audience: string;
  /** Longest allowed lifetime, in seconds. */
  maxLifeSeconds: number;
  /** Maximum time by which `iat` and `nbf` may be in the future, in seconds. */
  skewSeconds: number;
  /** Largest allowed length of an assertion, in characters. */
  maxLength?: number;
  /**
   * False: an assertion may be used several times, for example if a platform renews the assertion only once an hour.
   */
  isSingleUse?: boolean;
  /** `jti` of earlier assertions. The verifier adds the `jti` of each valid assertion. */
  seen: Set<string>;
  /** Seconds since 1970. */
  nowSeconds: number;
}

/** The rule that an assertion violates. */
export type AssertionFault =
  'format' | 'algorithm' | 'key' | 'signature' | 'party' | 'audience' | 'time' | 'lifetime' | 'jti';

export type AssertionVerdict = { fault: AssertionFault; detail: string } | { fault: undefined; claims: JWTPayload };

const MAX_JTI_LENGTH = 64;

function headerFault(header: ProtectedHeaderParameters, rules: AssertionRules): AssertionVerdict | undefined {
  if (!rules.algorithms.includes(header.alg ?? '')) {
    return { fault: 'algorithm', detail: `alg ${header.alg}` };
  }
  const isKeyIdChecked = header.kid !== undefined || rules.isKeyIdOptional !== true;
  if (rules.keyId !== undefined && isKeyIdChecked && header.kid !== rules.keyId) {
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

/** Checks the length, then the header, the signature, the parties, the audience, the times and the id. */
export async function verifyAssertion(assertion: string, rules: AssertionRules): Promise<AssertionVerdict> {
  if (assertion.length > (rules.maxLength ?? Infinity)) {
    return { fault: 'format', detail: `${assertion.length} characters` };
  }
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(assertion);
  } catch {
    return { fault: 'format', detail: 'not a JWT' };
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
