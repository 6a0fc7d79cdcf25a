/** Reads code and message of Node's TCP and TLS errors, and recognizes errors about the client certificate. */

export interface NodeFailure {
  /** For example `ECONNREFUSED`; empty when there is none. */
  code: string;
  message: string;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Code and message of a caught error. For an AggregateError, which Node throws if all addresses of a name fail, code
 * and message of its first error.
 */
export function nodeFailure(reason: unknown): NodeFailure {
  const errors = property(reason, 'errors');
  const first: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : reason;
  const code = property(first, 'code');
  const message = property(first, 'message');
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(first),
  };
}

/** An error message of Node with a full stop at its end. */
export function asSentence(message: string): string {
  const trimmed = message.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** TLS alerts about the client certificate: RFC 8446, section 6.2. */
const CLIENT_CERTIFICATE =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNKNOWN_CA|ACCESS_DENIED)|alert (?:certificate required|bad certificate|unsupported certificate|certificate revoked|certificate expired|certificate unknown|unknown ca|access denied)/i;
/**
 * The alert of TLS 1.2 servers when the client sends no certificate. Servers also send this alert for other reasons.
 */
const HANDSHAKE_FAILURE = /ALERT_HANDSHAKE_FAILURE|alert handshake failure/i;

/**
 * True when the peer probably requires a client certificate, or rejected the one that it received. With TLS 1.3, this
 * error arrives only after the handshake, in place of the first response.
 *
 * @param hasCertificate True when the settings have a client certificate.
 */
export function wantsClientCertificate(reason: unknown, hasCertificate: boolean): boolean {
  const { code, message } = nodeFailure(reason);
  const description = `${code} ${message}`;
  return CLIENT_CERTIFICATE.test(description) || (!hasCertificate && HANDSHAKE_FAILURE.test(description));
}
