/** Checks certificates and keys before they are used. Problems never quote a key. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type TlsSettings } from './routes';

const ONE_CERTIFICATE =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

interface Read<T> {
  value?: T;
  problem?: string;
}

/** All certificates of a PEM text. */
function readCertificates(pem: string): Read<X509Certificate[]> {
  const blocks = pem.match(ONE_CERTIFICATE);
  if (blocks === null) {
    return {
      problem: /PRIVATE KEY-----/.test(pem)
        ? 'This is a private key, not a certificate.'
        : 'Enter the certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----.',
    };
  }
  try {
    return { value: blocks.map((block) => new X509Certificate(block)) };
  } catch {
    return { problem: 'The certificate is damaged or cut short. Paste the whole PEM text again.' };
  }
}

function readKey(pem: string): Read<KeyObject> {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    return { problem: 'The key is protected by a passphrase. Enter it without one; Grafana stores it encrypted.' };
  }
  if (!pem.includes('PRIVATE KEY-----')) {
    return {
      problem: pem.includes('CERTIFICATE-----')
        ? 'This is a certificate, not a private key.'
        : 'Enter the private key as PEM text, which begins with -----BEGIN PRIVATE KEY-----.',
    };
  }
  try {
    return { value: createPrivateKey(pem) };
  } catch {
    return { problem: 'The key is damaged or cut short. Paste the whole PEM text again.' };
  }
}

function clientProblems(certificatePem: string, keyPem: string): string[] {
  const problems: string[] = [];
  const certificates = certificatePem.trim() === '' ? { problem: 'Enter it.' } : readCertificates(certificatePem);
  const key = keyPem.trim() === '' ? { problem: 'Enter it.' } : readKey(keyPem);
  if (certificates.problem !== undefined) {
    problems.push(`Client Certificate: ${certificates.problem}`);
  }
  if (key.problem !== undefined) {
    problems.push(`Client Key: ${key.problem}`);
  }
  const own = certificates.value?.[0];
  if (own !== undefined && key.value !== undefined && !own.checkPrivateKey(key.value)) {
    problems.push('Client Key: The key does not belong to the client certificate.');
  }
  return problems;
}

/** Characters that no host name has: blanks, a scheme, a path, a port. IPv6 has colons. */
function nameProblem(name: string): string | undefined {
  return /^[\p{L}\p{N}._-]+$|^[0-9a-f:.]+$/iu.test(name) ? undefined : 'Enter a host name, without port and scheme.';
}

/**
 * What is wrong with these settings, one sentence for each problem, its field in front: `CA Certificate: …`,
 * `Client Certificate: …`, `Client Key: …`, `Server Name: …`. None: they can be used.
 */
export function tlsProblems({ ca, clientCertificate, clientKey, serverName }: TlsSettings): string[] {
  const problems: string[] = [];
  const caProblem = ca === undefined ? undefined : readCertificates(ca).problem;
  if (caProblem !== undefined) {
    problems.push(`CA Certificate: ${caProblem}`);
  }
  if (clientCertificate !== undefined || clientKey !== undefined) {
    problems.push(...clientProblems(clientCertificate ?? '', clientKey?.reveal() ?? ''));
  }
  const name = serverName === undefined ? undefined : nameProblem(serverName);
  if (name !== undefined) {
    problems.push(`Server Name: ${name}`);
  }
  return problems;
}
