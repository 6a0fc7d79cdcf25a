/**
 * An identity provider on loopback that behaves like a real one.
 *
 * `ProviderRules`, one file per provider, determine the response to a request. `Behaviour` (behaviour.ts) adds faults.
 * The simulator passes each issued token to `onSecret`, so that a test can search the output of the plugin for it.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type JWTPayload } from 'jose';
import { BAD_JSON, DOWN, HTML_ERROR, REDIRECT, send, workingBehaviour, type Behaviour } from './behaviour';
import { issueToken } from './issue-token';
import {
  oauthError,
  type ProviderRules,
  type RegisteredClient,
  type Reply,
  type SavedForm,
  type ProviderState,
} from './rules';
import { signingKey } from './signing-keys';
import { readTokenRequest, type TokenRequest } from './token-request';

export interface SimulatorOptions {
  /** Serves HTTPS with these options. */
  tls?: ServerOptions;
  /**
   * Host name in all addresses. The name need not resolve if an HTTP proxy connects to loopback instead. Default:
   * loopback.
   */
  host?: string;
  /** Called with each issued token and each received assertion. */
  onSecret?: (value: string) => void;
}

const DISCOVERY = '/.well-known/openid-configuration';

export class ProviderSimulator implements ProviderState {
  readonly #otherOrigin: string;
  readonly #servers: Server[];
  readonly #onSecret: (value: string) => void;
  readonly behaviour: Behaviour = workingBehaviour();
  /** Requests to the token endpoint, oldest first. */
  readonly tokenRequests: TokenRequest[] = [];
  /** Paths of all requests, oldest first. */
  readonly paths: string[] = [];
  readonly seenAssertions = new Set<string>();
  #waiting: Array<() => void> = [];
  #onWaiting: () => void = () => undefined;

  constructor(
    readonly rules: ProviderRules,
    readonly client: RegisteredClient,
    readonly origin: string,
    otherOrigin: string,
    servers: Server[],
    onSecret: (value: string) => void = () => undefined
  ) {
    this.#otherOrigin = otherOrigin;
    this.#servers = servers;
    this.#onSecret = onSecret;
  }

  get issuer(): string {
    return `${this.origin}${this.rules.issuerPath}`;
  }

  get tokenEndpoint(): string {
    const isElsewhere = this.rules.isTokenHostOther === true || this.behaviour.isTokenHostOther;
    return `${isElsewhere ? this.#otherOrigin : this.origin}${this.rules.tokenPath}`;
  }

  nowSeconds(): number {
    return Math.floor(Date.now() / 1000) + this.behaviour.clockAheadSeconds;
  }

  /** Issues a token without a token request, such as the token of a user who signed in to Grafana. */
  async mint(claims: JWTPayload, lifeSeconds = 3600): Promise<string> {
    const grant = { claims: { iss: this.issuer, ...claims }, lifeSeconds };
    const token = await issueToken(grant, this.behaviour.tokens, this.nowSeconds());
    this.#onSecret(token);
    return token;
  }

  /** Settings and secrets that an administrator saves for this provider. */
  async form(): Promise<SavedForm> {
    return this.rules.form(this);
  }

  /** Resolves when a token request waits because of `slow`. */
  nextWaiting(): Promise<void> {
    return new Promise((resolve) => {
      this.#onWaiting = resolve;
    });
  }

  /** Responds to the waiting token requests. */
  release(): void {
    this.#waiting.forEach((resume) => resume());
    this.#waiting = [];
  }

