/** A look at pasted PEM texts, to catch the wrong file before it is saved. Whether they are valid is the proxy's to say. */

/** What is wrong with a text that should be one or more certificates, or undefined. */
export function certificateProblem(text: string | undefined): string | undefined {
  if (!text || /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text)) {
    return undefined;
  }
  return text.includes('PRIVATE KEY-----')
    ? 'This is a private key. Paste the certificate, which begins with -----BEGIN CERTIFICATE-----.'
    : 'A certificate in PEM begins with -----BEGIN CERTIFICATE-----.';
}

/** What is wrong with a text that should be a private key, or undefined. */
export function privateKeyProblem(text: string | undefined): string | undefined {
  if (!text) {
    return undefined;
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    return 'This key is protected by a passphrase, which could not be entered anywhere. Paste the key without one.';
  }
  if (/-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/.test(text)) {
    return undefined;
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) {
    return 'This is a certificate. Paste the private key, which begins with -----BEGIN PRIVATE KEY-----.';
  }
  return text.includes('-----BEGIN OPENSSH PRIVATE KEY-----')
    ? 'This is a key in the format of OpenSSH. Convert it to PEM (PKCS #8), which begins with -----BEGIN PRIVATE KEY-----.'
    : 'A private key in PEM begins with -----BEGIN PRIVATE KEY-----.';
}
