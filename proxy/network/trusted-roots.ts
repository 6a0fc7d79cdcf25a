/**
 * The certificate authorities that TLS trusts by default: Node's built-in list, and the list of the system, to which
 * companies add their own authorities. Without this code, Node uses only its built-in list.
 */
import { readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates } from 'node:tls';

/**
 * Files with the system's authorities: Debian and Alpine, RHEL, SUSE, macOS and OpenBSD. Windows has none, and every user may
 * create files at these paths there.
 */
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

/** Paths of files with authorities. The first one that can be read is used. @param named `SSL_CERT_FILE` of the environment. */
export function bundlePaths(named: string | undefined, platform: NodeJS.Platform): string[] {
  return [...(named === undefined ? [] : [named]), ...(platform === 'win32' ? [] : BUNDLES)];
}

function systemBundle(): string[] {
  for (const path of bundlePaths(process.env.SSL_CERT_FILE, process.platform)) {
    const text = readable(path);
    if (text !== undefined) {
      return text.match(ONE_CERTIFICATE) ?? [];
    }
  }
  return [];
}

/** The lists that Node can return. Versions before 22.15 return only the built-in list. */
function nodeLists(): readonly string[] {
  if (typeof getCACertificates !== 'function') {
    return rootCertificates;
  }
  return [...getCACertificates('default'), ...(process.platform === 'linux' ? [] : getCACertificates('system'))];
}

let authorities: readonly string[] | undefined;

/** The trusted authorities as PEM, without duplicates. They are read once, on first use. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...new Set([...nodeLists(), ...systemBundle()].map((pem) => pem.trim()))];
  return authorities;
}
