/**
 * Explains requests to an identity provider that got no response. The messages name the evidence: the step that failed,
 * the certificate that was presented, and the HTTP proxy on the route.
 */
import { message, type Message, type PlainCode } from '../../../contract/messages/message';
import { recogniseProvider } from '../../../contract/settings/providers';
import { CertificateError } from '../network/connect';
import { authorityAdvice, certificateEvidence, type TlsProblem, tlsProblemOf } from '../network/certificate-evidence';
import { RequestError, type RequestStep } from '../network/provider-fetch';
import { ProviderError } from './provider-error';

/** What happened, by the code of Node's error. */
const NETWORK_FAILURES: Readonly<Record<string, PlainCode>> = {
  ENOTFOUND: 'network-name-unknown',
  EAI_AGAIN: 'network-name-unresolved',
  ECONNREFUSED: 'network-refused',
  ECONNRESET: 'network-closed',
  EPIPE: 'network-closed',
  UND_ERR_SOCKET: 'network-closed',
  EHOSTUNREACH: 'network-no-route',
  ENETUNREACH: 'network-no-route',
};

/** Matches the error codes of OpenSSL and Node for TLS failures. */
const TLS_FAILURE = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH/;
const TIMEOUT = /TIMEOUT|ETIMEDOUT/;

/** What to do after a failed TLS handshake. */
const TLS_ADVICE: Readonly<Partial<Record<TlsProblem, PlainCode>>> = {
  'tls-other-name': 'provider-certificate-name',
  'tls-expired': 'provider-certificate-expired',
  'tls-not-yet-valid': 'set-clock',
  'tls-without-http1': 'provider-is-flight-port',
  'tls-not-spoken': 'provider-without-tls',
};

/** The step of a request that got no response in time. */
const SILENT_STEPS: Readonly<Record<RequestStep, PlainCode>> = {
  connect: 'silent-connect',
  tls: 'silent-tls',
  response: 'silent-response',
};

/** First byte of a TLS alert: the port expects TLS. */
const TLS_ALERT = 0x15;
/** Fourth byte of the first frame of an HTTP/2 server (RFC 9113, section 6.5). */
const SETTINGS_FRAME = 0x04;

/** The first error code in a chain of causes. Node's `fetch` wraps the error that has the code. */
function errorCodeOf(reason: unknown): string | undefined {
  if (reason === null || typeof reason !== 'object') {
    return undefined;
  }
  if ('code' in reason && typeof reason.code === 'string' && reason.code !== '') {
    return reason.code;
  }
  if ('errors' in reason && Array.isArray(reason.errors)) {
    return errorCodeOf(reason.errors[0]);
  }
  return 'cause' in reason ? errorCodeOf(reason.cause) : undefined;
}

/** What the first bytes of a response that is not HTTP/1.1 show: a server with TLS, or one that speaks only HTTP/2. */
function otherProtocol(reason: unknown): { problem: PlainCode; advice?: PlainCode } | undefined {
  const cause = reason instanceof RequestError ? reason.cause : reason;
  if (!(cause instanceof Error) || !('rawPacket' in cause) || !(cause.rawPacket instanceof Uint8Array)) {
    return undefined;
  }
  const { rawPacket: bytes } = cause;
  if (bytes[0] === TLS_ALERT) {
    return { problem: 'expects-tls', advice: 'enter-https' };
  }
  return bytes[3] === SETTINGS_FRAME
    ? { problem: 'speaks-http2-only', advice: 'provider-is-flight-port' }
    : { problem: 'speaks-no-http' };
}

function tlsFailure(reason: unknown, code: string, url: string, evidence: Message[]): ProviderError {
  const problem = tlsProblemOf(code);
  const advice = TLS_ADVICE[problem];
  const { host } = new URL(url);
  const known = ['google', 'entra', 'auth0', 'okta', 'cognito'].includes(recogniseProvider(url));
  const found =
    problem === 'tls-authority-unknown' && reason instanceof RequestError && reason.cause instanceof CertificateError
      ? authorityAdvice(reason.cause, { host, isPublic: known, ...reason.route, fields: 'provider' })
      : undefined;
  return new ProviderError('provider_untrusted', {
    detail: [message('requested-url', { url }), message(problem, { code }), ...evidence],
    advice: found ?? (advice && [message(advice)]),
    cause: reason,
  });
}

/** The error of a request that got no response. @param url Without its query. */
export function networkFailure(reason: unknown, url: string, signal: AbortSignal): ProviderError {
  const code = errorCodeOf(reason) ?? '';
  const where = message('requested-url', { url });
  const { step = undefined, route = undefined, cause = undefined } = reason instanceof RequestError ? reason : {};
  const through = route?.proxy === undefined ? [] : [message('request-through-proxy', { url: route.proxy.url })];
  const evidence = [
    ...(cause instanceof CertificateError ? certificateEvidence(cause, tlsProblemOf(code), new URL(url).hostname) : []),
    ...through,
  ];
  if (signal.aborted || TIMEOUT.test(code)) {
    const silence = step === undefined ? [] : [message(SILENT_STEPS[step])];
    return new ProviderError('provider_timeout', {
      detail: [where, ...silence, ...through],
      advice: step === undefined ? undefined : [message('silent-advice')],
      cause: reason,
    });
  }
  if (TLS_FAILURE.test(code)) {
    return tlsFailure(reason, code, url, evidence);
  }
  const other = otherProtocol(reason);
  if (other !== undefined) {
    return new ProviderError('provider_not_oidc', {
      detail: [where, message(other.problem), ...through],
      advice: other.advice && [message(other.advice)],
      cause: reason,
    });
  }
  const known = NETWORK_FAILURES[code];
  const what =
    known === undefined
      ? code === ''
        ? message('request-failed')
        : message('request-failed-code', { code })
      : message(known);
  // Some servers with TLS close the connection after a request without TLS.
  const advice = known === 'network-closed' && url.startsWith('http:') ? [message('maybe-https')] : undefined;
  return new ProviderError('provider_unreachable', { detail: [where, what, ...through], advice, cause: reason });
}
