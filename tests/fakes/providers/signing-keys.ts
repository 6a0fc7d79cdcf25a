/**
 * Key pairs of the simulated identity providers. Each pair is generated once per process, because an RSA key takes 0.1
 * s.
 */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK } from 'jose';

export interface SigningKey {
  kid: string;
  /** Not bound to an algorithm: an RSA key signs with RS256 and PS256. */
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The entry of the public key in a key set. */
  publicJwk: JWK;
  /** PKCS #8 PEM. */
  privatePem: string;
}

type KeyKind = 'rsa' | 'ec';

const keys = new Map<string, Promise<SigningKey>>();
const makePair = promisify(generateKeyPair);

async function generate(name: string, kind: KeyKind): Promise<SigningKey> {
  const { privateKey, publicKey } =
    kind === 'rsa' ? await makePair('rsa', { modulusLength: 2048 }) : await makePair('ec', { namedCurve: 'P-256' });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: name, use: 'sig' };
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { kid: name, privateKey, publicKey, publicJwk, privatePem };
}

/** The key with this name. Each call with the same name and kind returns the same key. */
export function signingKey(name: string, kind: KeyKind = 'rsa'): Promise<SigningKey> {
  const id = `${kind} ${name}`;
  const key = keys.get(id) ?? generate(name, kind);
  keys.set(id, key);
  return key;
}
