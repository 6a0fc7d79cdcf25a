/** Direct connections, and connections through a SOCKS proxy on loopback. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { AUTHORITY, CLIENT, LAKE_TEST, STRANGER } from '../../../tests/support/certificates';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { dial, socksAddress } from './dial';
import { readBytes } from './read-bytes';
import { type SocksProxy } from './routes';
import { closedPort, endLoopback, listen } from './testing/loopback';
import { startSocksServer } from './testing/socks-server';

afterEach(endLoopback);

const never = new AbortController().signal;

/** A server that sends `hello` to each client, and then echoes what it receives. */
function greeter(): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.write('hello');
      socket.pipe(socket);
    })
  );
}

const TLS = { ca: AUTHORITY, cert: LAKE_TEST.certificate, key: LAKE_TEST.key, requestCert: true };

function proxyAt(port: number, options: Partial<SocksProxy> = {}): SocksProxy {
  return { host: '127.0.0.1', port, serverName: '', rootCas: [], isPlaintext: true, user: '', ...options };
}

function secureProxyAt(port: number, options: Partial<SocksProxy> = {}): SocksProxy {
  return proxyAt(port, {
    isPlaintext: false,
    serverName: 'lake.test',
    rootCas: [AUTHORITY],
    clientCertificate: CLIENT.certificate,
    clientKey: new Secret(CLIENT.key),
    ...options,
  });
}

async function talk(socks: SocksProxy | undefined, host: string, port: number): Promise<string> {
  const socket = await dial({ host, port, ...(socks !== undefined && { socks }) }, never);
  const greeting = await readBytes(socket, 5);
  socket.write('echo');
  const echo = await readBytes(socket, 4);
  socket.destroy();
  return `${greeting} ${echo}`;
}

async function failure(socks: SocksProxy, port = 1): Promise<ProxyError> {
  const reason: unknown = await dial({ host: 'lake.test', port, socks }, never).catch((error: unknown) => error);
  if (!(reason instanceof ProxyError)) {
    throw new Error(`Expected a ProxyError, got ${String(reason)}`);
  }
  return reason;
}

it('connects without a proxy', async () => {
  expect(await talk(undefined, '127.0.0.1', await greeter())).toBe('hello echo');
});

