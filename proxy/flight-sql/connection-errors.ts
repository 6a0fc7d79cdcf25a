/**
 * Failures of TCP and TLS as Node reports them, in the catalogue's words. Node names most of them by code; OpenSSL's are
 * told by code or by the reason in the text.
 */
import { type ErrorCode } from '../errors/catalogue';
import { ProxyError } from '../errors/proxy-error';

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'address_unknown',
  EAI_AGAIN: 'address_unknown',
  EAI_FAIL: 'address_unknown',
  EAI_NODATA: 'address_unknown',
  EAI_NONAME: 'address_unknown',
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connection_timeout',
  EHOSTUNREACH: 'connection_timeout',
  EHOSTDOWN: 'connection_timeout',
  ENETUNREACH: 'connection_timeout',
};

const UNTRUSTED =
  /CERT_|_CERT\b|_CERT_|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)|CRL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_ALTNAME_INVALID|self.signed certificate|unable to (get|verify)|certificate has expired|certificate is not yet valid|does not match certificate|Hostname\/IP/i;
const NOT_TLS =
  /wrong version number|WRONG_VERSION_NUMBER|packet length too long|PACKET_LENGTH_TOO_LONG|http request|https proxy request|record layer failure|RECORD_LAYER_FAILURE|before secure TLS connection|unexpected eof|UNEXPECTED_EOF|bad record type|INVALID_HEADER|ECONNRESET|EPIPE/i;
const NO_HTTP2 = /no.application.protocol/i;

interface NodeFailure {
  code: string;
  message: string;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Node tries all addresses of a name and reports the failures together: the first one speaks for them. */
function failureOf(reason: unknown): NodeFailure {
  const together = property(reason, 'errors');
  const first: unknown = Array.isArray(together) && together.length > 0 ? together[0] : reason;
  const code = property(first, 'code');
  const message = property(first, 'message');
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(first),
  };
}

/** Why a certificate was refused, without the OpenSSL decoration. */
function sentence(message: string): string {
  const text = message.trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A failure to reach the server by TCP. */
export function tcpError(reason: unknown, address: string): ProxyError {
  const { code } = failureOf(reason);
  return new ProxyError(BY_CODE[code] ?? 'server_unavailable', {
    detail: code === '' ? `(${address})` : `(${address}, ${code})`,
    cause: reason,
  });
}

/** A failure of the TLS handshake, after TCP was there. */
export function tlsError(reason: unknown, address: string): ProxyError {
  const { code, message } = failureOf(reason);
  const text = `${code} ${message}`;
  if (UNTRUSTED.test(text)) {
    return new ProxyError('tls_untrusted', { detail: sentence(message), cause: reason });
  }
  if (NO_HTTP2.test(text)) {
    return new ProxyError('not_flight_sql', { detail: 'It speaks TLS, but not HTTP/2.', cause: reason });
  }
  if (NOT_TLS.test(text)) {
    return new ProxyError('tls_unexpected', { detail: `(${address})`, cause: reason });
  }
  return BY_CODE[code] === undefined
    ? new ProxyError('server_unavailable', { detail: `TLS failed: ${sentence(message)}`, cause: reason })
    : tcpError(reason, address);
}

/**
 * The cause that grpc-js hides in the text of an UNAVAILABLE status, or undefined when the text names none.
 *
 * @param details For example `No connection established. Last error: connect ECONNREFUSED 127.0.0.1:50051`.
 */
export function hiddenConnectionError(details: string, address: string): ProxyError | undefined {
  const code = /\b(E[A-Z_]{4,}|EAI_[A-Z]+)\b/.exec(details)?.[1];
  if (code !== undefined && BY_CODE[code] !== undefined) {
    return new ProxyError(BY_CODE[code], { detail: `(${address}, ${code})` });
  }
  if (UNTRUSTED.test(details)) {
    const reason = details.replace(/^.*Last error: (Error: )?/s, '').replace(/\s*Resolution note:.*$/s, '');
    return new ProxyError('tls_untrusted', { detail: sentence(reason) });
  }
  if (/wrong version number|packet length too long|before secure TLS connection/i.test(details)) {
    return new ProxyError('tls_unexpected', { detail: `(${address})` });
  }
  if (/Protocol error|HTTP\/1|no.application.protocol/i.test(details)) {
    return new ProxyError('not_flight_sql');
  }
  if (/^Name resolution failed/i.test(details)) {
    return new ProxyError('address_unknown', { detail: `(${address})` });
  }
  return undefined;
}
