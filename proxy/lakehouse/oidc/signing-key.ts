/**
 * Reads the private key that signs assertions, and chooses the signing algorithm. Error messages name the field and
 * never quote the key.
 */
import { type KeyObject } from 'node:crypto';
import { type FieldName } from '../../../contract/settings/field-labels';
import { atField, message, type Message, type PlainCode } from '../../../contract/messages/message';
import { type KeyAlgorithm } from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { type Secret } from '../../observe/logging/secret';
import { readCertificates, readPrivateKey } from '../network/tls-problems';
import { repairPem } from './pem';

/** A private key, and an algorithm that it can sign with. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: KeyAlgorithm;
}

/**
 * Thumbprints of a certificate for a JOSE header: hashes of the DER-encoded certificate, in base64url (RFC 7515,
 * section 4.1).
 */
export interface Thumbprints {
  readonly sha1: string;
  readonly sha256: string;
}

/** Shortest RSA key that may sign (RFC 7518, sections 3.3 and 3.5). */
export const MIN_RSA_BITS = 2048;

/** The problem of a key that cannot sign with the algorithm of the settings. */
const UNFIT = {
  RS256: 'algorithm-needs-rsa',
  PS256: 'algorithm-needs-rsa',
  ES256: 'algorithm-needs-p256',
} as const satisfies Readonly<Record<KeyAlgorithm, string>>;

function invalid(field: FieldName, problem: Message): ProxyError {
  return new ProxyError('settings_invalid', { detail: [atField(field, problem)] });
}

/** Returns the value, if there is one. @throws {ProxyError} `settings_invalid` with the problem of the field. */
function valueOf<T>(field: FieldName, { value, problem = 'key-damaged' }: { value?: T; problem?: PlainCode }): T {
  if (value === undefined) {
    throw invalid(field, message(problem));
  }
  return value;
}

/** The algorithms that a key can sign with, the usual one first. For a key that cannot sign, the reason. */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): KeyAlgorithm[] | Message {
  const possible = message('kind-of-signing-key', { bits: MIN_RSA_BITS });
  const { modulusLength: bits = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === 'rsa') {
    return bits < MIN_RSA_BITS ? message('signing-key-short', { bits, possible }) : ['RS256', 'PS256'];
  }
  if (asymmetricKeyType === 'rsa-pss') {
    return message('signing-key-pss', { possible });
  }
  return asymmetricKeyType === 'ec' && namedCurve === 'prime256v1'
    ? ['ES256']
    : message('signing-key-other', { possible });
}

/**
 * The key, and the algorithm that it signs with.
 *
 * @param chosen The algorithm in the settings. Undefined: `preferred`, or else the usual algorithm for the key.
 * @param preferred Used only if the key supports it.
 * @throws {ProxyError} `settings_invalid` for a key that cannot be read, cannot sign, or does not fit the algorithm.
 */
export function readSigningKey(pem: Secret, chosen: KeyAlgorithm | undefined, preferred?: KeyAlgorithm): SigningKey {
  const key = valueOf('oauthPrivateKey', readPrivateKey(repairPem(pem.reveal())));
  const fitting = algorithmsOf(key);
  if (!Array.isArray(fitting)) {
    throw invalid('oauthPrivateKey', fitting);
  }
  if (chosen !== undefined && !fitting.includes(chosen)) {
    throw invalid('oauthSigningAlgorithm', message(UNFIT[chosen], { algorithm: chosen }));
  }
  const [first = 'RS256'] = fitting;
  return { key, algorithm: chosen ?? fitting.find((algorithm) => algorithm === preferred) ?? first };
}

/**
 * The thumbprints of a PEM certificate.
 *
 * @throws {ProxyError} `settings_invalid` if it cannot be read, or belongs to another key.
 */
export function readThumbprints(certificate: string, key: KeyObject): Thumbprints {
  const [parsed] = valueOf('oauthCertificate', readCertificates(repairPem(certificate)));
  if (parsed === undefined || !parsed.checkPrivateKey(key)) {
    throw invalid('oauthCertificate', message('certificate-of-other-key'));
  }
  const base64url = (fingerprint: string) => Buffer.from(fingerprint.replaceAll(':', ''), 'hex').toString('base64url');
  return { sha1: base64url(parsed.fingerprint), sha256: base64url(parsed.fingerprint256) };
}
