/**
 * An OIDC provider on loopback: the package `oidc-provider` with only the client credentials grant.
 *
 * To request a token for an API, clients send the parameter `audience`, as with Auth0. If the client may request the
 * audience, the token is an RS256 JWT; other audiences are rejected. Without an audience, the token is opaque.
 * Audiences that are URIs may also be sent as `resource` (RFC 8707).
 */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, {
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider';
import { MemoryAdapter } from './memory-adapter';

export interface IssuerClient {
  clientId: string;
  clientSecret: string;
  /** Audiences that the client may request. */
  audiences: string[];
  /** The method of client authentication. Default: `client_secret_post`. */
  authMethod?: 'client_secret_post' | 'client_secret_basic';
}

export interface IssuerOptions {
  /** TCP port on 127.0.0.1. Default: 0, a free port. */
  port?: number;
  clients: IssuerClient[];
  /** Lifetime of a token. Default: five minutes. */
  tokenLifetimeSeconds?: number;
  /** Signing key of an earlier run, so that the tokens of that run stay valid. Default: a new key. */
  signingKey?: JWK;
}

export interface Issuer {
  /** The `iss` claim, without a slash at the end. */
  issuer: string;
  signingKey: JWK;
  close(): Promise<void>;
}

const DEFAULT_LIFETIME_SECONDS = 300;
/** `oidc-provider` accepts only URIs as resources. This prefix converts any audience to a URI. */
const AUDIENCE_URN = 'urn:demo-audience:';

/** Starts the provider. Resolves when it accepts requests. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const signingKey = options.signingKey ?? (await newSigningKey());
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configuration(options, signingKey));
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));
  return { issuer, signingKey, close: () => stop(server) };
}

async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: randomBytes(8).toString('hex') };
}

function configuration(
  { clients, tokenLifetimeSeconds = DEFAULT_LIFETIME_SECONDS }: IssuerOptions,
  key: JWK
): Configuration {
  return {
    adapter: MemoryAdapter,
    clients: clients.map(clientMetadata),
    clientAuthMethods: ['client_secret_post', 'client_secret_basic'],
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    responseTypes: [],
    scopes: [],
    ttl: { ClientCredentials: tokenLifetimeSeconds },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (context) => requestedAudience(context),
        getResourceServerInfo: (_context, resource, client) =>
          resourceServer(clients, client.clientId, resource, tokenLifetimeSeconds),
      },
    },
  };
}

function clientMetadata({ clientId, clientSecret, authMethod = 'client_secret_post' }: IssuerClient): ClientMetadata {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: authMethod,
  };
}

/**
 * The audience that a token request names, as a URI. Without an audience or resource, `oidc-provider` issues an opaque
 * token.
 */
function requestedAudience({ oidc }: KoaContextWithOIDC): string[] {
  const audience: unknown = oidc.body?.['audience'];
  return typeof audience === 'string' && audience !== '' ? [AUDIENCE_URN + encodeURIComponent(audience)] : [];
}

function resourceServer(
  clients: IssuerClient[],
  clientId: string,
  resource: string,
  lifetimeSeconds: number
): ResourceServer {
  const audience = resource.startsWith(AUDIENCE_URN)
    ? decodeURIComponent(resource.slice(AUDIENCE_URN.length))
    : resource;
  const client = clients.find((each) => each.clientId === clientId);
  if (!client?.audiences.includes(audience)) {
    throw new errors.InvalidTarget(`Client is not authorized for audience ${audience}`);
  }
  return {
    audience,
    scope: '',
    accessTokenTTL: lifetimeSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
