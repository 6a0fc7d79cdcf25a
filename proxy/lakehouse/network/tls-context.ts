/** TLS settings in the format that Node expects. */
import {
  checkServerIdentity,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type SecureVersion,
} from 'node:tls';
import { type TlsSettings } from './routes';
import { trustedCaOption } from './trusted-roots';

/** Certificate authorities, and the certificate that is sent when the peer requests one. */
export type ContextSettings = Pick<TlsSettings, 'skipVerify' | 'ca' | 'clientCertificate' | 'clientKey'>;

let shared: SecureContext | undefined;

/** Connections with default settings share a context. */
function sharedContext(): SecureContext {
  shared ??= createSecureContext({ ca: trustedCaOption(), minVersion: 'TLSv1.2' });
  return shared;
}

/**
 * The context for these settings, with TLS of `minVersion` or newer.
 *
 * @throws Node's error for PEM that Node cannot read.
 */
export function tlsContext(settings: ContextSettings, minVersion: SecureVersion = 'TLSv1.2'): SecureContext {
  const { skipVerify, ca, clientCertificate, clientKey } = settings;
  const isDefault = ca === undefined && clientCertificate === undefined && !skipVerify;
  if (isDefault && minVersion === 'TLSv1.2') {
    return sharedContext();
  }
  return createSecureContext({
    minVersion,
    ca: ca ?? (skipVerify ? [] : trustedCaOption()),
    ...(clientCertificate !== undefined && { cert: clientCertificate, key: clientKey?.reveal() }),
  });
}

/** Returns a check that compares a certificate with `name` instead of the host of the connection. */
export function identityCheck(name: string): (host: string, certificate: PeerCertificate) => Error | undefined {
  return (_, certificate) => checkServerIdentity(name, certificate);
}
