/**
 * An identity provider for unit tests: an HTTP server on loopback with responses that a test sets.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { UnsecuredJWT } from 'jose';

/** A response, or a function that writes one. */
export type TestResponse =
  { status?: number; headers?: Record<string, string>; body?: unknown } | ((response: ServerResponse) => void);

export interface TokenRequest {
  /** The requested path. */
  path: string;
  form: URLSearchParams;
  authorization: string | undefined;
}

export interface TestProvider {
  /** Without a slash at the end. */
  issuer: string;
  /** Requests received so far. */
  discoveries: string[];
  tokenRequests: TokenRequest[];
  /** Response to discovery. Initially a valid document. */
  onDiscovery: () => TestResponse;
  /** Response to a request for the keys. Initially an empty set. */
  onKeys: () => TestResponse;
  /** Response to a token request. Initially a valid token. */
  onToken: (request: TokenRequest) => TestResponse;
  /**
   * The discovery document with changed values. A change to undefined removes the value. The endpoints are on the
   * issuer's host.
   */
  document(changes?: Record<string, unknown>): { body: Record<string, unknown> };
  close(): Promise<void>;
}

/** A token with these claims. Its signature is not valid, because the backend does not check it. */
export function testToken(claims: Record<string, unknown>, header: Record<string, unknown> = { alg: 'RS256' }): string {
  const [, payload] = new UnsecuredJWT(claims).encode().split('.');
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.c2lnbmF0dXJl`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(to: ServerResponse, response: TestResponse, nowMs: number): void {
  to.sendDate = false;
  to.setHeader('date', new Date(nowMs).toUTCString());
  if (typeof response === 'function') {
    response(to);
    return;
  }
  const { status = 200, headers = {}, body = '' } = response;
  const isString = typeof body === 'string';
  to.writeHead(status, { 'content-type': isString ? 'text/plain' : 'application/json', ...headers });
  to.end(isString ? body : JSON.stringify(body));
}

/** @param now Returns the provider's time in milliseconds since 1970. */
export async function startTestProvider(now: () => number): Promise<TestProvider> {
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (request.method === 'GET' && request.url === '/jwks') {
        send(response, provider.onKeys(), now());
        return;
      }
      if (request.method === 'GET') {
        provider.discoveries.push(request.url ?? '');
        send(response, provider.onDiscovery(), now());
        return;
      }
      const { url: path = '', headers } = request;
      const received = { path, form: new URLSearchParams(body), authorization: headers.authorization };
      provider.tokenRequests.push(received);
      send(response, provider.onToken(received), now());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: TestProvider = {
    issuer,
    discoveries: [],
    tokenRequests: [],
    onDiscovery: () => provider.document(),
    onKeys: () => ({ body: { keys: [] } }),
    onToken: () => ({
      body: { access_token: `opaque-${provider.tokenRequests.length}`, token_type: 'Bearer', expires_in: 3600 },
    }),
    document: (changes = {}) => {
      const { origin } = new URL(
        typeof changes.issuer === 'string' && URL.canParse(changes.issuer) ? changes.issuer : issuer
      );
      return { body: { issuer, token_endpoint: `${origin}/token`, jwks_uri: `${origin}/jwks`, ...changes } };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}
