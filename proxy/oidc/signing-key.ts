/**
 * Reads the private key that signs assertions, and chooses the signing algorithm. Problems name the field and never quote
 * the key.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type KeyAlgorithm } from '../../contract/settings';
import { ProxyError } from '../errors/proxy-error';
import { type Secret } from '../logging/secret';
import { repairPem } from './pem';

export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: KeyAlgorithm;
}

/**
 * Thumbprint of a certificate in a JOSE header: the hash of the DER-encoded certificate, in base64url (RFC 7515, section
 * 4.1).
 */
export interface Thumbprints {
  readonly sha1: string;
  readonly sha256: string;
}

const WHY_NOT: Readonly<Record<KeyAlgorithm, string>> = {
  RS256: 'it needs an RSA key',
  PS256: 'it needs an RSA key',
  ES256: 'it needs a key on the curve P-256',
};

function invalid(field: string, problem: string): ProxyError {
  return new ProxyError('settings_invalid', { detail: `${field}: ${problem}` });
}

/** The algorithms that a key can sign with, the preferred one first. */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyAlgorithm[] {
  switch (asymmetricKeyType) {
    case 'rsa':
      return ['RS256', 'PS256'];
    case 'rsa-pss':
      return ['PS256'];
    case 'ec':
      return asymmetricKeyDetails?.namedCurve === 'prime256v1' ? ['ES256'] : [];
    default:
      return [];
  }
}

/**
 * @param preferred The default algorithm, if the key supports it.
 * @throws {ProxyError} `settings_invalid` for a key that cannot be read, or does not fit the algorithm.
 */
export function readSigningKey(pem: Secret, chosen: KeyAlgorithm | undefined, preferred?: KeyAlgorithm): SigningKey {
  const text = repairPem(pem.reveal());
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    // The cause is left out, because it may contain parts of the key.
    const isLocked = text.includes('ENCRYPTED');
    throw invalid(
      'Private Key',
      isLocked
        ? 'it is protected by a passphrase; enter the key without a passphrase.'
        : 'it cannot be read; enter it in PEM (PKCS #8, PKCS #1 or SEC 1).'
    );
  }
  const fitting = algorithmsOf(key);
  const [first] = fitting;
  if (first === undefined) {
    throw invalid('Private Key', 'use an RSA key, or an EC key on the curve P-256.');
  }
  if (chosen !== undefined && !fitting.includes(chosen)) {
    throw invalid('Signing algorithm', `${chosen} does not fit the private key, because ${WHY_NOT[chosen]}.`);
  }
  const algorithm = chosen ?? (preferred !== undefined && fitting.includes(preferred) ? preferred : first);
  return { key, algorithm };
}

/** @throws {ProxyError} `settings_invalid` for a certificate that cannot be read, or belongs to another key. */
export function readThumbprints(certificate: string, key: KeyObject): Thumbprints {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(repairPem(certificate));
  } catch {
    throw invalid('Certificate', 'it cannot be read; enter it in PEM.');
  }
  if (!parsed.checkPrivateKey(key)) {
    throw invalid('Certificate', 'it belongs to another key than the private key in the settings.');
  }
  const base64url = (fingerprint: string) => Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  return { sha1: base64url(parsed.fingerprint), sha256: base64url(parsed.fingerprint256) };
}
