/**
 * The ways in which the connection of a data source can fail, reproduced on loopback. `endLoopback` stops the servers.
 */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { startFlightServer } from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { startHttp2Server } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { startHttpProxy } from '../../proxy/lakehouse/network/testing/http-proxy-server';
import { afterwards, closedPort, listen } from '../../proxy/lakehouse/network/testing/loopback';
import { startSocksServer } from '../../proxy/lakehouse/network/testing/socks-server';
import { AUTHORITY, LOCALHOST } from './certificates';

export interface SetUp {
  jsonData: MicromegasSettings;
  secrets?: MicromegasSecrets;
  grafanaConfig?: Record<string, string>;
}

export interface ConnectionFailure {
  name: string;
  code: ErrorCode;
  setUp: () => Promise<SetUp>;
  /** Matches the details in an admin's message. Viewers must not receive them. */
  adminDetail: RegExp;
}

/** A data source without authentication, for a server on loopback. */
export const withoutSignIn = (port: number, changes: MicromegasSettings = {}): SetUp => ({
  jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none', queryTimeoutSeconds: 1, ...changes },
});

/** A data source with OAuth. It never connects to its server, because the identity provider fails first. */
const oauth = (issuer: string, changes: MicromegasSettings = {}, secrets: MicromegasSecrets = {}): SetUp => ({
  jsonData: {
    host: '127.0.0.1:1',
    selectedAuthType: 'oauth2',
    oauthIssuer: issuer,
    oauthClientId: 'viewer-lab-client',
    oauthAudience: 'lake',
    ...changes,
  },
  secrets: { oauthClientSecret: 'viewer-lab-secret-0123', ...secrets },
});

/** A plain TCP server. @returns Its port. */
const raw = (onSocket: (socket: Socket) => void) => listen(createServer(onSocket));

