/**
 * HTTP requests to an identity provider. Redirects are not followed, because their targets would receive the
 * credentials. The size of responses is limited, and network failures are explained.
 */
import { isLoopback } from '../../../contract/settings/host';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type ProviderFetch, type ProviderResponse } from '../network/routes';
import { networkFailure } from './network-failure';
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

/** True for URLs to which a secret may be sent: https, and http to loopback. */
export function isSafeUrl({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** The URL without its query, which may contain a secret. */
export function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
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
    throw isKnown ? reason : networkFailure(reason, shownUrl(url), signal);
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
