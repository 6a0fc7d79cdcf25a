/** Settings of TLS as Node takes them. */
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
} from 'node:tls';
import { type TlsSettings } from './routes';
import { trustedAuthorities } from './trusted-roots';

/** What a context is made of: authorities, and the certificate that is shown when the other side asks for one. */
export type ContextSettings = Pick<TlsSettings, 'skipVerify' | 'ca' | 'clientCertificate' | 'clientKey'>;

let shared: SecureContext | undefined;

/** Making a context of some two hundred authorities takes milliseconds: all who ask for nothing else share one. */
function sharedContext(): SecureContext {
  shared ??= createSecureContext({ ca: [...trustedAuthorities()], minVersion: 'TLSv1.2' });
  return shared;
}

/**
 * The context for these settings. TLS 1.2 at least.
 *
 * @throws Node's error for PEM that cannot be read; `tlsProblems` finds it before.
 */
export function tlsContext(settings: ContextSettings, minVersion: SecureVersion = 'TLSv1.2'): SecureContext {
  const { skipVerify, ca, clientCertificate, clientKey } = settings;
  const isPlain = ca === undefined && clientCertificate === undefined && !skipVerify;
  if (isPlain && minVersion === 'TLSv1.2') {
    return sharedContext();
  }
  return createSecureContext({
    minVersion,
    ca: ca ?? (skipVerify ? [] : [...trustedAuthorities()]),
    ...(clientCertificate !== undefined && { cert: clientCertificate, key: clientKey?.reveal() }),
  });
}

/** Compares a certificate with the expected name, whatever name or address the connection was made to. */
export function identityCheck(name: string): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => checkServerIdentity(name, certificate);
}
