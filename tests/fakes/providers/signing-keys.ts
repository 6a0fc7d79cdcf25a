/** Key pairs of the simulators. Made once for a process: an RSA key takes a tenth of a second. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { exportJWK, type JWK } from 'jose';

export interface SigningKey {
  kid: string;
  /** Not bound to an algorithm: an RSA key signs with RS256 and PS256. */
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** As a key set lists it. */
  publicJwk: JWK;
  /** PKCS #8 PEM. */
  privatePem: string;
}

type KeyKind = 'rsa' | 'ec';

const made = new Map<string, Promise<SigningKey>>();
const makePair = promisify(generateKeyPair);

async function make(name: string, kind: KeyKind): Promise<SigningKey> {
  const { privateKey, publicKey } =
    kind === 'rsa' ? await makePair('rsa', { modulusLength: 2048 }) : await makePair('ec', { namedCurve: 'P-256' });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: name, use: 'sig' };
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { kid: name, privateKey, publicKey, publicJwk, privatePem };
}

/** The key of this name; the same one each time. */
export function signingKey(name: string, kind: KeyKind = 'rsa'): Promise<SigningKey> {
  const id = `${kind} ${name}`;
  const known = made.get(id) ?? make(name, kind);
  made.set(id, known);
  return known;
}
