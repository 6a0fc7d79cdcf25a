/**
 * Converts failures of TCP and TLS to errors of the error catalogue. Node.js reports most failures with a code, but
 * some failures of OpenSSL only with a message.
 */
import { ConnectionError, errorCodeName, GoAwayError } from '@micromegas/http2';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { message as text, type PlainCode } from '../../../contract/messages/message';
import { authorityAdvice, certificateEvidence, type TlsProblem, tlsProblemOf } from '../network/certificate-evidence';
import { clientCertificateError } from '../network/client-certificate';
import { CertificateError } from '../network/connect';
import { type TlsSettings } from '../network/routes';
import { asSentence, nodeFailure, wantsClientCertificate } from '../network/node-failure';
import { type LastResponse } from '../network/server-addresses';
import { closingServer, silentServer } from './silent-server';

const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: 'address_unknown',
  EAI_AGAIN: 'address_unknown',
  EAI_FAIL: 'address_unknown',
  EAI_NODATA: 'address_unknown',
  EAI_NONAME: 'address_unknown',
  ECONNREFUSED: 'connection_refused',
  EHOSTUNREACH: 'connection_timeout',
  EHOSTDOWN: 'connection_timeout',
  ENETUNREACH: 'connection_timeout',
};

const UNTRUSTED =
  /CERT_|_CERT\b|_CERT_|UNABLE_TO_(GET|VERIFY|DECODE|DECRYPT)|CRL_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|ERR_TLS_CERT_ALTNAME_INVALID|self.signed certificate|unable to (get|verify)|certificate has expired|certificate is not yet valid|does not match certificate|Hostname\/IP/i;
const NOT_TLS =
  /wrong version number|WRONG_VERSION_NUMBER|packet length too long|PACKET_LENGTH_TOO_LONG|http request|https proxy request|record layer failure|RECORD_LAYER_FAILURE|before secure TLS connection|unexpected eof|UNEXPECTED_EOF|bad record type|INVALID_HEADER|ECONNRESET|EPIPE/i;
/** The failures of `NOT_TLS` without a response of the server. */
const CLOSED = /before secure TLS connection|unexpected eof|UNEXPECTED_EOF|ECONNRESET|EPIPE/i;
const NO_HTTP2 = /no.application.protocol/i;

/** A sentence about a GOAWAY frame or about an HTTP/2 connection error; undefined for other reasons. */
export function http2Detail(reason: unknown): string | undefined {
  if (reason instanceof GoAwayError) {
    return `The server closed the connection with ${errorCodeName(reason.code)}.`;
  }
  return reason instanceof ConnectionError ? `The data source closed the connection: ${reason.message}` : undefined;
}

/** What is known about the server of a failed connection. */
export interface FailedServer {
  /** `host:port` */
  address: string;
  lastResponse: LastResponse;
}

/** Converts a failure to connect by TCP. */
export function tcpError(reason: unknown, { address, lastResponse }: FailedServer): ProxyError {
  const { code } = nodeFailure(reason);
  const detail = `Address: ${address}.${code === '' ? '' : ` Code: ${code}.`}`;
  const options = { detail, cause: reason };
  return code === 'ETIMEDOUT'
    ? silentServer(lastResponse, options)
    : new ProxyError(BY_CODE[code] ?? 'server_unavailable', options);
}

/** The advice for a certificate that is not trusted, by its problem. */
const CERTIFICATE_ADVICE: Readonly<Partial<Record<TlsProblem, PlainCode>>> = {
  'tls-other-name': 'server-certificate-name',
  'tls-expired': 'server-certificate-expired',
  'tls-not-yet-valid': 'set-clock',
};

/** The error of a certificate that is not trusted, with the names in the certificate. */
function untrustedError(reason: unknown, address: string, tls: TlsSettings): ProxyError {
  const { code, message } = nodeFailure(reason);
  if (!(reason instanceof CertificateError)) {
    return new ProxyError('tls_untrusted', { detail: asSentence(message), cause: reason });
  }
  const { ca, hasUnusedCa = false, serverName } = tls;
  const facts = { host: address, hasAuthority: ca !== undefined, hasUnusedAuthority: hasUnusedCa };
  const problem = tlsProblemOf(code);
  const advice = CERTIFICATE_ADVICE[problem];
  return new ProxyError('tls_untrusted', {
    detail: [text(problem, { code }), ...certificateEvidence(reason, problem, serverName ?? address)],
    advice:
      problem === 'tls-authority-unknown'
        ? authorityAdvice(reason, { ...facts, fields: 'server' })
        : advice && [text(advice)],
    cause: reason,
  });
}

/**
 * Converts a failure of the TLS handshake.
 *
 * @param tls The settings of the connection.
 */
export function tlsError(reason: unknown, server: FailedServer, tls: TlsSettings): ProxyError {
  const { clientCertificate } = tls;
  const { code, message } = nodeFailure(reason);
  const details = `${code} ${message}`;
  if (wantsClientCertificate(reason, clientCertificate !== undefined)) {
    return clientCertificateError(clientCertificate, { side: 'server', cause: reason });
  }
  if (UNTRUSTED.test(details)) {
    return untrustedError(reason, server.address, tls);
  }
  if (NO_HTTP2.test(details)) {
    return new ProxyError('not_flight_sql', { detail: 'The server speaks TLS, but not HTTP/2.', cause: reason });
  }
  const closing = CLOSED.test(details) ? closingServer(server.lastResponse, true) : undefined;
  if (closing !== undefined) {
    return closing;
  }
  if (NOT_TLS.test(details)) {
    return new ProxyError('tls_unexpected', { detail: `Address: ${server.address}.`, cause: reason });
  }
  return BY_CODE[code] === undefined && code !== 'ETIMEDOUT'
    ? new ProxyError('server_unavailable', { detail: `TLS failed: ${asSentence(message)}`, cause: reason })
    : tcpError(reason, server);
}
