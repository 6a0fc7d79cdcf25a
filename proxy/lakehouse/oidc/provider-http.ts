/**
 * HTTP requests to an identity provider. Redirects are not followed, because their targets would receive the
 * credentials. The size of responses is limited, and network failures are explained.
 */
import { isLoopback } from '../../../contract/settings/host';
import { message, type PlainCode } from '../../../contract/messages/message';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ProviderFetch, type ProviderResponse } from '../network/routes';
import { ProviderError } from './provider-error';

export { type ProviderFetch } from '../network/routes';

/** A request of openid-client or of this folder. */
export interface ProviderRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

/** A whole response, at most 1 MiB. Its body is not trusted: it may quote secrets of the request. */
export interface BufferedResponse {
  status: number;
  headers: Headers;
  body: string;
}

/** Maximum size of a response, in bytes. Discovery documents and tokens have a few thousand bytes. */
const MAX_BODY_BYTES = 1024 * 1024;

const NETWORK_FAILURES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host name cannot be resolved.',
  EAI_AGAIN: 'The host name cannot be resolved at the moment.',
  ECONNREFUSED: 'Nothing listens at this address.',
  ECONNRESET: 'The provider closed the connection.',
  EPIPE: 'The provider closed the connection.',
  UND_ERR_SOCKET: 'The provider closed the connection.',
  EHOSTUNREACH: 'There is no route to this address.',
  ENETUNREACH: 'There is no route to this address.',
};
/** Matches the error codes of OpenSSL and Node for TLS failures. */
const TLS_FAILURE = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH/;

interface TlsFailure {
  pattern: RegExp;
  words: string;
  advice?: PlainCode;
}

const TLS_FAILURES: readonly TlsFailure[] = [
  {
    pattern: /ALTNAME|HOSTNAME_MISMATCH/,
    words: 'The certificate is for another name.',
    advice: 'provider-certificate-name',
  },
  {
    pattern: /HAS_EXPIRED/,
    words: 'The certificate has expired.',
    advice: 'provider-certificate-expired',
  },
  {
    pattern: /NOT_YET_VALID/,
    words: 'The certificate is not valid yet.',
    advice: 'set-clock',
  },
  { pattern: /SELF_SIGNED|UNABLE_TO_|UNTRUSTED/, words: 'The authority that signed the certificate is not trusted.' },
  {
    pattern: /WRONG_VERSION|EPROTO|PACKET_LENGTH|UNSUPPORTED_PROTOCOL|HTTP_REQUEST/,
    words: 'The provider does not speak TLS at this address.',
    advice: 'provider-without-tls',
  },
];
const TIMEOUT = /TIMEOUT|ETIMEDOUT/;

/** The first error code in a chain of causes. Node's `fetch` wraps the error that has the code. */
function errorCodeOf(reason: unknown): string | undefined {
  if (reason === null || typeof reason !== 'object') {
    return undefined;
  }
  if ('code' in reason && typeof reason.code === 'string') {
    return reason.code;
  }
  if ('errors' in reason && Array.isArray(reason.errors)) {
    return errorCodeOf(reason.errors[0]);
  }
  return 'cause' in reason ? errorCodeOf(reason.cause) : undefined;
}

/** True for URLs to which a secret may be sent: https, and http to loopback. */
export function isSafeUrl({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** The URL without its query, which may contain a secret. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

function networkFailure(reason: unknown, url: string, signal: AbortSignal): ProviderError {
  const code = errorCodeOf(reason) ?? '';
  const where = `The requested URL is ${shownUrl(url)}.`;
  if (signal.aborted || TIMEOUT.test(code)) {
    return new ProviderError('provider_timeout', { detail: where, cause: reason });
  }
  if (TLS_FAILURE.test(code)) {
    const known = TLS_FAILURES.find(({ pattern }) => pattern.test(code));
    const detail = `${where} ${known?.words ?? 'TLS failed.'} (${code})`;
    return new ProviderError('provider_untrusted', {
      detail,
      advice: known?.advice && [message(known.advice)],
      cause: reason,
    });
  }
  const words = NETWORK_FAILURES[code] ?? (code === '' ? 'The request failed.' : `The request failed (${code}).`);
  return new ProviderError('provider_unreachable', { detail: `${where} ${words}`, cause: reason });
}

/** @throws the error of `tooLarge` for a response that exceeds the size limit. The rest of the response is not read. */
async function readBody({ body }: ProviderResponse, tooLarge: () => ProviderError): Promise<string> {
  const decoder = new TextDecoder();
  let content = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      throw tooLarge();
    }
    content += decoder.decode(chunk, { stream: true });
  }
  return content + decoder.decode();
}

/**
 * Sends one request and reads the whole response, with any status.
 *
 * @param responseErrorCode Code of the error for a response that is too large.
 * @throws {ProxyError} `provider_unreachable`, `provider_untrusted`, `provider_timeout`, `responseErrorCode`, or a
 *   ProxyError of `fetch`.
 */
export async function askProvider(
  fetch: ProviderFetch,
  url: string,
  request: ProviderRequest,
  signal: AbortSignal,
  responseErrorCode: ErrorCode
): Promise<BufferedResponse> {
  try {
    const response = await fetch(url, { ...request, signal });
    const body = await readBody(
      response,
      () => new ProviderError(responseErrorCode, { detail: `The response of ${shownUrl(url)} is larger than 1 MiB.` })
    );
    return { status: response.status, headers: response.headers, body };
  } catch (reason) {
    // A ProxyError about the route (an HTTP or SOCKS proxy, the operator's list of hosts) already explains the failure.
    const isKnown = reason instanceof ProxyError && reason.code !== 'query_cancelled';
    throw isKnown ? reason : networkFailure(reason, url, signal);
  }
}

/** The JSON object of a string, or undefined. */
export function jsonObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Creates a `Response` for openid-client from a body that was already read. */
export function jsonResponse(body: unknown): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json' } });
}
