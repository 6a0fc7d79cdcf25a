/**
 * Requests to an identity provider over the route in the settings: its TLS settings, and optionally a SOCKS or HTTP
 * proxy. Node's `fetch` has no such options per request.
 *
 * Requests are rare, so each request opens its own connection, which is closed afterwards.
 */
import { request, type IncomingMessage } from 'node:http';
import { type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import { type SecureContext } from 'node:tls';
import { message } from '../../../contract/messages/message';
import { addressOf, formatAddress } from '../../../contract/settings/host';
import { type Environment } from '../../base/environment';
import { ProxyError } from '../../base/errors/proxy-error';
import { clientCertificateError } from './client-certificate';
import { connectTls } from './connect';
import { dial } from './dial';
import { httpProxyFor } from './environment-proxy';
import { connectThroughHttpProxy } from './http-tunnel';
import { nodeFailure, wantsClientCertificate } from './node-failure';
import { type HttpProxy, type ProviderFetch, type ProviderRoute } from './routes';
import { tlsContext } from './tls-context';

/** The settings of the operator: the hosts that may be contacted, and the HTTP proxy of the process. */
export interface ProviderFetchDeps {
  /** `OperatorPolicy.allowsHost`. */
  allowsHost: (host: string, port: number) => boolean;
  /** Environment variables of the process: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in upper or lower case. */
  environment: Environment;
}

type Init = Parameters<ProviderFetch>[1];

/** The step of a request that failed. Each step proves that the steps before it worked. */
export type RequestStep = 'connect' | 'tls' | 'response';

/** Facts about the route of a request that explain its failure. */
export interface RequestRoute {
  readonly proxy: HttpProxy | undefined;
  /** True if the settings contain a certificate authority that is used. */
  readonly hasAuthority: boolean;
  /** True if the settings contain a certificate authority, but its switch is off. */
  readonly hasUnusedAuthority: boolean;
}

/** A failed request, with the step that failed. It has the code of Node's error. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: string;

  constructor(
    reason: unknown,
    readonly step: RequestStep,
    readonly route: RequestRoute
  ) {
    const { code, message } = nodeFailure(reason);
    super(message, { cause: reason });
    this.code = code;
  }
}

/**
 * Maximum number of bytes that a provider may send, with headers and framing. The caller limits the body, but chunks of
 * one byte with long extensions would send a thousand times as much.
 */
const MAX_RECEIVED_BYTES = 4 * 1024 * 1024;

/** Ends the connection when it has received too much. */
function limitReceived(socket: Socket): void {
  let bytes = 0;
  socket.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > MAX_RECEIVED_BYTES) {
      socket.destroy(new Error('The response has more than 4 MiB of framing'));
    }
  });
}

/** Sends the request on an open connection. Resolves when the headers of the response have arrived. */
function exchange(socket: Socket, url: URL, { method, headers, body, signal }: Init): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const path = `${url.pathname}${url.search}`;
    const options = { method, path, headers: { host: url.host, ...headers }, createConnection: () => socket, signal };
    request(options)
      .once('socket', limitReceived)
      .once('response', (message) => resolve(addAbortSignal(signal, message)))
      .on('error', (reason) => {
        socket.destroy();
        reject(reason);
      })
      .end(body);
  });
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  return new Headers(
    Object.entries(headersDistinct).flatMap(([name, values = []]) =>
      values.map((value): [string, string] => [name, value])
    )
  );
}

/**
 * Returns `tls_client_certificate` if the failure is probably about the client certificate, or else `reason`. Some
 * servers reject the certificate by closing the connection, without an alert.
 */
function failureOf(reason: unknown, address: string, clientCertificate: string | undefined): unknown {
  const isClosed = clientCertificate !== undefined && nodeFailure(reason).code === 'ECONNRESET';
  const isRejected = isClosed || wantsClientCertificate(reason, clientCertificate !== undefined);
  if (reason instanceof ProxyError || !isRejected) {
    return reason;
  }
  const detail = [message(isClosed ? 'client-certificate-peer-closed' : 'client-certificate-peer', { address })];
  return clientCertificateError(clientCertificate, { side: 'provider', detail, cause: reason });
}

/**
 * Creates a `fetch` for one provider. It does not follow redirects. The caller must limit the size and the duration of
 * a response.
 *
 * @throws {ProxyError} The created function rejects with `host_not_allowed`, `proxy_unreachable`,
 *   `tls_client_certificate`; `RequestError` when the provider cannot be reached or is not trusted, or the signal
 *   aborts.
 */
export function createProviderFetch(
  route: ProviderRoute,
  { allowsHost, environment }: ProviderFetchDeps
): ProviderFetch {
  const { socks, tls } = route;
  let context: SecureContext | undefined;

  /** Connects to the provider, without TLS. */
  function connect(url: URL, proxy: HttpProxy | undefined, signal: AbortSignal): Promise<Socket> {
    const { host, port } = addressOf(url);
    return proxy === undefined
      ? dial({ host, port, socks }, signal)
      : connectThroughHttpProxy(proxy, tls.ca, host, port, signal);
  }

  function startTls(socket: Socket, host: string, signal: AbortSignal): Promise<Socket> {
    context ??= tlsContext(tls);
    const { serverName: name = host, skipVerify } = tls;
    return connectTls(socket, { context, name, skipVerify, protocols: ['http/1.1'] }, signal);
  }

  return async (address, init) => {
    const url = new URL(address);
    const { host, port } = addressOf(url);
    if (!allowsHost(host, port)) {
      throw new ProxyError('host_not_allowed', { detail: `It is ${formatAddress(host, port)}.` });
    }
    const usesTls = url.protocol !== 'http:';
    const proxy = httpProxyFor(route, url, environment);
    let socket: Socket | undefined;
    let readBeforeTls = 0;
    const { ca, hasUnusedCa = false } = tls;
    const requestRoute = { proxy, hasAuthority: ca !== undefined, hasUnusedAuthority: hasUnusedCa };
    let step: RequestStep = 'connect';
    try {
      socket = await connect(url, proxy, init.signal);
      readBeforeTls = socket.bytesRead;
      step = 'tls';
      const secured = usesTls ? await startTls(socket, host, init.signal) : socket;
      step = 'response';
      const response = await exchange(secured, url, init);
      return { status: response.statusCode ?? 0, headers: headersOf(response), body: response };
    } catch (reason) {
      // In a TLS handshake, the client sends its certificate after the first bytes of the server.
      const hasTlsResponse = usesTls && socket !== undefined && socket.bytesRead > readBeforeTls;
      const sent = hasTlsResponse ? tls.clientCertificate : undefined;
      const failure = init.signal.aborted ? reason : failureOf(reason, formatAddress(host, port), sent);
      throw failure instanceof ProxyError ? failure : new RequestError(failure, step, requestRoute);
    }
  };
}