it('rejects a read from a connection that has already closed', async () => {
  const socket = await dial({ host: '127.0.0.1', port: await greeter() }, never);
  socket.destroy();
  await once(socket, 'close');
  await expect(readBytes(socket, 5)).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('rejects with ECONNREFUSED when nothing listens', async () => {
  const port = await closedPort(createServer());
  await expect(dial({ host: '127.0.0.1', port }, never)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

it('does not connect when the signal has aborted', async () => {
  const port = await greeter();
  await expect(dial({ host: '127.0.0.1', port }, AbortSignal.abort('left'))).rejects.toBe('left');
});

it('connects through a proxy, which resolves the name', async () => {
  const proxy = await startSocksServer();
  const port = await greeter();
  expect(await talk(proxyAt(proxy.port), 'lake.test', port)).toBe('hello echo');
  expect(await talk(proxyAt(proxy.port), '10.1.2.3', port)).toBe('hello echo');
  expect(proxy.targets).toEqual([`lake.test:${port}`, `10.1.2.3:${port}`]);
});

it('connects through TLS 1.3 with a client certificate, user and password', async () => {
  const user = { name: 'uid-1', password: 'pw' };
  const proxy = await startSocksServer({ tls: { ...TLS, minVersion: 'TLSv1.3' }, user });
  const socks = secureProxyAt(proxy.port, { user: 'uid-1', password: new Secret('pw') });
  expect(await talk(socks, 'lake.test', await greeter())).toBe('hello echo');
});

it('keeps bytes that arrive together with the reply of the proxy', async () => {
  const proxy = await startSocksServer({ joinsFirstBytes: true });
  expect(await talk(proxyAt(proxy.port), 'lake.test', await greeter())).toBe('hello echo');
});

it.each([
  { name: 'a wrong password', password: 'wrong', detail: 'It did not accept user name and password.' },
  { name: 'a missing user name', user: '', detail: 'It requires a user name, and the settings have none.' },
])('reports $name', async ({ user = 'uid-1', password = '', detail }) => {
  const proxy = await startSocksServer({ user: { name: 'uid-1', password: 'pw' } });
  const error = await failure(proxyAt(proxy.port, { user, password: new Secret(password) }));
  expect(error).toMatchObject({
    code: 'proxy_unreachable',
    detail: `SOCKS proxy 127.0.0.1:${proxy.port}: ${detail}`,
  });
});

it.each([
  [1, 'It failed to connect to the server.'],
  [2, 'Its rules do not allow connections to this server.'],
  [99, 'It responded to CONNECT with 99.'],
])('reports SOCKS reply %i as a failure of the proxy', async (reply, detail) => {
  const proxy = await startSocksServer({ reply });
  expect((await failure(proxyAt(proxy.port))).detail).toBe(`SOCKS proxy 127.0.0.1:${proxy.port}: ${detail}`);
});

it.each([
  [3, 'ENETUNREACH'],
  [4, 'EHOSTUNREACH'],
  [5, 'ECONNREFUSED'],
])('reports SOCKS reply %i as a failure of the server', async (reply, code) => {
  const { port } = await startSocksServer({ reply });
  await expect(dial({ host: 'lake.test', port: 1, socks: proxyAt(port) }, never)).rejects.toMatchObject({ code });
});

it('fails with the address of a proxy that does not listen', async () => {
  const port = await closedPort(createServer());
  expect((await failure(proxyAt(port))).detail).toBe(`SOCKS proxy 127.0.0.1:${port}: Nothing listens at its address.`);
});

it('fails when the peer does not speak SOCKS5', async () => {
  const port = await greeter();
  expect((await failure(proxyAt(port))).detail).toBe(`SOCKS proxy 127.0.0.1:${port}: It does not speak SOCKS5.`);
});

it.each([
  {
    name: 'a server name that is not in the certificate',
    options: { serverName: 'other.test' },
    detail: /other\.test/,
  },
  {
    name: 'a certificate authority that did not sign the certificate of the proxy',
    options: { rootCas: [STRANGER.certificate] },
    detail: /unable to verify|signed/,
  },
  {
    name: 'a client certificate that the proxy does not trust',
    options: { clientCertificate: STRANGER.certificate, clientKey: new Secret(STRANGER.key) },
    // Node's TLS server closes the connection without an alert.
    detail: /It closed the connection\.$/,
  },
])('does not connect with $name', async ({ options, detail }) => {
  const proxy = await startSocksServer({ tls: TLS });
  const error = await failure(secureProxyAt(proxy.port, options));
  expect(error.code).toBe('proxy_unreachable');
  expect(error.detail).toMatch(detail);
});

it('rejects when the signal aborts while the proxy does not respond', async () => {
  const server = createServer();
  const port = await listen(server);
  const controller = new AbortController();
  const dialled = dial({ host: 'lake.test', port: 1, socks: proxyAt(port) }, controller.signal);
  const [socket]: unknown[] = await once(server, 'connection');
  controller.abort('left');
  await expect(dialled).rejects.toBe('left');
  expect(socket).toBeDefined();
});

it.each([
  ['127.0.0.1', '017f000001'],
  ['::1', '0400000000000000000000000000000001'],
  ['2001:db8::ff00:42:8329', '0420010db8000000000000ff0000428329'],
  ['::ffff:10.0.0.1', '0400000000000000000000ffff0a000001'],
  ['fe80::1%eth0', '04fe800000000000000000000000000001'],
])('encodes %s for SOCKS', (address, hex) => {
  expect(socksAddress(address).toString('hex')).toBe(hex);
});
