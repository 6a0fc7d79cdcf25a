/**
 * The certificate authorities that TLS trusts unless the settings name others: Node's own list and the system's, where
 * companies put theirs. Node alone would use only the list it was built with.
 */
import { readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates } from 'node:tls';

/** Where the systems that Grafana runs on keep their authorities: Debian and Alpine, RHEL, SUSE, macOS and OpenBSD. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

const ONE_CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

function readable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function systemBundle(): string[] {
  const named = process.env.SSL_CERT_FILE;
  for (const path of named === undefined ? BUNDLES : [named, ...BUNDLES]) {
    const text = readable(path);
    if (text !== undefined) {
      return text.match(ONE_CERTIFICATE) ?? [];
    }
  }
  return [];
}

/** Node before 22.15 cannot tell these lists; what it was built with is then all there is beside the bundle. */
function nodeLists(): readonly string[] {
  if (typeof getCACertificates !== 'function') {
    return rootCertificates;
  }
  return [...getCACertificates('default'), ...(process.platform === 'linux' ? [] : getCACertificates('system'))];
}

let authorities: readonly string[] | undefined;

/** PEM, each authority once. Read once, on first use: a process lives shorter than a certificate authority. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...new Set([...nodeLists(), ...systemBundle()].map((pem) => pem.trim()))];
  return authorities;
}
