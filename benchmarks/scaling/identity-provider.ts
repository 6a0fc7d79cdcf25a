/** An identity provider on loopback that accepts every client, and records the rate of token requests. */
import { createServer, type ServerResponse } from 'node:http';

export interface IdentityProvider {
  issuer: string;
  readonly tokenRequests: number;
  /** The largest number of token requests that ran at the same time. */
  readonly maxRunning: number;
  /** The largest number of token requests in a second. */
  readonly mostPerSecond: number;
  stop(): void;
}

export interface IdentityProviderOptions {
  /** Milliseconds until the response to a token request. */
  delayMs: number;
  lifetimeSeconds: number;
}

function send(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  let issuer = '';
  let [tokenRequests, running, maxRunning] = [0, 0, 0];
  const perSecond = new Map<number, number>();
  const issueToken = (response: ServerResponse) => {
    tokenRequests += 1;
    running += 1;
    maxRunning = Math.max(maxRunning, running);
    const second = Math.floor(performance.now() / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    setTimeout(() => {
      running -= 1;
      const token = `token-${tokenRequests}`.padEnd(1000, 'x');
      send(response, { access_token: token, token_type: 'Bearer', expires_in: options.lifetimeSeconds });
    }, options.delayMs);
  };
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') {
      issueToken(response);
    } else {
      send(response, { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    issuer,
    get tokenRequests() {
      return tokenRequests;
    },
    get maxRunning() {
      return maxRunning;
    },
    get mostPerSecond() {
      return Math.max(0, ...perSecond.values());
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
