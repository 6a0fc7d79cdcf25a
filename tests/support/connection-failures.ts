/** Every way in which the connection of a data source fails, each made on loopback. Servers end with `endLoopback`. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings';
import { type ErrorCode } from '../../proxy/errors/catalogue';
import { startFlightServer } from '../../proxy/flight-sql/testing/flight-test-server';
import { startHttp2Server } from '../../proxy/flight-sql/testing/http2-test-server';
import { startHttpProxy } from '../../proxy/network/testing/http-proxy-server';
import { afterwards, closedPort, listen } from '../../proxy/network/testing/loopback';
import { startSocksServer } from '../../proxy/network/testing/socks-server';
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
  /** What an admin reads, and no viewer may. */
  particulars: RegExp;
}

/** A data source without a sign-in for a server on loopback. */
export const withoutSignIn = (port: number, changes: MicromegasSettings = {}): SetUp => ({
  jsonData: { host: `127.0.0.1:${port}`, selectedAuthType: 'none', queryTimeoutSeconds: 1, ...changes },
});

/** A data source whose server never matters: the provider fails before. */
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

/** A server of plain TCP. */
const raw = (onSocket: (socket: Socket) => void) => listen(createServer(onSocket));

/** A provider with the same answer to every request. */
const provider = (status: number, body: string) =>
  listen(
    createHttpServer((_, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
  );

/** A provider with a discovery document, and nothing else. @returns The issuer. */
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

/** A Flight server that fails every call so. */
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

/** @param folder Holds the files that data sources may read. */
export const connectionFailures = (folder: string): ConnectionFailure[] => [
  {
    name: 'nothing listens',
    code: 'connection_refused',
    setUp: async () => withoutSignIn(await closedPort(createServer())),
    particulars: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'the name is unknown',
    code: 'address_unknown',
    setUp: async () => withoutSignIn(0, { host: 'lake.invalid:50051' }),
    particulars: /lake\.invalid:50051/,
  },
  {
    name: 'the server says nothing',
    code: 'connection_timeout',
    setUp: async () => withoutSignIn(await raw(() => undefined)),
    particulars: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'the server closes the connection',
    code: 'not_flight_sql',
    setUp: async () => withoutSignIn(await raw((socket) => socket.destroy())),
    particulars: /Check the port/,
  },
  {
    name: 'a web server answers',
    code: 'not_flight_sql',
    setUp: async () => withoutSignIn(await provider(404, '{}')),
    particulars: /web server/,
  },
  {
    name: 'TLS is missing',
    code: 'tls_unexpected',
    setUp: async () => withoutSignIn(await provider(200, '{}'), { secure: true }),
    particulars: /127\.0\.0\.1:\d+/,
  },
  {
    name: 'TLS is expected',
    code: 'tls_expected',
    setUp: async () =>
      withoutSignIn(
        (await startHttp2Server(() => undefined, { cert: LOCALHOST.certificate, key: LOCALHOST.key })).port
      ),
    particulars: /Switch on TLS/,
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
    particulars: /certificate/,
  },
  {
    name: 'the certificate bears another name',
    code: 'tls_untrusted',
    setUp: async () => {
      const tls = { cert: LOCALHOST.certificate, key: LOCALHOST.key };
      const { port } = await startHttp2Server(() => undefined, tls);
      const { jsonData } = withoutSignIn(port, { secure: true, tlsAuthWithCACert: true, serverName: 'lake.invalid' });
      return { jsonData, secrets: { tlsCACert: AUTHORITY } };
    },
    particulars: /lake\.invalid/,
  },
  {
    name: 'a load balancer has no server',
    code: 'server_unavailable',
    setUp: async () =>
      withoutSignIn((await startHttp2Server((stream) => stream.respond({ ':status': 503 }, { endStream: true }))).port),
    particulars: /HTTP status 503/,
  },
  {
    name: 'a load balancer names the server behind it',
    code: 'server_unavailable',
    setUp: async () =>
      withoutSignIn(await failing(14, 'upstream connect error: dial tcp 10.1.2.3:50051: connection refused')),
    particulars: /10\.1\.2\.3:50051/,
  },
  {
    name: 'a call is reset',
    code: 'server_unavailable',
    setUp: async () => withoutSignIn((await startHttp2Server((stream) => stream.close(2))).port),
    particulars: /reset/,
  },
  {
    name: 'the sign-in is refused',
    code: 'credentials_missing',
    setUp: async () => withoutSignIn(await failing(16, 'no token; issuers are https://10.1.2.3:8443/realms/lake')),
    particulars: /10\.1\.2\.3:8443/,
  },
  {
    name: 'the result lies elsewhere',
    code: 'endpoint_elsewhere',
    setUp: async () => {
      const endpoints = [{ ticket: 't', locations: ['grpc://10.1.2.3:50052'] }];
      const server = await startFlightServer({ endpoints });
      afterwards(() => server.kill());
      return withoutSignIn(server.port);
    },
    particulars: /10\.1\.2\.3:50052/,
  },
  {
    name: 'the SOCKS proxy refuses',
    code: 'proxy_unreachable',
    setUp: () => socks(2),
    particulars: /SOCKS proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'the SOCKS proxy reaches nothing',
    code: 'connection_refused',
    setUp: () => socks(5),
    particulars: /lake\.invalid:50051/,
  },
  {
    name: 'the SOCKS proxy is gone',
    code: 'proxy_unreachable',
    setUp: async () => ({
      ...withoutSignIn(50051, { enableSecureSocksProxy: true }),
      grafanaConfig: socksConfig(await closedPort(createServer())),
    }),
    particulars: /SOCKS proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'the HTTP proxy refuses',
    code: 'proxy_unreachable',
    setUp: async () => {
      const { port } = await startHttpProxy({ status: 403 });
      return oauth('https://idp.invalid/realms/lake', { oauthProxyUrl: `http://127.0.0.1:${port}` });
    },
    particulars: /HTTP proxy 127\.0\.0\.1:\d+/,
  },
  {
    name: 'the provider is gone',
    code: 'provider_unreachable',
    setUp: async () => oauth(`http://127.0.0.1:${await closedPort(createServer())}/realms/lake`),
    particulars: /http:\/\/127\.0\.0\.1:\d+\/realms\/lake/,
  },
  {
    name: 'the name of the provider is unknown',
    code: 'provider_unreachable',
    setUp: async () => oauth('https://idp.invalid/realms/lake'),
    particulars: /idp\.invalid/,
  },
  {
    name: 'the provider is not one',
    code: 'provider_not_oidc',
    setUp: async () =>
      oauth(`http://127.0.0.1:${await provider(404, '{"error":"no realm on 10.1.2.3:8443"}')}/realms/lake`),
    particulars: /10\.1\.2\.3:8443/,
  },
  {
    name: 'the provider fails',
    code: 'provider_down',
    setUp: async () => oauth(`http://127.0.0.1:${await provider(500, '{"error":"db at 10.1.2.3:5432 is gone"}')}`),
    particulars: /10\.1\.2\.3:5432/,
  },
  {
    name: 'the provider is another one',
    code: 'provider_issuer_mismatch',
    setUp: async () => oauth(`http://127.0.0.1:${await provider(200, '{"issuer":"https://10.1.2.3:8443/"}')}`),
    particulars: /10\.1\.2\.3:8443/,
  },
  {
    name: 'a secret file is missing',
    code: 'file_unreadable',
    setUp: async () => {
      const path = join(folder, 'missing-secret');
      const from = oauth(await discoverable(), { oauthClientProof: 'secret_file', oauthSecretFile: path });
      return { ...from, secrets: {} };
    },
    particulars: /missing-secret/,
  },
  {
    name: 'a secret file is not allowed',
    code: 'file_not_allowed',
    setUp: async () => {
      const from = oauth(await discoverable(), { oauthClientProof: 'secret_file', oauthSecretFile: '/etc/hostname' });
      return { ...from, secrets: {} };
    },
    particulars: /\/etc\/hostname/,
  },
  {
    name: 'a host is not allowed',
    code: 'host_not_allowed',
    setUp: async () => withoutSignIn(0, { host: 'lake.example.com:50051' }),
    particulars: /lake\.example\.com:50051/,
  },
  {
    name: 'a key would travel without TLS',
    code: 'plaintext_refused',
    setUp: async () => ({
      ...withoutSignIn(0, { host: 'lake.invalid:50051', selectedAuthType: 'token' }),
      secrets: { token: 'viewer-lab-api-key-0123' },
    }),
    particulars: /lake\.invalid/,
  },
  {
    name: 'the settings are wrong',
    code: 'settings_invalid',
    setUp: async () => withoutSignIn(0, { host: '10.1.2.3:99999' }),
    particulars: /Host/,
  },
];
