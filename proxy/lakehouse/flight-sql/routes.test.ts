/** Routes to a server: TLS settings, and Grafana's SOCKS proxy. */
import { createServer as createHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { AUTHORITY, CLIENT, LAKE_TEST, LOCALHOST, STRANGER } from '../../../tests/support/certificates';
import { Secret } from '../../observe/logging/secret';
import { type ServerRoute, type SocksProxy, type TlsSettings } from '../network/routes';
import { CONNECT_LIMIT_MS } from '../network/connect';
import { ServerAddresses } from '../network/server-addresses';
import { endLoopback, listen } from '../network/testing/loopback';
import { startSocksServer } from '../network/testing/socks-server';
import { conclude, SCHEMA_MESSAGE, startHttp2Server } from './testing/http2-test-server';
import { STEP_LIMIT_MS } from './connection-probe';
import { callWith, cleanUp, clientOf, collect, endAll, errorOf, headersOf } from './testing/test-client';

afterEach(() => {
  endAll();
  endLoopback();
});

const serve = (tls?: Parameters<typeof startHttp2Server>[1]) =>
  startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, { 'grpc-status': '0' }), tls);

const LAKE = { cert: LAKE_TEST.certificate, key: LAKE_TEST.key };
const VERIFIED: TlsSettings = { skipVerify: false, ca: AUTHORITY };

function query(port: number, server: Partial<ServerRoute>) {
  return clientOf(port, { server }).execute('SELECT 1', callWith());
}

it.each([
  { name: 'a certificate for the name in the settings', tls: { ...VERIFIED, serverName: 'lake.test' } },
  { name: 'any certificate if verification is off', tls: { skipVerify: true } },
])('accepts $name', async ({ tls }) => {
  const { port, calls } = await serve(LAKE);
  expect(headersOf(await collect(query(port, { tls })))).toEqual(['schema']);
  expect(calls[0]?.[':scheme']).toBe('https');
});

it('sends the server name in the settings as :authority', async () => {
  const { port, calls } = await serve(LAKE);
  await collect(query(port, { tls: { ...VERIFIED, serverName: 'lake.test' } }));
  expect(calls[0]?.[':authority']).toBe('lake.test');
});

it.each([
  { name: 'a certificate for another name', tls: { ...VERIFIED, serverName: 'other.test' } },
  {
    name: 'a certificate of another authority',
    tls: { skipVerify: false, ca: STRANGER.certificate, serverName: 'lake.test' },
  },
  { name: 'a certificate of an authority unknown to the system', tls: { skipVerify: false, serverName: 'lake.test' } },
])('rejects $name', async ({ tls }) => {
  const { port } = await serve(LAKE);
  expect((await errorOf(query(port, { tls }))).code).toBe('tls_untrusted');
  await expect(clientOf(port, { server: { tls } }).probe('tls', callWith().signal)).rejects.toMatchObject({
    code: 'tls_untrusted',
  });
});

