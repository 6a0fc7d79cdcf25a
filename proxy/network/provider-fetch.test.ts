/** What may stand between the proxy and an identity provider, each tried for real on loopback. */
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { type TlsOptions } from 'node:tls';
import { AUTHORITY, CLIENT, LAKE_TEST, LOCALHOST, STRANGER } from '../../tests/support/certificates';
import { ProxyError } from '../errors/proxy-error';
import { Secret } from '../logging/secret';
import { createProviderFetch, type ProviderFetchDeps } from './provider-fetch';
import { type ProviderRoute, type SocksProxy, type TlsSettings } from './routes';
import { startHttpProxy } from './testing/http-proxy-server';
import { closedPort, endLoopback, listen } from './testing/loopback';
import { startSocksServer } from './testing/socks-server';

afterEach(endLoopback);

const never = new AbortController().signal;
const VERIFIED: TlsSettings = { skipVerify: false, ca: AUTHORITY };

/** Says back what it was asked. */
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

/** Of a provider whose name is no name of this machine: only those are reached through an HTTP proxy. */
function farProvider(): Promise<number> {
  return provider(echo, { cert: LAKE_TEST.certificate, key: LAKE_TEST.key });
}

function fetchWith(route: Partial<ProviderRoute> = {}, deps: Partial<ProviderFetchDeps> = {}) {
  const fetch = createProviderFetch({ tls: VERIFIED, ...route }, { allowsHost: () => true, environment: {}, ...deps });
  return (url: string, body?: string, signal = never) =>
    fetch(url, { method: body === undefined ? 'GET' : 'POST', headers: { accept: 'application/json' }, body, signal });
}

async function failure(answer: Promise<Response>): Promise<ProxyError> {
  const reason: unknown = await answer.catch((error: unknown) => error);
  if (!(reason instanceof ProxyError)) {
    throw new Error(`Expected a ProxyError, got ${String(reason)}`);
  }
  return reason;
}

