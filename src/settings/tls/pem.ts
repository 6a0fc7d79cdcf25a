/**
 * Recognises pasted PEM strings, so that the page can report a wrong file before it is saved. Only the backend checks
 * whether a certificate or key is valid.
 */
import { t } from '@grafana/i18n';

export const CERTIFICATE_EXAMPLE = '-----BEGIN CERTIFICATE-----';
export const PRIVATE_KEY_EXAMPLE = '-----BEGIN PRIVATE KEY-----';

/** The problem of a pasted certificate, as an error message. Undefined for an empty string and for certificates. */
export function certificateProblem(pem: string | undefined): string | undefined {
  if (!pem || /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(pem)) {
    return undefined;
  }
  return pem.includes('PRIVATE KEY-----')
    ? t(
        'config.pem.key-for-certificate',
        'This is a private key. Paste the certificate, which begins with -----BEGIN CERTIFICATE-----.'
      )
    : t('config.pem.no-certificate', 'A certificate in PEM begins with -----BEGIN CERTIFICATE-----.');
}

/** The problem of a pasted private key, as an error message. Undefined for an empty string and for a usable key. */
export function privateKeyProblem(pem: string | undefined): string | undefined {
  if (!pem) {
    return undefined;
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    return t(
      'config.pem.encrypted-key',
      'This key is protected by a passphrase, and there is no field for one. Paste the key without a passphrase.'
    );
  }
  if (/-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/.test(pem)) {
    return undefined;
  }
  if (pem.includes('-----BEGIN CERTIFICATE-----')) {
    return t(
      'config.pem.certificate-for-key',
      'This is a certificate. Paste the private key, which begins with -----BEGIN PRIVATE KEY-----.'
    );
  }
  if (pem.includes('PUBLIC KEY-----')) {
    return t(
      'config.pem.public-key-for-key',
      'This is a public key. Paste the private key, which begins with -----BEGIN PRIVATE KEY-----.'
    );
  }
  return pem.includes('-----BEGIN OPENSSH PRIVATE KEY-----')
    ? t(
        'config.pem.openssh-key',
        'This key is in the format of OpenSSH. Convert it to PEM (PKCS #8), which begins with -----BEGIN PRIVATE KEY-----.'
      )
    : t('config.pem.no-key', 'A private key in PEM begins with -----BEGIN PRIVATE KEY-----.');
}
