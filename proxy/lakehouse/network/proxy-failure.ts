/** Failures of a SOCKS or HTTP proxy on the route to the server or to the identity provider. */
import { ProxyError } from '../../base/errors/proxy-error';
import { asSentence, nodeFailure, wantsClientCertificate } from './node-failure';

const MESSAGES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Its name cannot be resolved.',
  EAI_AGAIN: 'Its name cannot be resolved at the moment.',
  ECONNREFUSED: 'Nothing listens at its address.',
  ECONNRESET: 'It closed the connection.',
  EPIPE: 'It closed the connection.',
  ETIMEDOUT: 'It does not respond.',
  EHOSTUNREACH: 'There is no route to its address.',
  ENETUNREACH: 'There is no route to its address.',
};

function messageOf(reason: unknown): string {
  const { code, message } = nodeFailure(reason);
  if (wantsClientCertificate(reason, true)) {
    return 'It does not accept the client certificate.';
  }
  return MESSAGES[code] ?? asSentence(message);
}

/**
 * The error for a SOCKS or HTTP proxy that cannot be used. A ProxyError is returned unchanged.
 *
 * @param proxy For example `SOCKS proxy pdc.example:443`.
 * @param reason A sentence, or the caught error.
 */
export function proxyFailure(proxy: string, reason: unknown): ProxyError {
  return reason instanceof ProxyError
    ? reason
    : new ProxyError('proxy_unreachable', {
        detail: `${proxy}: ${typeof reason === 'string' ? reason : messageOf(reason)}`,
        ...(typeof reason !== 'string' && { cause: reason }),
      });
}
