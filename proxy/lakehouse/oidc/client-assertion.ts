/**
 * Signs the JWT that authenticates a client, with its private key (`private_key_jwt`) or its secret (`client_secret_jwt`):
 * OpenID Connect Core, section 9; RFC 7523, section 3. Each assertion has a new `jti` and a short lifetime.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { type JWTHeaderParameters, SignJWT } from 'jose';
import { type Proof } from './client-credentials';
import { type AssertionRules } from './provider-rules';
import { readSigningKey, readThumbprints, type SigningKey } from './signing-key';

export type PrivateKeyProof = Extract<Proof, { kind: 'private-key' }>;
export type SecretJwtProof = Extract<Proof, { kind: 'secret-jwt' }>;

export interface AssertionSigner {
  readonly algorithm: string;
  /** @param audience `aud` of the assertion. @param nowMs Milliseconds since 1970. */
  sign(clientId: string, audience: string, nowMs: number): Promise<string>;
}

interface KeyAndHeader {
  readonly key: KeyObject | Uint8Array;
  readonly header: JWTHeaderParameters;
}

function headerOf(proof: PrivateKeyProof, { key, algorithm }: SigningKey, rules: AssertionRules): JWTHeaderParameters {
  const { keyId, certificate } = proof;
  const thumbprints = certificate ? readThumbprints(certificate, key) : undefined;
  return {
    alg: algorithm,
    typ: 'JWT',
    ...(keyId && { kid: keyId }),
    ...(thumbprints && { 'x5t#S256': thumbprints.sha256 }),
    ...(thumbprints && rules.wantsOldThumbprint && algorithm === 'RS256' && { x5t: thumbprints.sha1 }),
  };
}

function keyAndHeader(proof: PrivateKeyProof | SecretJwtProof, rules: AssertionRules): KeyAndHeader {
  if (proof.kind === 'secret-jwt') {
    return { key: Buffer.from(proof.secret.reveal()), header: { alg: proof.algorithm, typ: 'JWT' } };
  }
  const preferred = proof.certificate ? rules.certificateAlgorithm : undefined;
  const signingKey = readSigningKey(proof.key, proof.algorithm, preferred);
  return { key: signingKey.key, header: headerOf(proof, signingKey, rules) };
}

/** @throws {ProxyError} `settings_invalid` for a key or certificate that cannot be used. */
export function createAssertionSigner(proof: PrivateKeyProof | SecretJwtProof, rules: AssertionRules): AssertionSigner {
  const { key, header } = keyAndHeader(proof, rules);
  return {
    algorithm: header.alg,
    sign(clientId, audience, nowMs) {
      const nowSeconds = Math.floor(nowMs / 1000);
      return new SignJWT({ jti: randomUUID() })
        .setProtectedHeader(header)
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(audience)
        .setIssuedAt(nowSeconds)
        .setNotBefore(nowSeconds)
        .setExpirationTime(nowSeconds + rules.lifetimeSeconds)
        .sign(key);
    },
  };
}
