/**
 * A proxy, gateway or firewall responds in place of the identity provider or of the server. Save & test says so, and
 * names its evidence. The tests use the plugin protocol, and servers on loopback that respond as such devices do.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { startHttp2Server } from '../../proxy/lakehouse/flight-sql/testing/http2-test-server';
import { endLoopback, listen } from '../../proxy/lakehouse/network/testing/loopback';
import { AUTHORITY, LOCALHOST, STRANGER } from '../support/certificates';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();

afterEach(endLoopback);

/** A response of a device. `at`: the request that it intercepts; other requests reach the provider. */
interface Device {
  at: 'discovery' | 'token';
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A fake provider behind a device. @returns The issuer. */
async function behind({ at, status, headers = {}, body = '' }: Device): Promise<string> {
  const respond = ({ url, headers: { host } }: IncomingMessage, response: ServerResponse) => {
    if ((url === '/token') === (at === 'token')) {
      response.writeHead(status, headers).end(body);
    } else {
      const issuer = `http://${host}`;
      const document = { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    }
  };
  return `http://127.0.0.1:${await listen(createHttpServer(respond))}`;
}

const oauth = (oauthIssuer: string, changes: MicromegasSettings = {}, secrets: MicromegasSecrets = {}) =>
  lab.source(
    { selectedAuthType: 'oauth2', oauthIssuer, oauthClientId: 'grafana', oauthAudience: 'lake', ...changes },
    { oauthClientSecret: 'between-secret-0815', ...secrets }
  );

const HTML = { 'content-type': 'text/html', server: 'BigIP', via: '1.1 egress' };
const PAGE = '<html><title>Blocked</title></html>';

describe('a device before the identity provider', () => {
  it.each<{ name: string; device: Device; code?: ErrorCode; report: RegExp }>([
    { name: 'a firewall blocks the token request', device: { at: 'token', status: 403, headers: HTML, body: PAGE }, report: /HTTP 403, text\/html, Server: BigIP, Via: 1\.1 egress.*Find out which proxy/s },
    { name: 'a gateway without a route', device: { at: 'token', status: 404, headers: HTML, body: PAGE }, report: /HTTP 404.*Server: BigIP/ },
    { name: 'an API gateway wants a key', device: { at: 'token', status: 401, headers: { 'content-type': 'application/json', server: 'kong' }, body: '{"message":"No API key found"}' }, report: /HTTP 401, application\/json, Server: kong/ },
    { name: 'a captive portal at the token endpoint', device: { at: 'token', status: 200, headers: HTML, body: PAGE }, report: /HTTP 200, text\/html/ },
    { name: 'a captive portal at the document', device: { at: 'discovery', status: 200, headers: HTML, body: PAGE }, report: /HTTP 200, text\/html.*is not the address of your identity provider, correct OIDC Issuer/s },
    { name: 'an access proxy redirects to its sign-in page', device: { at: 'discovery', status: 302, headers: { location: 'https://login.example/cdn-cgi/access', server: 'cloudflare' } }, report: /HTTP 302, Server: cloudflare.*redirects to https:\/\/login\.example\/cdn-cgi\/access/s },
    { name: 'an access proxy redirects the token request', device: { at: 'token', status: 302, headers: { location: 'https://login.example/' } }, report: /redirects to https:\/\/login\.example\// },
    { name: 'a proxy wants a sign-in', device: { at: 'token', status: 407, headers: { ...HTML, 'proxy-authenticate': 'Basic realm="egress"' }, body: PAGE }, report: /HTTP 407.*enter its address, user name and password as HTTP proxy/s },
    { name: 'a network wants a sign-in', device: { at: 'discovery', status: 511, headers: HTML, body: PAGE }, report: /HTTP 511/ },
    { name: 'a gateway cannot reach the provider', device: { at: 'token', status: 502, headers: HTML, body: PAGE }, code: 'provider_down', report: /HTTP 502, text\/html, Server: BigIP/ },
  ])('$name', async ({ device, code = 'provider_intercepted', report }) => {
    const outcome = await lab.saveAndTest(oauth(await behind(device)));
    expect(outcome.code).toBe(code);
    expect(outcome.report).toMatch(report);
    expect(outcome.report).not.toMatch(/rejected the client credentials|Check Client ID/);
  }); // prettier-ignore
});

describe('a certificate of another authority', () => {
  const startTls = async () =>
    `https://localhost:${await listen(createHttpsServer({ cert: LOCALHOST.certificate, key: LOCALHOST.key }))}`;

  it.each<{ name: string; changes?: MicromegasSettings; secrets?: MicromegasSecrets; advice: RegExp }>([
    { name: 'names the issuer, and a proxy that may have issued it', advice: /issued by "Test authority, Test only".*enter its certificate as CA Certificate \(identity provider\).*proxy or firewall on the way may open TLS/s },
    { name: 'names the switch if a CA is stored, but not used', secrets: { oauthTlsCACert: AUTHORITY }, advice: /stored, but not used: switch on "With CA Certificate"/ },
  ])('$name', async ({ changes, secrets, advice }) => {
    const { code, report } = await lab.saveAndTest(oauth(await startTls(), changes, secrets));
    expect(code).toBe('provider_untrusted');
    expect(report).toMatch(advice);
  }); // prettier-ignore
});

describe('a certificate of another authority at the server', () => {
  it.each<{ name: string; changes?: MicromegasSettings; secrets?: MicromegasSecrets; advice: RegExp }>([
    { name: 'names the issuer, and a proxy that may have issued it', advice: /certificate for "localhost, Test only" was issued by "Test authority, Test only".*enter its certificate as CA Certificate\.? .*proxy or firewall on the way may open TLS/s },
    { name: 'names the authority if another one is configured', changes: { tlsAuthWithCACert: true }, secrets: { tlsCACert: STRANGER.certificate }, advice: /CA Certificate is not the authority that signed this certificate/ },
    { name: 'names the switch if a CA is stored, but not used', secrets: { tlsCACert: AUTHORITY }, advice: /stored, but not used: switch on "With CA Certificate" in the TLS settings\./ },
  ])('$name', async ({ changes, secrets, advice }) => {
    const tls = { cert: LOCALHOST.certificate, key: LOCALHOST.key };
    const { port } = await startHttp2Server(() => undefined, tls);
    const settings: MicromegasSettings = { host: `localhost:${port}`, secure: true, selectedAuthType: 'token', ...changes };
    const { code, report } = await lab.saveAndTest(lab.source(settings, { token: API_KEY.key, ...secrets }));
    expect(code).toBe('tls_untrusted');
    expect(report).toMatch(advice);
  }); // prettier-ignore
});

describe('another protocol at the issuer', () => {
  it('may be TLS if the server closes the connection', async () => {
    const port = await listen(createHttpsServer({ cert: LOCALHOST.certificate, key: LOCALHOST.key }));
    const { report } = await lab.saveAndTest(oauth(`http://127.0.0.1:${port}`));
    expect(report).toMatch(
      /connection was closed.*If the server at this port expects TLS, enter OIDC Issuer with https:\/\//s
    );
  });

  it('is TLS if the server sends a TLS alert', async () => {
    const port = await listen(createTcpServer((socket) => socket.end(Buffer.of(0x15, 3, 3, 0, 2, 2, 22))));
    const { report } = await lab.saveAndTest(oauth(`http://127.0.0.1:${port}`));
    expect(report).toMatch(/expects TLS.*Enter OIDC Issuer with https:\/\//s);
  });

  it('is Flight SQL without TLS', async () => {
    const { report } = await lab.saveAndTest(oauth(`http://${lab.micromegas.address}`));
    expect(report).toMatch(/HTTP\/2 only.*not that of the Micromegas server/s);
  });

  it('is Flight SQL with TLS', async () => {
    const tls = { cert: LOCALHOST.certificate, key: LOCALHOST.key };
    const { port } = await startHttp2Server(() => undefined, tls);
    const { report } = await lab.saveAndTest(oauth(`https://localhost:${port}`, { oauthTlsSkipVerify: true }));
    expect(report).toMatch(/not HTTP\/1\.1.*not that of the Micromegas server/s);
  });
});

it('names a silent HTTP proxy', async () => {
  const port = await listen(createTcpServer(() => undefined));
  const oauthProxyUrl = `http://127.0.0.1:${port}`;
  const { code, report } = await lab.saveAndTest(oauth('https://idp.invalid', { oauthProxyUrl }));
  expect(code).toBe('proxy_unreachable');
  expect(report).toMatch(
    new RegExp(`HTTP proxy 127.0.0.1:${port} .*does not respond to the request for a tunnel`, 's')
  );
}, 20_000);

it('says that the HTTP proxy is not used for an issuer on loopback', async () => {
  const tested = await behind({ at: 'token', status: 404 });
  const { report } = await lab.saveAndTest(oauth(tested, { oauthProxyUrl: 'http://127.0.0.1:9' }));
  expect(report).toMatch(/does not use the HTTP proxy, because the OIDC Issuer is a loopback address/);
});

expectNoSecretsAtEnd();