/** An identity provider that sends the same response to every request. @returns Its port. */
const provider = (status: number, body: string) =>
  listen(
    createHttpServer((_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
  );

/** An identity provider that serves only a discovery document. @returns The issuer. */
async function discoverable(): Promise<string> {
  const port = await listen(
    createHttpServer(({ headers }: IncomingMessage, response) => {
      const issuer = `http://${headers.host}`;
      const document = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    })
  );
  return `http://127.0.0.1:${port}`;
}

/** A Flight server that fails every call with this gRPC status. @returns Its port. */
async function failing(code: number, details: string): Promise<number> {
  const server = await startFlightServer({ error: () => ({ code, details }) });
  afterwards(() => server.kill());
  return server.port;
}

const SOCKS = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';
const socksConfig = (port: number) => ({
  [`${SOCKS}SERVER_ENABLED`]: 'true',
  [`${SOCKS}PROXY_ADDRESS`]: `127.0.0.1:${port}`,
  [`${SOCKS}SERVER_NAME`]: 'localhost',
  [`${SOCKS}ALLOW_INSECURE`]: 'true',
});
const socks = async (reply: number): Promise<SetUp> => {
  const { port } = await startSocksServer({ reply });
  return {
    ...withoutSignIn(50051, { host: 'lake.invalid:50051', enableSecureSocksProxy: true }),
    grafanaConfig: socksConfig(port),
  };
};

/** @param folder The folder from which data sources may read files. */
export const connectionFailures = (folder: string): ConnectionFailure[] => [
  {
    name: 'nothing listens on the port',
    code: 'connection_refused',
    setUp: async () => withoutSignIn(await closedPort(createServer())),
    adminDetail: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'the host name is unknown',
    code: 'address_unknown',
    setUp: async () => withoutSignIn(0, { host: 'lake.invalid:50051' }),
    adminDetail: /lake\.invalid:50051/,
  },
  {
    name: 'the server sends nothing',
    code: 'connection_timeout',
    setUp: async () => withoutSignIn(await raw(() => undefined)),
    adminDetail: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'the server closes the connection',
    code: 'not_flight_sql',
    setUp: async () => withoutSignIn(await raw((socket) => socket.destroy())),
    adminDetail: /Check the port/,
  },
  {
    name: 'a web server responds',
    code: 'not_flight_sql',
    setUp: async () => withoutSignIn(await provider(404, '{}')),
    adminDetail: /web server/,
  },
  {
    name: 'TLS is on, but the server does not use it',
    code: 'tls_unexpected',
    setUp: async () => withoutSignIn(await provider(200, '{}'), { secure: true }),
    adminDetail: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'TLS is off, but the server requires it',
    code: 'tls_expected',
    setUp: async () =>
      withoutSignIn(
        (await startHttp2Server(() => undefined, { cert: LOCALHOST.certificate, key: LOCALHOST.key })).port
      ),
    adminDetail: /Switch on TLS/,
  },
  {
    name: 'the certificate is not trusted',
    code: 'tls_untrusted',
    setUp: async () =>
      withoutSignIn(
        (await startHttp2Server(() => undefined, { cert: LOCALHOST.certificate, key: LOCALHOST.key })).port,
        {
          secure: true,
        }
      ),
    adminDetail: /certificate/,
  },
  {
    name: 'the certificate is for another host name',
    code: 'tls_untrusted',
    setUp: async () => {
      const tls = { cert: LOCALHOST.certificate, key: LOCALHOST.key };
      const { port } = await startHttp2Server(() => undefined, tls);
      const { jsonData } = withoutSignIn(port, { secure: true, tlsAuthWithCACert: true, serverName: 'lake.invalid' });
      return { jsonData, secrets: { tlsCACert: AUTHORITY } };
    },
    adminDetail: /lake\.invalid/,
  },
  {
    name: 'a load balancer has no healthy server',
    code: 'server_unavailable',
    setUp: async () =>
      withoutSignIn((await startHttp2Server((stream) => stream.respond({ ':status': 503 }, { endStream: true }))).port),
    adminDetail: /HTTP status 503/,
  },
  {
    name: 'the error of a load balancer names its backend server',
    code: 'server_unavailable',
    setUp: async () =>
      withoutSignIn(await failing(14, 'upstream connect error: dial tcp 10.1.2.3:50051: connection refused')),
    adminDetail: /10\.1\.2\.3:50051/,
  },
  {
    name: 'the server resets the call',
    code: 'server_unavailable',
    setUp: async () => withoutSignIn((await startHttp2Server((stream) => stream.close(2))).port),
    adminDetail: /reset/,
  },
  {
    name: 'the server rejects the sign-in',
    code: 'credentials_missing',
    setUp: async () => withoutSignIn(await failing(16, 'no token; issuers are https://10.1.2.3:8443/realms/lake')),
    adminDetail: /10\.1\.2\.3:8443/,
  },
  {
    name: 'the result is on another server',
    code: 'endpoint_elsewhere',
    setUp: async () => {
      const endpoints = [{ ticket: 't', locations: ['grpc://10.1.2.3:50052'] }];
      const server = await startFlightServer({ endpoints });
      afterwards(() => server.kill());
      return withoutSignIn(server.port);
    },
    adminDetail: /10\.1\.2\.3:50052/,
  },
  {
    name: 'the SOCKS proxy rejects the connection',
    code: 'proxy_unreachable',
    setUp: () => socks(2),
    adminDetail: /SOCKS proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'the SOCKS proxy cannot connect to the server',
    code: 'connection_refused',
    setUp: () => socks(5),
    adminDetail: /lake\.invalid:50051/,
  },
  {
    name: 'the SOCKS proxy is down',
    code: 'proxy_unreachable',
    setUp: async () => ({
      ...withoutSignIn(50051, { enableSecureSocksProxy: true }),
      grafanaConfig: socksConfig(await closedPort(createServer())),
    }),
    adminDetail: /SOCKS proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'the HTTP proxy rejects the connection',
    code: 'proxy_unreachable',
    setUp: async () => {
      const { port } = await startHttpProxy({ status: 403 });
      return oauth('https://idp.invalid/realms/lake', { oauthProxyUrl: `http://127.0.0.1:${port}` });
    },
    adminDetail: /HTTP proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'nothing listens at the issuer',
    code: 'provider_unreachable',
    setUp: async () => oauth(`http://127.0.0.1:${await closedPort(createServer())}/realms/lake`),
    adminDetail: /http:\/\/127\.0\.0\.1:\d+\/realms\/lake/,
  },
  {
    name: 'the host name of the issuer is unknown',
    code: 'provider_unreachable',
    setUp: async () => oauth('https://idp.invalid/realms/lake'),
    adminDetail: /idp\.invalid/,
  },
  {
    name: 'the issuer has no discovery document',
    code: 'provider_not_oidc',
    setUp: async () =>
      oauth(`http://127.0.0.1:${await provider(404, '{"error":"no realm on 10.1.2.3:8443"}')}/realms/lake`),
    adminDetail: /10\.1\.2\.3:8443/,
  },
  {
    name: 'the identity provider returns HTTP 500',
    code: 'provider_down',
    setUp: async () => oauth(`http://127.0.0.1:${await provider(500, '{"error":"db at 10.1.2.3:5432 is gone"}')}`),
    adminDetail: /10\.1\.2\.3:5432/,
  },
  {
    name: 'the discovery document names another issuer',
    code: 'provider_issuer_mismatch',
    setUp: async () => oauth(`http://127.0.0.1:${await provider(200, '{"issuer":"https://10.1.2.3:8443/"}')}`),
    adminDetail: /10\.1\.2\.3:8443/,
  },
  {
    name: 'a secret file is missing',
    code: 'file_unreadable',
    setUp: async () => {
      const path = join(folder, 'missing-secret');
      const from = oauth(await discoverable(), { oauthClientProof: 'secret_file', oauthSecretFile: path });
      return { ...from, secrets: {} };
    },
    adminDetail: /missing-secret/,
  },
  {
    name: 'a secret file is not allowed',
    code: 'file_not_allowed',
    setUp: async () => {
      const from = oauth(await discoverable(), { oauthClientProof: 'secret_file', oauthSecretFile: '/etc/hostname' });
      return { ...from, secrets: {} };
    },
    adminDetail: /\/etc\/hostname/,
  },
  {
    name: 'a host is not allowed',
    code: 'host_not_allowed',
    setUp: async () => withoutSignIn(0, { host: 'lake.example.com:50051' }),
    adminDetail: /lake\.example\.com:50051/,
  },
  {
    name: 'an API key would be sent without TLS',
    code: 'plaintext_refused',
    setUp: async () => ({
      ...withoutSignIn(0, { host: 'lake.invalid:50051', selectedAuthType: 'token' }),
      secrets: { token: 'viewer-lab-api-key-0123' },
    }),
    adminDetail: /lake\.invalid/,
  },
  {
    name: 'the settings are invalid',
    code: 'settings_invalid',
    setUp: async () => withoutSignIn(0, { host: '10.1.2.3:99999' }),
    adminDetail: /Host/,
  },
];