  async close(): Promise<void> {
    this.release();
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      })
    );
  }

  /** Handles a request to one of the two servers. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0];
    this.paths.push(path);
    const reply = await this.#replyTo(request, path);
    if (!response.destroyed) {
      send(response, reply, this.rules.hasNoDate === true ? undefined : this.nowSeconds() * 1000);
    }
  }

  async #replyTo(request: IncomingMessage, path: string): Promise<Reply> {
    const { rules } = this;
    if (request.method === 'POST' && path === rules.tokenPath) {
      return this.#tokenReply(request);
    }
    if (path === (rules.discoveryPath ?? `${rules.issuerPath.replace(/\/$/, '')}${DISCOVERY}`)) {
      return this.#discoveryReply();
    }
    if (path === rules.jwksPath) {
      return { status: 200, body: await this.keySet() };
    }
    const other = rules.otherDocuments?.(this)[path];
    if (other !== undefined) {
      return { status: 200, body: { ...this.#metadata(), ...other } };
    }
    return path.endsWith(DISCOVERY) ? rules.unknownTenant : { status: 404, body: 'not found' };
  }

  /** The key set or discovery document at a URL, for code in this process that does not trust the certificate. */
  async document(url: string): Promise<unknown> {
    return new URL(url).pathname === this.rules.jwksPath ? this.keySet() : this.#metadata();
  }

  async keySet(): Promise<{ keys: object[] }> {
    return { keys: [(await signingKey(this.behaviour.tokens.keyName)).publicJwk] };
  }

  #metadata(): Record<string, unknown> {
    return {
      issuer: this.issuer,
      token_endpoint: this.tokenEndpoint,
      jwks_uri: `${this.origin}${this.rules.jwksPath}`,
      ...this.rules.metadata,
    };
  }

  #discoveryReply(): Reply {
    const metadata = this.#metadata();
    switch (this.behaviour.discovery) {
      case 400:
      case 404:
        return { ...this.rules.unknownTenant, status: this.behaviour.discovery };
      case 'redirect':
        return REDIRECT;
      case 'issuerOverHttp':
        return { status: 200, body: { ...metadata, issuer: this.issuer.replace('https:', 'http:') } };
      case 'tokenEndpointOverHttp':
        return {
          status: 200,
          body: { ...metadata, token_endpoint: this.tokenEndpoint.replace('https:', 'http:') },
        };
      case 'issuerAtOtherPort':
        return { status: 200, body: { ...metadata, issuer: this.issuer.replace(/:\d+/, ':8443') } };
      case 'httpsRequired':
        return oauthError(403, 'invalid_request', 'HTTPS required').rejection;
      case 'noSuchPath':
        return { status: 404, body: { error: 'Unable to find matching target resource method' } };
      case 'otherIssuer':
        return { status: 200, body: { ...metadata, issuer: 'https://other.example.com/' } };
      case 'issuerTemplate':
        return { status: 200, body: { ...metadata, issuer: `${this.origin}/{tenantid}/v2.0` } };
      case 'noTokenEndpoint':
        return { status: 200, body: { ...metadata, token_endpoint: undefined } };
      default:
        return { status: 200, body: metadata };
    }
  }

  async #tokenReply(request: IncomingMessage): Promise<Reply> {
    const read = await readTokenRequest(request, this.client.decodesBasic);
    if (read === undefined) {
      return { status: 400, body: { error: 'invalid_request', error_description: 'The body is not a form.' } };
    }
    this.tokenRequests.push(read);
    for (const name of ['client_assertion', 'assertion']) {
      this.#onSecret(read.form.get(name) ?? '');
    }
    const fault = await this.#faultReply();
    return fault ?? this.#grantReply(read);
  }

  async #faultReply(): Promise<Reply | undefined> {
    const { behaviour } = this;
    if (behaviour.rateLimitedTimes > 0) {
      behaviour.rateLimitedTimes -= 1;
      const { rateLimited } = this.rules;
      const headers = { 'retry-after': String(behaviour.retryAfterSeconds), ...rateLimited.headers };
      return { ...rateLimited, headers };
    }
    switch (behaviour.fault) {
      case 'slow':
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
          this.#onWaiting();
        });
        return undefined;
      case 'down':
        return DOWN;
      case 'htmlError':
        return HTML_ERROR;
      case 'redirect':
        return REDIRECT;
      case 'badJson':
        return BAD_JSON;
      default:
        return undefined;
    }
  }

  async #grantReply(request: TokenRequest): Promise<Reply> {
    const outcome = await this.rules.grant(request, this);
    if ('rejection' in outcome) {
      return outcome.rejection;
    }
    const { grant } = outcome;
    const { tokens, noExpiresIn } = this.behaviour;
    const issued = await issueToken(grant, tokens, this.nowSeconds());
    const isOpaque = !issued.includes('.');
    const token = isOpaque ? `${this.rules.opaquePrefix ?? ''}${issued}` : issued;
    this.#onSecret(token);
    const lifeSeconds = tokens.lifeSeconds ?? grant.lifeSeconds;
    const { expires_in, ...body } = (grant.body ?? usualBody)(token, lifeSeconds);
    return { status: 200, body: noExpiresIn || expires_in === undefined ? body : { ...body, expires_in } };
  }
}

function usualBody(token: string, lifeSeconds: number): Record<string, unknown> {
  return { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function listen({ tls, host }: SimulatorOptions, handle: Handler): Promise<{ server: Server; origin: string }> {
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch((reason: unknown) => {
      console.error('A simulator failed:', reason);
      response.destroy();
    });
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  // Ignored, because some tests have clients that reject the certificate.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const [scheme, name] = tls === undefined ? ['http', '127.0.0.1'] : ['https', 'localhost'];
  return { server, origin: `${scheme}://${host ?? name}:${port}` };
}

/** Starts a working provider. The simulator's method `form` returns the settings and secrets for its client. */
export async function startSimulator(
  rules: ProviderRules,
  client: RegisteredClient,
  options: SimulatorOptions = {}
): Promise<ProviderSimulator> {
  let simulator: ProviderSimulator | undefined;
  const handle: Handler = async (request, response) => simulator?.handle(request, response);
  const [front, tokenHost] = await Promise.all([listen(options, handle), listen(options, handle)]);
  const servers = [front.server, tokenHost.server];
  simulator = new ProviderSimulator(rules, client, front.origin, tokenHost.origin, servers, options.onSecret);
  return simulator;
}
