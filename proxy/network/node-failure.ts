/** Errors of TCP and TLS as Node reports them: their code and text, and what can be told from them. */

export interface NodeFailure {
  /** For example `ECONNREFUSED`; empty when there is none. */
  code: string;
  message: string;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Node tries all addresses of a name and reports the failures together: the first one speaks for them. */
export function nodeFailure(reason: unknown): NodeFailure {
  const together = property(reason, 'errors');
  const first: unknown = Array.isArray(together) && together.length > 0 ? together[0] : reason;
  const code = property(first, 'code');
  const message = property(first, 'message');
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : String(first),
  };
}

/** Alerts of TLS about the certificate of the client: RFC 8446, section 6.2. */
const CLIENT_CERTIFICATE =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_REVOKED|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|UNKNOWN_CA|ACCESS_DENIED)|alert (?:certificate required|bad certificate|unsupported certificate|certificate revoked|certificate expired|certificate unknown|unknown ca|access denied)/i;
/** What servers of TLS 1.2 say when there is no certificate; it can mean other things as well. */
const HANDSHAKE_FAILURE = /ALERT_HANDSHAKE_FAILURE|alert handshake failure/i;

/**
 * True when the other side wanted a certificate of the client, or did not take the one that it got. With TLS 1.3 this
 * comes only after the handshake, in place of the first answer.
 *
 * @param hasCertificate Whether one was there to be shown.
 */
export function wantsClientCertificate(reason: unknown, hasCertificate: boolean): boolean {
  const { code, message } = nodeFailure(reason);
  const text = `${code} ${message}`;
  return CLIENT_CERTIFICATE.test(text) || (!hasCertificate && HANDSHAKE_FAILURE.test(text));
}
