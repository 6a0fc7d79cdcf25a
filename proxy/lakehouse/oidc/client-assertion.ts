/**
 * Signs the JWT that authenticates a client. The key is the client's private key (`private_key_jwt`) or secret
 * (`client_secret_jwt`): OpenID Connect Core, section 9; RFC 7523, section 3. Each assertion has a new `jti` and a
 * short lifetime.
 */
import { type KeyObject, randomUUID } from 'node:crypto';
import { type JWTHeaderParameters, SignJWT } from 'jose';
import { type AuthenticationMethod } from './client-credentials';
import { type AssertionRules } from './provider-rules';
import { readSigningKey, readThumbprints, type SigningKey } from './signing-key';

export type PrivateKeyAuthentication = Extract<AuthenticationMethod, { kind: 'private-key' }>;
export type SecretJwtAuthentication = Extract<AuthenticationMethod, { kind: 'secret-jwt' }>;

/** Signs assertions with one key, which is read once. */
export interface AssertionSigner {
  /** `alg` of the header (RFC 7518), for example `RS256`. */
  readonly algorithm: string;
  /** @returns A JWT in compact form. @param audience `aud` of the assertion. @param nowMs Milliseconds since 1970. */
  sign(clientId: string, audience: string, nowMs: number): Promise<string>;
}

interface KeyAndHeader {
  readonly key: KeyObject | Uint8Array;
  readonly header: JWTHeaderParameters;
}

function headerOf(
  authentication: PrivateKeyAuthentication,
  { key, algorithm }: SigningKey,
  rules: AssertionRules
): JWTHeaderParameters {
  const { keyId, certificate } = authentication;
  const thumbprints = certificate ? readThumbprints(certificate, key) : undefined;
  return {
    alg: algorithm,
    typ: 'JWT',
    ...(keyId && { kid: keyId }),
    ...(thumbprints && { 'x5t#S256': thumbprints.sha256 }),
    ...(thumbprints && rules.wantsOldThumbprint && algorithm === 'RS256' && { x5t: thumbprints.sha1 }),
  };
}

function keyAndHeader(
  authentication: PrivateKeyAuthentication | SecretJwtAuthentication,
  rules: AssertionRules
): KeyAndHeader {
  if (authentication.kind === 'secret-jwt') {
    return { key: Buffer.from(authentication.secret.reveal()), header: { alg: authentication.algorithm, typ: 'JWT' } };
  }
  const preferred = authentication.certificate ? rules.certificateAlgorithm : undefined;
  const signingKey = readSigningKey(authentication.key, authentication.algorithm, preferred);
  return { key: signingKey.key, header: headerOf(authentication, signingKey, rules) };
}

/**
 * A signer with the key of `authentication`.
 *
 * @throws {ProxyError} `settings_invalid` for a key or certificate that cannot be used.
 */
export function createAssertionSigner(
  authentication: PrivateKeyAuthentication | SecretJwtAuthentication,
  rules: AssertionRules
): AssertionSigner {
  const { key, header } = keyAndHeader(authentication, rules);
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
