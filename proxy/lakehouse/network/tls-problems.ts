/** Checks certificates and keys before they are used. Problems never quote a key. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { message, type Message, type PlainCode } from '../../../contract/messages/message';
import { certificatesInPem } from './certificates-in-pem';
import { type TlsSettings } from './routes';

/** A problem of one TLS setting. */
export interface TlsProblem {
  field: 'ca' | 'clientCertificate' | 'clientKey' | 'serverName';
  problem: Message;
}

interface Read<T> {
  value?: T;
  problem?: PlainCode;
}

/** All certificates in a PEM string, or the code of its problem. */
export function readCertificates(pem: string): Read<X509Certificate[]> {
  const blocks = certificatesInPem(pem);
  if (blocks.length === 0) {
    return { problem: /PRIVATE KEY-----/.test(pem) ? 'certificate-is-key' : 'certificate-not-pem' };
  }
  try {
    return { value: blocks.map((block) => new X509Certificate(block)) };
  } catch {
    return { problem: 'certificate-damaged' };
  }
}

/** A private key, or the code of its problem. @param pem PEM with repaired line breaks. */
export function readPrivateKey(pem: string): Read<KeyObject> {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return { problem: 'key-with-passphrase' };
  }
  if (pem.includes('-----BEGIN OPENSSH PRIVATE KEY-----')) {
    return { problem: 'key-is-openssh' };
  }
  if (!pem.includes('PRIVATE KEY-----')) {
    const isPublic = pem.includes('PUBLIC KEY-----');
    return {
      problem: isPublic ? 'key-is-public' : pem.includes('CERTIFICATE-----') ? 'key-is-certificate' : 'key-not-pem',
    };
  }
  try {
    return { value: createPrivateKey(pem) };
  } catch {
    return { problem: 'key-damaged' };
  }
}

function problemOf(field: TlsProblem['field'], code: PlainCode | undefined): TlsProblem[] {
  return code === undefined ? [] : [{ field, problem: message(code) }];
}

function clientProblems(certificatePem: string, keyPem: string): TlsProblem[] {
  const certificates: Read<X509Certificate[]> =
    certificatePem.trim() === '' ? { problem: 'client-certificate-missing' } : readCertificates(certificatePem);
  const key: Read<KeyObject> = keyPem.trim() === '' ? { problem: 'client-key-missing' } : readPrivateKey(keyPem);
  const own = certificates.value?.[0];
  const isPair = own === undefined || key.value === undefined || own.checkPrivateKey(key.value);
  return [
    ...problemOf('clientCertificate', certificates.problem),
    ...problemOf('clientKey', key.problem),
    ...problemOf('clientKey', isPair ? undefined : 'key-of-other-certificate'),
  ];
}

function atCa(problem: Message | undefined): TlsProblem[] {
  return problem === undefined ? [] : [{ field: 'ca', problem }];
}

/** True for an IP address, and for a name without spaces, scheme, port and path. */
function isHostName(name: string): boolean {
  return /^[\p{L}\p{N}._-]+$/u.test(name) || isIP(name) !== 0;
}

/**
 * The problem of certificates that cannot verify another one. OpenSSL trusts a self-signed certificate, and those of
 * authorities.
 */
function authorityProblem(pem: string): Message | undefined {
  const { value: certificates = [], problem } = readCertificates(pem);
  const [first] = certificates;
  if (problem !== undefined || first === undefined) {
    return problem && message(problem);
  }
  const mayVerify = certificates.some(({ ca, subject, issuer }) => ca || subject === issuer);
  const { subject, issuer } = first;
  return mayVerify ? undefined : message('ca-is-leaf', { subject: oneLine(subject), issuer: oneLine(issuer) });
}

/** The names of a certificate, which Node separates by line breaks. */
function oneLine(names: string | undefined): string {
  return (names ?? '').replaceAll('\n', ', ').slice(0, 200);
}

/** The problems of TLS settings, in the order of the settings form. */
export function tlsProblems({ ca, clientCertificate, clientKey, serverName }: TlsSettings): TlsProblem[] {
  const hasClient = clientCertificate !== undefined || clientKey !== undefined;
  return [
    ...atCa(ca === undefined ? undefined : authorityProblem(ca)),
    ...(hasClient ? clientProblems(clientCertificate ?? '', clientKey?.reveal() ?? '') : []),
    ...problemOf('serverName', serverName === undefined || isHostName(serverName) ? undefined : 'server-name-invalid'),
  ];
}