describe('a server that requires a client certificate', () => {
  const ASKING = { cert: LOCALHOST.certificate, key: LOCALHOST.key, ca: AUTHORITY, requestCert: true };

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('gets the certificate with %s', async (maxVersion) => {
    const { port } = await serve({ ...ASKING, rejectUnauthorized: true, maxVersion });
    const tls = { ...VERIFIED, clientCertificate: CLIENT.certificate, clientKey: new Secret(CLIENT.key) };
    expect(headersOf(await collect(query(port, { tls })))).toEqual(['schema']);
    await clientOf(port, { server: { tls } }).probe('tls', callWith().signal);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'is reported with %s if no client certificate is configured',
    async (maxVersion) => {
      const { port } = await serve({ ...ASKING, rejectUnauthorized: true, maxVersion });
      expect((await errorOf(query(port, { tls: VERIFIED }))).code).toBe('tls_client_certificate');
      await expect(clientOf(port, { server: { tls: VERIFIED } }).probe('tls', callWith().signal)).rejects.toMatchObject(
        {
          code: 'tls_client_certificate',
        }
      );
    }
  );
});

/** A server that accepts connections and sends nothing. Time passes only in `advanceTimersByTime`. */
async function startHanging(): Promise<{ port: number; reached: Promise<void> }> {
  const { promise: reached, resolve } = Promise.withResolvers<void>();
  const port = await listen(createServer((socket) => void socket.once('data', () => resolve())));
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  cleanUp.push(() => void jest.useRealTimers());
  return { port, reached };
}

describe('a server that sends nothing', () => {
  it('is reported when the time limit of a connection has passed', async () => {
    const { port, reached } = await startHanging();
    const error = errorOf(query(port, {}));
    await reached;
    jest.advanceTimersByTime(CONNECT_LIMIT_MS);
    expect(await error).toMatchObject({
      code: 'connection_timeout',
      detail: `127.0.0.1:${port} accepts the connection, but sends nothing.`,
    });
  });

  it('is reported if the whole time limit of a query passed during the wait for the connection', async () => {
    const { port, reached } = await startHanging();
    const error = errorOf(clientOf(port).execute('SELECT 1', callWith({ timeoutMs: 1000 })));
    await reached;
    jest.advanceTimersByTime(1000);
    expect(await error).toMatchObject({
      code: 'connection_timeout',
      detail: `Address: 127.0.0.1:${port} (limit 1 s of the query).`,
    });
  });

  it('is not reported if most of the time limit had passed before the wait for the connection', async () => {
    const { port, reached } = await startHanging();
    const error = errorOf(clientOf(port).execute('SELECT 1', callWith({ timeoutMs: 300, limitMs: 60_000 })));
    await reached;
    jest.advanceTimersByTime(300);
    expect(await error).toMatchObject({
      code: 'query_timeout',
      detail: '(limit 60 s; the query waited for a connection to the server)',
    });
  });
});

describe('a server that responded to this process before, and now sends nothing', () => {
  /**
   * A server that responds on its first connection only, to a first data source. Time passes only in
   * `advanceTimersByTime`.
   */
  async function startStalling() {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    cleanUp.push(() => void jest.useRealTimers());
    const http2 = createHttp2();
    http2.on('session', (session) => session.on('error', () => undefined));
    http2.on('stream', (stream) => conclude(stream, SCHEMA_MESSAGE, { 'grpc-status': '0' }));
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    let connections = 0;
    const port = await listen(
      createServer((socket) => {
        connections += 1;
        return void (connections === 1 ? http2.emit('connection', socket) : socket.once('data', () => resolve()));
      })
    );
    const addresses = new ServerAddresses();
    await collect(clientOf(port, { addresses }).execute('SELECT 1', callWith()));
    jest.advanceTimersByTime(3000);
    return { client: clientOf(port, { addresses }), reached };
  }

  it.each([
    { name: 'a connection', timeoutMs: 20_000, passesMs: CONNECT_LIMIT_MS, ago: '13 s' },
    { name: 'a query', timeoutMs: 1000, passesMs: 1000, ago: '4 s' },
  ])('is reported with its last response when the time limit of $name has passed', async (limits) => {
    const { client, reached } = await startStalling();
    const error = errorOf(client.execute('SELECT 1', callWith({ timeoutMs: limits.timeoutMs })));
    await reached;
    jest.advanceTimersByTime(limits.passesMs);
    expect(await error).toMatchObject({
      code: 'server_silent',
      detail: `The last response of the server arrived ${limits.ago} ago.`,
    });
  });

  it('is reported with its last response by the probe of Save & test', async () => {
    const { client, reached } = await startStalling();
    const probed = client.probe('tls', callWith().signal).catch((reason: unknown) => reason);
    await reached;
    jest.advanceTimersByTime(STEP_LIMIT_MS);
    expect(await probed).toMatchObject({
      code: 'server_silent',
      detail: 'The last response of the server arrived 8 s ago.',
    });
  });
});

describe('over a SOCKS proxy', () => {
  const socksAt = (port: number, options: Partial<SocksProxy> = {}): SocksProxy => ({
    host: '127.0.0.1',
    port,
    serverName: 'lake.test',
    rootCas: [AUTHORITY],
    clientCertificate: CLIENT.certificate,
    clientKey: new Secret(CLIENT.key),
    isPlaintext: false,
    user: 'uid-1',
    password: new Secret('pw'),
    ...options,
  });
  const SECURE = {
    tls: { ...LAKE, ca: AUTHORITY, requestCert: true },
    user: { name: 'uid-1', password: 'pw' },
    joinsFirstBytes: true,
  };

  it('speaks HTTP/2 without TLS to the server', async () => {
    const proxy = await startSocksServer(SECURE);
    const { port } = await serve();
    const server = { host: 'lake.test', socks: socksAt(proxy.port) };
    expect(headersOf(await collect(query(port, server)))).toEqual(['schema']);
    await clientOf(port, { server }).probe('tls', callWith().signal);
    expect(proxy.targets).toEqual([`lake.test:${port}`, `lake.test:${port}`]);
  });

  it('speaks TLS to the server', async () => {
    const proxy = await startSocksServer({ ...SECURE, joinsFirstBytes: false });
    const { port } = await serve(LAKE);
    const server = { host: 'lake.test', tls: VERIFIED, socks: socksAt(proxy.port) };
    expect(headersOf(await collect(query(port, server)))).toEqual(['schema']);
    await clientOf(port, { server }).probe('tls', callWith().signal);
  });

  it.each([
    { name: 'TLS', options: {} },
    { name: 'SOCKS', options: { isPlaintext: true } },
  ])('reports a SOCKS proxy that does not respond to $name', async ({ options }) => {
    const hanging = await startHanging();
    const server = { host: 'lake.test', socks: socksAt(hanging.port, options) };
    const error = errorOf(query(1, server));
    await hanging.reached;
    jest.advanceTimersByTime(CONNECT_LIMIT_MS);
    expect(await error).toMatchObject({
      code: 'proxy_unreachable',
      detail: `SOCKS proxy 127.0.0.1:${hanging.port}: It does not respond.`,
    });
  });

  it('reports a SOCKS proxy that does not respond within the time limit of a query', async () => {
    const hanging = await startHanging();
    const server = { host: 'lake.test', socks: socksAt(hanging.port, { isPlaintext: true }) };
    const error = errorOf(clientOf(1, { server }).execute('SELECT 1', callWith({ timeoutMs: 1000 })));
    await hanging.reached;
    jest.advanceTimersByTime(1000);
    expect(await error).toMatchObject({
      code: 'proxy_unreachable',
      detail: `SOCKS proxy 127.0.0.1:${hanging.port}: The proxy does not respond (limit 1 s of the query).`,
    });
  });

  it('reports the server, not the SOCKS proxy, if the server behind the proxy sends nothing', async () => {
    const proxy = await startSocksServer();
    const hanging = await startHanging();
    const server = { host: 'lake.test', socks: socksAt(proxy.port, { isPlaintext: true, user: '' }) };
    const error = errorOf(clientOf(hanging.port, { server }).execute('SELECT 1', callWith({ timeoutMs: 1000 })));
    await hanging.reached;
    jest.advanceTimersByTime(1000);
    expect(await error).toMatchObject({
      code: 'connection_timeout',
      detail: `Address: lake.test:${hanging.port} (limit 1 s of the query).`,
    });
  });

  it('reports that the SOCKS proxy rejects the request', async () => {
    const proxy = await startSocksServer({ ...SECURE, reply: 2 });
    const server = { host: 'lake.test', socks: socksAt(proxy.port) };
    expect((await errorOf(query(1, server))).code).toBe('proxy_unreachable');
  });

  it('reports that the SOCKS proxy cannot reach the server', async () => {
    const proxy = await startSocksServer({ ...SECURE, reply: 5 });
    const server = { host: 'lake.test', socks: socksAt(proxy.port) };
    expect((await errorOf(query(1, server))).code).toBe('connection_refused');
  });
});
