/** Requests to an identity provider on loopback: directly, with TLS, and through HTTP and SOCKS proxies. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type TlsOptions } from 'node:tls';
import { AUTHORITY, CLIENT, LAKE_TEST, LOCALHOST, STRANGER } from '../../../tests/support/certificates';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { createProviderFetch, type ProviderFetchDeps } from './provider-fetch';
import { type ProviderResponse, type ProviderRoute, type SocksProxy, type TlsSettings } from './routes';
import { startHttpProxy } from './testing/http-proxy-server';
import { closedPort, endLoopback, listen } from './testing/loopback';
import { startSocksServer } from './testing/socks-server';

afterEach(endLoopback);

const never = new AbortController().signal;
const VERIFIED: TlsSettings = { skipVerify: false, ca: AUTHORITY };

/** Responds with the request that it received. */
const echo: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
  });
};

function provider(listener: RequestListener = echo, tls: TlsOptions = {}): Promise<number> {
  return listen(
    createHttpsServer({ cert: LOCALHOST.certificate, key: LOCALHOST.key, ca: AUTHORITY, ...tls }, listener)
  );
}

/** A provider with a host name that does not mean loopback, because HTTP proxies are not used for loopback. */
function remoteProvider(): Promise<number> {
  return provider(echo, { cert: LAKE_TEST.certificate, key: LAKE_TEST.key });
}

function fetchWith(route: Partial<ProviderRoute> = {}, deps: Partial<ProviderFetchDeps> = {}) {
  const fetch = createProviderFetch({ tls: VERIFIED, ...route }, { allowsHost: () => true, environment: {}, ...deps });
  return (url: string, body?: string, signal = never) =>
    fetch(url, { method: body === undefined ? 'GET' : 'POST', headers: { accept: 'application/json' }, body, signal });
}

async function bodyOf({ body }: ProviderResponse): Promise<string> {
  let content = '';
  for await (const chunk of body ?? []) {
    content += Buffer.from(chunk).toString();
  }
  return content;
}

async function failure(response: Promise<ProviderResponse>): Promise<ProxyError> {
  const reason: unknown = await response.catch((error: unknown) => error);
  if (!(reason instanceof ProxyError)) {
    throw new Error(`Expected a ProxyError, got ${String(reason)}`);
  }
  return reason;
}

