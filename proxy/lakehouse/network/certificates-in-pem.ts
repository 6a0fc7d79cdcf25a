/** One certificate in a PEM string, with the labels that OpenSSL reads. */
const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** The certificates in a PEM string, each as PEM. Empty if there are none. */
export function certificatesInPem(pem: string): string[] {
  return pem.match(CERTIFICATE) ?? [];
}
