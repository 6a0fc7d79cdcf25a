/**
 * Errors of a server that sends nothing, or closes new connections without a response. A server that has responded to
 * this process before is at the right address: it may be busy. The address is named as the problem only if the server
 * has never responded.
 */
import { ProxyError, type ProxyErrorOptions } from '../../base/errors/proxy-error';
import { type LastResponse } from '../network/server-addresses';

/** Seconds with at most one decimal: `1.5`, `60`. */
export function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}

/** Above this time, in milliseconds, minutes are shown in place of seconds. */
const MAX_SECONDS_MS = 120_000;

/** A sentence with the time since the last response of the server. Undefined: the server has never responded. */
export function sinceLastResponse({ atMs }: LastResponse): string | undefined {
  if (atMs === undefined) {
    return undefined;
  }
  const ms = performance.now() - atMs;
  const ago = ms <= MAX_SECONDS_MS ? `${seconds(ms)} s` : `${Math.round(ms / 60_000)} min`;
  return `The last response of the server arrived ${ago} ago.`;
}

/**
 * The error of a server that sends nothing.
 *
 * @param options The options of `connection_timeout`, whose detail names the address.
 * @returns `server_silent` with the time of the last response, without the address. `connection_timeout` if the server
 *   has never responded.
 */
export function silentServer(lastResponse: LastResponse, options: ProxyErrorOptions): ProxyError {
  const detail = sinceLastResponse(lastResponse);
  return detail === undefined
    ? new ProxyError('connection_timeout', options)
    : new ProxyError('server_silent', { detail, cause: options.cause });
}

/**
 * The error of a server that closes new connections without a response, but has responded before: it restarts, or a
 * proxy in front of it has lost it. So the settings are not the problem.
 *
 * @param isTls Whether the failed connection uses TLS.
 * @returns Undefined if the server has never responded this way.
 */
export function closingServer(lastResponse: LastResponse, isTls: boolean): ProxyError | undefined {
  const detail = sinceLastResponse(lastResponse);
  return detail === undefined || lastResponse.isTls !== isTls
    ? undefined
    : new ProxyError('server_unavailable', { detail: `It closes new connections without a response. ${detail}` });
}
