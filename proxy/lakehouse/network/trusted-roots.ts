/**
 * The certificate authorities that TLS trusts by default: Node's built-in list, and the list of the system, to which
 * companies add their own authorities. By default, Node does not use the list of the system.
 */
import { StringSet } from '../../../contract/string-map';
import { readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates, setDefaultCACertificates } from 'node:tls';
import { noFileHandles } from '../../base/errors/no-file-handles';
import { certificatesInPem } from './certificates-in-pem';

/**
 * Files with the system's authorities: Debian and Alpine, RHEL, SUSE, macOS and OpenBSD. On Windows, they do not exist,
 * and every user may create files at these paths.
 */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** @throws {ProxyError} `no_file_handles`: the list must not be kept without the authorities of this file. */
function readable(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (reason) {
    const handles = noFileHandles(reason);
    if (handles !== undefined) {
      throw handles;
    }
    return undefined;
  }
}

/**
 * Paths of files with authorities. The first one that can be read is used.
 * @param named `SSL_CERT_FILE` of the environment.
 */
export function bundlePaths(named: string | undefined, platform: NodeJS.Platform): string[] {
  return [...(named === undefined ? [] : [named]), ...(platform === 'win32' ? [] : BUNDLES)];
}

function systemBundle(): string[] {
  for (const path of bundlePaths(process.env.SSL_CERT_FILE, process.platform)) {
    const pem = readable(path);
    if (pem !== undefined) {
      return certificatesInPem(pem);
    }
  }
  return [];
}

/**
 * The lists that Node returns. Versions before 22.15 return only the built-in list. On Linux, `systemBundle` reads the
 * list of the system.
 */
function nodeLists(): readonly string[] {
  if (typeof getCACertificates !== 'function') {
    return rootCertificates;
  }
  return [...getCACertificates('default'), ...(process.platform === 'linux' ? [] : getCACertificates('system'))];
}

let authorities: readonly string[] | undefined;

/** The trusted authorities as PEM, without duplicates. They are read once, on first use. */
export function trustedAuthorities(): readonly string[] {
  authorities ??= [...new StringSet([...nodeLists(), ...systemBundle()].map((pem) => pem.trim()))];
  return authorities;
}

let areDefault: boolean | undefined;

/**
 * OpenSSL's format of certificates with purposes. The option `ca` reads these certificates, but
 * `setDefaultCACertificates` ignores them.
 */
const WITH_PURPOSES = '-----BEGIN TRUSTED';

/**
 * Sets the trusted authorities as Node's default.
 *
 * @returns False if that fails: Node before 22.19 cannot do it, and later versions do not support all formats of
 *   certificates.
 */
function makeDefault(): boolean {
  const hasPurposes = trustedAuthorities().some((pem) => pem.startsWith(WITH_PURPOSES));
  if (hasPurposes || typeof setDefaultCACertificates !== 'function') {
    return false;
  }
  try {
    setDefaultCACertificates(trustedAuthorities());
    return true;
  } catch {
    // Node rejects the whole list if it cannot read one of the system's certificates.
    return false;
  }
}

/**
 * The option `ca` of a TLS context that trusts these authorities. Undefined if these authorities are Node's default,
 * because contexts without this option share one copy of the default. Each context with the option has its own copy,
 * which takes 0.8 MB and 4 ms.
 */
export function trustedCaOption(): string[] | undefined {
  areDefault ??= makeDefault();
  return areDefault ? undefined : [...trustedAuthorities()];
}