describe('straight', () => {
  it('sends the request and hands back the answer', async () => {
    const port = await provider();
    const response = await fetchWith()(`https://localhost:${port}/token?x=1`, 'a=b');
    expect(response.status).toBe(200);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toMatchObject({
      method: 'POST',
      url: '/token?x=1',
      body: 'a=b',
      headers: { host: `localhost:${port}`, accept: 'application/json', 'content-length': '3' },
    });
  });

  it('speaks plain HTTP where the address says so', async () => {
    const port = await listen(createHttpServer(echo));
    expect((await fetchWith()(`http://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it('follows no redirect', async () => {
    const port = await provider((_, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    const response = await fetchWith()(`https://localhost:${port}/`);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/elsewhere']);
  });

  it('takes an answer without a body', async () => {
    const port = await provider((_, response) => void response.writeHead(204).end());
    const response = await fetchWith()(`https://localhost:${port}/`);
    expect([response.status, await response.text()]).toEqual([204, '']);
  });

  it('leaves an answer that its reader leaves', async () => {
    const left = Promise.withResolvers<void>();
    const port = await provider((_, response) => {
      response.on('close', () => left.resolve());
      response.write('x');
    });
    const response = await fetchWith()(`https://localhost:${port}/`);
    await response.body?.cancel();
    await left.promise;
  });

  it('ends when the signal aborts, before and within the answer', async () => {
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
    await expect(silent).rejects.toMatchObject({ name: 'AbortError' });
    const within = new AbortController();
    const response = await fetchWith()(`https://localhost:${port}/part`, undefined, within.signal);
    within.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('asks no host that is not allowed', async () => {
    const fetch = fetchWith({}, { allowsHost: (host, port) => host !== 'idp.test' || port !== 443 });
    expect(await failure(fetch('https://idp.test/'))).toMatchObject({
      code: 'host_not_allowed',
      detail: 'It is idp.test:443.',
    });
  });
});

describe('TLS', () => {
  it.each([
    { name: 'an unknown authority', tls: { skipVerify: false }, code: 'SELF_SIGNED_CERT_IN_CHAIN' },
    { name: 'another authority', tls: { skipVerify: false, ca: STRANGER.certificate }, code: 'SELF_SIGNED_CERT_IN_CHAIN' }, // prettier-ignore
    { name: 'another name', tls: { ...VERIFIED, serverName: 'lake.test' }, code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  ])('keeps the code of Node for $name', async ({ tls, code }) => {
    const port = await provider();
    await expect(fetchWith({ tls })(`https://localhost:${port}/`)).rejects.toMatchObject({ code });
  });

  it.each([
    { name: 'any certificate when it is told to', tls: { skipVerify: true } },
    { name: 'the name in the settings', tls: { ...VERIFIED, serverName: '127.0.0.1' } },
  ])('takes $name', async ({ tls }) => {
    const port = await provider();
    expect((await fetchWith({ tls })(`https://localhost:${port}/`)).status).toBe(200);
  });

  it('shows its client certificate', async () => {
    const port = await provider(echo, { requestCert: true, rejectUnauthorized: true });
    const url = `https://localhost:${port}/`;
    const shown = { ...VERIFIED, clientCertificate: CLIENT.certificate, clientKey: new Secret(CLIENT.key) };
    expect((await fetchWith({ tls: shown })(url)).status).toBe(200);
    expect(await failure(fetchWith()(url))).toMatchObject({
      code: 'tls_client_certificate',
      detail: `It is the identity provider at localhost:${port}.`,
    });
  });
});

describe('an HTTP proxy', () => {
  const BASIC = `Basic ${Buffer.from('us:p:w').toString('base64')}`;

  it('leads to the provider, with the user and password of the settings', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const port = await farProvider();
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}`, user: 'us', password: new Secret('p:w') };
    expect((await fetchWith({ httpProxy })(`https://lake.test:${port}/`)).status).toBe(200);
    expect(proxy.targets).toEqual([`lake.test:${port}`]);
  });

  it('may speak TLS itself', async () => {
    const proxy = await startHttpProxy({ tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key } });
    const port = await farProvider();
    const httpProxy = { url: `https://localhost:${proxy.port}` };
    expect((await fetchWith({ httpProxy })(`https://lake.test:${port}/`)).status).toBe(200);
  });

  it('is taken from the environment when the settings name none', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const port = await farProvider();
    const environment = { HTTPS_PROXY: `http://us:p%3Aw@127.0.0.1:${proxy.port}` };
    expect((await fetchWith({}, { environment })(`https://lake.test:${port}/`)).status).toBe(200);
  });

  it('is left out for this machine', async () => {
    const port = await provider();
    const httpProxy = { url: 'http://127.0.0.1:1' };
    expect((await fetchWith({ httpProxy })(`https://localhost:${port}/`)).status).toBe(200);
  });

  it.each([
    {
      name: 'wants a sign-in',
      options: { authorization: BASIC },
      detail: 'It asks for a user name and password (407).',
    },
    { name: 'refuses', options: { status: 403 }, detail: 'It does not allow the connection (403).' },
    { name: 'cannot go on', options: { status: 502 }, detail: 'It could not reach the server behind it (502).' },
  ])('that $name is named', async ({ options, detail }) => {
    const proxy = await startHttpProxy(options);
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}` };
    expect(await failure(fetchWith({ httpProxy })('https://idp.test/'))).toMatchObject({
      code: 'proxy_unreachable',
      detail: `HTTP proxy 127.0.0.1:${proxy.port}: ${detail}`,
    });
  });

  it('that refuses the password is named, the password is not', async () => {
    const proxy = await startHttpProxy({ authorization: BASIC });
    const httpProxy = { url: `http://127.0.0.1:${proxy.port}`, user: 'us', password: new Secret('wrong-one') };
    const error = await failure(fetchWith({ httpProxy })('https://idp.test/'));
    expect(error.detail).toMatch(/It did not accept user name and password \(407\)\.$/);
    expect(JSON.stringify([error, error.message, String(error.cause)])).not.toMatch(/wrong-one|d3Jvbmct/);
  });

  it('that is not there is named', async () => {
    const port = await closedPort(createTcpServer());
    const error = await failure(fetchWith({ httpProxy: { url: `http://127.0.0.1:${port}` } })('https://idp.test/'));
    expect(error.detail).toBe(`HTTP proxy 127.0.0.1:${port}: Nothing listens at its address.`);
  });
});

it('goes through the SOCKS proxy', async () => {
  const proxy = await startSocksServer();
  const port = await farProvider();
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