describe('without a proxy', () => {
  it('sends the request and returns the response', async () => {
    const port = await provider();
    const response = await fetchWith()(`https://localhost:${port}/token?x=1`, 'a=b');
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(await bodyOf(response))).toMatchObject({
      method: 'POST',
      url: '/token?x=1',
      body: 'a=b',
      headers: { host: `localhost:${port}`, accept: 'application/json', 'content-length': '3' },
    });
  });

  it('uses plain HTTP for an http: URL', async () => {
    const port = await listen(createHttpServer(echo));
    expect((await fetchWith()(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('does not follow redirects', async () => {
    const port = await provider((_, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    const response = await fetchWith()(`https://localhost:${port}/`);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/elsewhere']);
  });

  it('returns a response without a body', async () => {
    const port = await provider((_, response) => void response.writeHead(204).end());
    const response = await fetchWith()(`https://localhost:${port}/`);
    expect([response.status, await bodyOf(response)]).toEqual([204, '']);
  });

  it('returns a response with a status that the Fetch standard does not allow', async () => {
    const port = await provider((_, response) => void response.writeHead(999).end('x'));
    const response = await fetchWith()(`https://localhost:${port}/`);
    expect([response.status, await bodyOf(response)]).toEqual([999, 'x']);
  });

  it('closes the connection when the iteration of the body ends early', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await provider((_, response) => {
      response.on('close', () => closed.resolve());
      response.write('x');
    });
    const response = await fetchWith()(`https://localhost:${port}/`);
    for await (const chunk of response.body ?? []) {
      expect(Buffer.from(chunk).toString()).toBe('x');
      break;
    }
    await closed.promise;
  });

  it('rejects when the signal aborts, before and during the response', async () => {
    const arrived = Promise.withResolvers<void>();
    const port = await provider((request, response) => {
      arrived.resolve();
      if (request.url === '/part') {
        response.write('x');
      }
    });
    const before = new AbortController();
    const silent = fetchWith()(`https://localhost:${port}/`, undefined, before.signal);
    await arrived.promise;
    before.abort();
    await expect(silent).rejects.toMatchObject({ step: 'response', cause: { name: 'AbortError' } });
    const during = new AbortController();
    const response = await fetchWith()(`https://localhost:${port}/part`, undefined, during.signal);
    during.abort();
    await expect(bodyOf(response)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('does not connect to a host that is not allowed', async () => {
    const fetch = fetchWith({}, { allowsHost: (host, port) => host !== 'idp.test' || port !== 443 });
    expect(await failure(fetch('https://idp.test/'))).toMatchObject({
      code: 'host_not_allowed',
      detail: 'It is idp.test:443.',
    });
  });
});

describe('TLS', () => {
  it.each([
    { name: 'an unknown certificate authority', tls: { skipVerify: false }, code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    { name: 'a certificate authority other than the one in the settings', tls: { skipVerify: false, ca: STRANGER.certificate }, code: 'SELF_SIGNED_CERT_IN_CHAIN' }, // prettier-ignore
    {
      name: 'a certificate for another name',
      tls: { ...VERIFIED, serverName: 'lake.test' },
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    },
  ])('rejects with the error code of Node.js for $name', async ({ tls, code }) => {
    const port = await provider();
    await expect(fetchWith({ tls })(`https://localhost:${port}/`)).rejects.toMatchObject({ code });
  });

  it.each([
    { name: 'any certificate when verification is off', tls: { skipVerify: true } },
    { name: 'a certificate for the server name in the settings', tls: { ...VERIFIED, serverName: '127.0.0.1' } },
  ])('accepts $name', async ({ tls }) => {
    const port = await provider();
    expect((await fetchWith({ tls })(`https://localhost:${port}/`)).status).toBe(200);
  });

  it('presents the client certificate', async () => {
    const port = await provider(echo, { requestCert: true, rejectUnauthorized: true });
    const url = `https://localhost:${port}/`;
    const shown = { ...VERIFIED, clientCertificate: CLIENT.certificate, clientKey: new Secret(CLIENT.key) };
    expect((await fetchWith({ tls: shown })(url)).status).toBe(200);
    expect(await failure(fetchWith()(url))).toMatchObject({
      code: 'tls_client_certificate',
      detail: `This server is the identity provider at localhost:${port}.`,
    });
  });

  const WITH_CERTIFICATE = {
    ...VERIFIED,
    clientCertificate: CLIENT.certificate,
    clientKey: new Secret(CLIENT.key),
  };

  it.each(['https', 'http'])('does not blame the client certificate if it was not sent: %s', async (scheme) => {
    const port = await listen(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const response = fetchWith({ tls: WITH_CERTIFICATE })(`${scheme}://localhost:${port}/`);
    await expect(response).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('blames the client certificate if the provider receives it and closes the connection', async () => {
    const port = await provider((request) => request.socket.destroy(), { requestCert: true });
    expect(await failure(fetchWith({ tls: WITH_CERTIFICATE })(`https://localhost:${port}/`))).toMatchObject({
      code: 'tls_client_certificate',
      detail: `This server is the identity provider at localhost:${port}: it closed the connection after it received the certificate. The client certificate in the settings is for "CN=grafana, O=Test only", issued by "CN=Test authority, O=Test only".`,
    });
  });
});

describe('an HTTP proxy', () => {
  const BASIC = `Basic ${Buffer.from('us:p:w').toString('base64')}`;

  it('tunnels to the provider, with user and password from the settings', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const port = await remoteProvider();
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}`, user: 'us', password: new Secret('p:w') };
    expect((await fetchWith({ httpProxy })(`https://lake.test:${port}/`)).status).toBe(200);
    expect(proxy.targets).toEqual([`lake.test:${port}`]);
  });

  it('may use TLS itself', async () => {
    const proxy = await startHttpProxy({ tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key } });
    const port = await remoteProvider();
    const httpProxy = { url: `https://localhost:${proxy.port}` };
    expect((await fetchWith({ httpProxy })(`https://lake.test:${port}/`)).status).toBe(200);
  });

  it('from the environment is used when the settings have none', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const port = await remoteProvider();
    const environment = { HTTPS_PROXY: `http://us:p%3Aw@127.0.0.1:${proxy.port}` };
    expect((await fetchWith({}, { environment })(`https://lake.test:${port}/`)).status).toBe(200);
  });

  it('is not used for loopback', async () => {
    const port = await provider();
    const httpProxy = { url: 'http://127.0.0.1:1' };
    expect((await fetchWith({ httpProxy })(`https://localhost:${port}/`)).status).toBe(200);
  });

  it.each([
    {
      name: 'requires user and password',
      options: { authorization: BASIC },
      detail: 'It requires a user name and password (407).',
    },
    { name: 'does not allow the host', options: { status: 403 }, detail: 'It does not allow the connection (403).' },
    {
      name: 'cannot reach the provider',
      options: { status: 502 },
      detail: 'It could not reach the identity provider (502).',
    },
  ])('that $name fails with proxy_unreachable', async ({ options, detail }) => {
    const proxy = await startHttpProxy(options);
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}` };
    expect(await failure(fetchWith({ httpProxy })('https://idp.test/'))).toMatchObject({
      code: 'proxy_unreachable',
      detail: `HTTP proxy 127.0.0.1:${proxy.port} from the data source settings: ${detail}`,
    });
  });

  it('that rejects the password fails with an error without the password', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}`, user: 'us', password: new Secret('wrong-one') };
    const error = await failure(fetchWith({ httpProxy })('https://idp.test/'));
    expect(error.detail).toMatch(/It did not accept user name and password \(407\)\.$/);
    expect(JSON.stringify([error, error.message, String(error.cause)])).not.toMatch(/wrong-one|d3Jvbmct/);
  });

  it('that does not listen fails with its address', async () => {
    const port = await closedPort(createTcpServer());
    const error = await failure(fetchWith({ httpProxy: { url: `http://127.0.0.1:${port}` } })('https://idp.test/'));
    expect(error.detail).toBe(
      `HTTP proxy 127.0.0.1:${port} from the data source settings: Nothing listens at its address.`
    );
    const environment = { https_proxy: `http://127.0.0.1:${port}` };
    const other = await failure(fetchWith({}, { environment })('https://idp.test/'));
    expect(other.detail).toMatch(/ from https_proxy: /);
  });
});

it('connects through the SOCKS proxy', async () => {
  const proxy = await startSocksServer();
  const port = await remoteProvider();
  const socks: SocksProxy = {
    host: '127.0.0.1',
    port: proxy.port,
    serverName: '',
    rootCas: [],
    isPlaintext: true,
    user: '',
  };
  expect((await fetchWith({ socks })(`https://lake.test:${port}/`)).status).toBe(200);
  expect(proxy.targets).toEqual([`lake.test:${port}`]);
});
