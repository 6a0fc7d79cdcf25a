/**
 * Requests to an identity provider, on the way that the settings name: its TLS, through a SOCKS or HTTP proxy or
 * straight. Node's own `fetch` knows neither per request.
 *
 * A connection serves one request: there are few, and nothing then stays open behind them.
 */
import { request, type IncomingMessage } from 'node:http';
import { type Socket } from 'node:net';
import { type SecureContext } from 'node:tls';
import { addressText, isLoopback } from '../../contract/host';
import { ProxyError } from '../errors/proxy-error';
import { connectTls } from './connect';
import { dial } from './dial';
import { type Environment, environmentProxy } from './environment-proxy';
import { connectThroughHttpProxy } from './http-tunnel';
import { nodeFailure, wantsClientCertificate } from './node-failure';
import { type HttpProxy, type ProviderFetch, type ProviderRoute } from './routes';
import { tlsContext } from './tls-context';

export interface ProviderFetchDeps {
  /** `OperatorPolicy.allowsHost`. */
  allowsHost: (host: string, port: number) => boolean;
  /** The process's variables; HTTPS_PROXY, HTTP_PROXY and NO_PROXY in both cases are read. */
  environment: Environment;
}

type Init = Parameters<ProviderFetch>[1];

interface Target {
  url: URL;
  /** Without brackets. */
  host: string;
  port: number;
}

/** Statuses whose answers have no body, not even an empty one (Fetch standard, "null body status"). */
const WITHOUT_BODY = new Set([204, 205, 304]);

function targetOf(text: string): Target {
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new TypeError(`The address ${url.protocol} is not one of HTTP.`);
  }
  return {
    url,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
}

/** The body as it arrives, at the pace of its reader. Leaving it ends the connection. */
function bodyOf(message: IncomingMessage, signal: AbortSignal): ReadableStream<Uint8Array> {
  const chunks = message.iterator({ destroyOnReturn: true });
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next().catch((reason: unknown) => {
        throw signal.aborted ? signal.reason : reason;
      });
      if (next.done === true) {
        controller.close();
      } else {
        controller.enqueue(next.value);
      }
    },
    cancel: () => void message.destroy(),
  });
}

function responseOf(message: IncomingMessage, signal: AbortSignal): Response {
  const headers = new Headers();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    headers.append(message.rawHeaders[index] ?? '', message.rawHeaders[index + 1] ?? '');
  }
  const status = message.statusCode ?? 0;
  if (WITHOUT_BODY.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  return new Response(bodyOf(message, signal), { status, headers });
}

/** Sends the request on a connection of its own, and resolves when the answer's headers are there. */
function exchange(socket: Socket, { url }: Target, { method, headers, body, signal }: Init): Promise<Response> {
  return new Promise((resolve, reject) => {
    const call = request({
      method,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        ...headers,
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
      },
      createConnection: () => socket,
      signal,
    });
    call.once('response', (message) => resolve(responseOf(message, signal)));
    call.once('error', (reason) => {
      socket.destroy();
      reject(reason);
    });
    call.end(body);
  });
}

class ProviderClient {
  readonly #route: ProviderRoute;
  readonly #deps: ProviderFetchDeps;
  #context: SecureContext | undefined;

  constructor(route: ProviderRoute, deps: ProviderFetchDeps) {
    this.#route = route;
    this.#deps = deps;
  }

  async fetch(text: string, init: Init): Promise<Response> {
    const target = targetOf(text);
    const { host, port } = target;
    if (!this.#deps.allowsHost(host, port)) {
      throw new ProxyError('host_not_allowed', { detail: `It is ${addressText(host, port)}.` });
    }
    try {
      return await exchange(await this.#connect(target, init.signal), target, init);
    } catch (reason) {
      const hasCertificate = this.#route.tls.clientCertificate !== undefined;
      if (reason instanceof ProxyError || init.signal.aborted) {
        throw reason;
      }
      // Some servers close without a word about a certificate that they do not take.
      const isClosed = hasCertificate && nodeFailure(reason).code === 'ECONNRESET';
      if (isClosed || wantsClientCertificate(reason, hasCertificate)) {
        const how = isClosed ? ', which closed the connection once it had the certificate' : '';
        throw new ProxyError('tls_client_certificate', {
          detail: `It is the identity provider at ${addressText(host, port)}${how}.`,
          cause: reason,
        });
      }
      throw reason;
    }
  }

  async #connect(target: Target, signal: AbortSignal): Promise<Socket> {
    const socket = await this.#reach(target, signal);
    if (target.url.protocol !== 'https:') {
      return socket;
    }
    const { tls } = this.#route;
    this.#context ??= tlsContext(tls);
    const request = {
      context: this.#context,
      name: tls.serverName ?? target.host,
      skipVerify: tls.skipVerify,
      protocols: ['http/1.1'],
    };
    return connectTls(socket, request, signal);
  }

  #reach({ url, host, port }: Target, signal: AbortSignal): Promise<Socket> {
    const { socks, tls } = this.#route;
    const proxy = socks === undefined ? this.#httpProxy(url, host) : undefined;
    return proxy === undefined
      ? dial({ host, port, socks }, signal)
      : connectThroughHttpProxy(proxy, tls.ca, host, port, signal);
  }

  #httpProxy(url: URL, host: string): HttpProxy | undefined {
    if (isLoopback(host)) {
      return undefined;
    }
    return this.#route.httpProxy ?? environmentProxy(url, this.#deps.environment);
  }
}

/**
 * A `fetch` for one provider. It follows no redirects and limits neither size nor time of an answer: the caller does.
 *
 * @throws {ProxyError} (from the fetch) `host_not_allowed`, `proxy_unreachable`, `tls_client_certificate`; Node's error
 *   with its code when the provider cannot be reached or trusted; the reason of the signal when it aborts.
 */
export function createProviderFetch(route: ProviderRoute, deps: ProviderFetchDeps): ProviderFetch {
  const client = new ProviderClient(route, deps);
  return (url, init) => client.fetch(url, init);
}
