/** Tests the errors of queries and of connection probes for each kind of server that may be at an address. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createTcpServer, type Server as NetServer } from 'node:net';
import { status as Status } from '@grpc/grpc-js';
import { ProxyError } from '../../base/errors/proxy-error';
import { startRelay } from '../../../tests/support/relay';
import { STEP_LIMIT_MS } from './connection-probe';
import { portOf } from './testing/flight-test-server';
import {
  callWith,
  cleanUp,
  clientOf,
  collect,
  endAll,
  errorOf,
  headersOf,
  serve,
  type TestClient,
} from './testing/test-client';
import { TEST_CERTIFICATE } from './testing/tls-fixture';

afterEach(endAll);

async function listen(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUp.push(() => server.close());
  return portOf(server.address());
}

async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function codes(client: TestClient): Promise<{ query: string; probe: string }> {
  const query = (await errorOf(client.execute('SELECT 1', callWith()))).code;
  const signal = new AbortController().signal;
  const probe = await client.probe('tls', signal).then(
    () => 'ok',
    (reason: unknown) => ProxyError.from(reason).code
  );
  return { query, probe };
}

const tls = { skipVerify: false, ca: TEST_CERTIFICATE };

it('reports a port that rejects connections', async () => {
  const port = await closedPort();
  expect(await codes(clientOf(port))).toEqual({ query: 'connection_refused', probe: 'connection_refused' });
  expect(await codes(clientOf(port, { server: { tls } }))).toEqual({
    query: 'connection_refused',
    probe: 'connection_refused',
  });
});

it('reports a host name that cannot be resolved', async () => {
  const client = clientOf(50051, { server: { host: 'no-such-host.invalid' } });
  expect(await codes(client)).toEqual({ query: 'address_unknown', probe: 'address_unknown' });
});

it('reports TLS where plaintext is configured', async () => {
  const { port } = await serve({ tls: true });
  expect(await codes(clientOf(port))).toEqual({ query: 'tls_expected', probe: 'tls_expected' });
});

it('reports plaintext where TLS is configured', async () => {
  const { port } = await serve();
  const client = clientOf(port, { server: { tls, host: 'localhost' } });
  expect(await codes(client)).toEqual({ query: 'tls_unexpected', probe: 'tls_unexpected' });
});

it('accepts TLS with a trusted certificate', async () => {
  const { port } = await serve({ tls: true });
  const client = clientOf(port, { server: { tls, host: 'localhost' } });
  expect(headersOf(await collect(client.execute('SELECT 1', callWith())))).toEqual(['schema']);
  await client.probe('tls', new AbortController().signal);
});

it('reports a self-signed certificate', async () => {
  const { port } = await serve({ tls: true });
  const client = clientOf(port, { server: { tls: { skipVerify: false }, host: 'localhost' } });
  expect(await codes(client)).toEqual({ query: 'tls_untrusted', probe: 'tls_untrusted' });
});

it('reports a certificate for another name', async () => {
  const { port } = await serve({ tls: true });
  const client = clientOf(port, { server: { tls } });
  expect(await codes(client)).toEqual({ query: 'tls_untrusted', probe: 'tls_untrusted' });
});

it('reports a web server with HTTP/1.1', async () => {
  const port = await listen(createHttpServer((_, response) => void response.end('hello')));
  expect(await codes(clientOf(port))).toEqual({ query: 'not_flight_sql', probe: 'not_flight_sql' });
});

it('reports a web server with HTTP/2', async () => {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.respond({ ':status': 404 });
    stream.end('not found');
  });
  const port = await listen(server);
  expect(await codes(clientOf(port))).toEqual({ query: 'not_flight_sql', probe: 'ok' });
});

it('reports a server that closes the connection immediately', async () => {
  const port = await listen(createTcpServer((socket) => socket.destroy()));
  expect(await codes(clientOf(port))).toEqual({ query: 'not_flight_sql', probe: 'not_flight_sql' });
});

it.each([
  { name: 'without TLS', server: undefined },
  { name: 'with TLS', server: { tls, host: 'localhost' } },
])('reports a server $name that has responded, and now closes new connections, as unavailable', async ({ server }) => {
  const { port } = await serve({ tls: server !== undefined });
  const relay = await startRelay(port);
  cleanUp.push(() => void relay.close());
  const client = clientOf(relay.port, { server });
  expect(headersOf(await collect(client.execute('SELECT 1', callWith())))).toEqual(['schema']);
  relay.lose();
  const unavailable = {
    code: 'server_unavailable',
    detail: expect.stringContaining('closes new connections without a response'),
  };
  await expect(client.probe('tls', new AbortController().signal)).rejects.toMatchObject(unavailable);
  expect(await errorOf(client.execute('SELECT 1', callWith()))).toMatchObject(unavailable);
});

it('reports a server that accepts the connection and sends nothing', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  cleanUp.push(() => void jest.useRealTimers());
  const preface = Promise.withResolvers<void>();
  const port = await listen(
    createTcpServer((socket) => {
      cleanUp.push(() => void socket.destroy());
      socket.once('data', () => preface.resolve());
    })
  );
  const rejected = expect(clientOf(port).probe('tls', new AbortController().signal)).rejects.toMatchObject({
    code: 'connection_timeout',
    detail: `127.0.0.1:${port} accepts the connection, but sends nothing.`,
  });
  await preface.promise;
  jest.advanceTimersByTime(STEP_LIMIT_MS);
  await rejected;
});

it('reports a gRPC server without Flight SQL', async () => {
  const server = await serve({ error: () => ({ code: Status.UNIMPLEMENTED, details: 'unknown service' }) });
  expect((await errorOf(clientOf(server.port).execute('SELECT 1', callWith()))).code).toBe('not_flight_sql');
});

it('checks only the address in the stage "address"', async () => {
  const { port } = await serve({ tls: true });
  await expect(clientOf(port).probe('address', new AbortController().signal)).resolves.toBeUndefined();
});
