import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../observe/logging/logger';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { checkSidecar } from './check-sidecar';
import { encodeEnum } from './encode-responses';
import { type GrpcMethod, unary } from './grpc-method';
import { GrpcServer } from './grpc-server';
import { processServices } from './plugin-services';
import { anyRequest } from './read-requests';
import { formatListenAddress, type ListenAddress } from './start-mode';

let closes: Array<() => unknown>;

beforeEach(() => {
  closes = [];
});

afterEach(async () => {
  for (const close of closes) {
    await close();
  }
});

async function grpcServer(
  methods: GrpcMethod[],
  at: { path: string } | { host: string; port: number }
): Promise<GrpcServer> {
  const logger = createLogger({ write: () => undefined });
  const server = new GrpcServer({ methods, memory: new MemoryBudget({ totalBytes: 2 ** 26 }), logger });
  await server.listen(at);
  closes.push(() => server.close(0));
  return server;
}

const sidecarServices = () => processServices({ onShutdown: () => undefined });

async function addressOf(server: Pick<Server, 'listen' | 'close' | 'address'>): Promise<ListenAddress> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closes.push(() => server.close());
  return { network: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A gRPC server that sends this body, with the status OK. */
function healthServer(body: Buffer) {
  return createHttp2Server().on('stream', (stream) => {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(body);
  });
}

it('accepts a sidecar at a unix socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-check-'));
  closes.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'p.sock');
  await grpcServer(sidecarServices(), { path });
  expect(await checkSidecar({ network: 'unix', path })).toBeUndefined();
});

it('checks the loopback address for a sidecar that listens at all addresses', async () => {
  const { port = 0 } = await grpcServer(sidecarServices(), { host: '127.0.0.1', port: 0 });
  expect(await checkSidecar({ network: 'tcp', host: '0.0.0.0', port })).toBeUndefined();
});

it('reports a socket that does not exist, and a file that is not a socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-check-'));
  closes.push(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'p.sock');
  expect(await checkSidecar({ network: 'unix', path })).toBe(
    `There is no socket ${path}. The sidecar does not run, or listens at another address.`
  );
  writeFileSync(path, '');
  expect(await checkSidecar({ network: 'unix', path })).toMatch(/^Nothing listens at .*p\.sock/);
});

it('reports an address at which nothing listens, and an unknown host name', async () => {
  const server = createServer();
  const address = await addressOf(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await checkSidecar(address)).toMatch(/^Nothing listens at 127\.0\.0\.1:\d+\./);
  expect(await checkSidecar({ network: 'tcp', host: 'no.invalid', port: 1 })).toMatch(
    /cannot be resolved: no\.invalid:1/
  );
});

it('reports that the sidecar did not respond within the time limit', async () => {
  const address = await addressOf(createServer((socket) => void socket.on('error', () => undefined).resume()));
  expect(await checkSidecar(address, 20)).toMatch(/did not respond within 0\.02 seconds/);
});

it.each([
  {
    name: 'an HTTP/1.1 server',
    start: () => addressOf(createHttpServer((_request, response) => void response.end('hello'))),
    problem: 'its response cannot be read',
  },
  {
    name: 'a server that closes the connection',
    start: () => addressOf(createServer((socket) => void socket.on('error', () => undefined).destroy())),
    problem: 'it closed the connection',
  },
  {
    name: 'a gRPC server whose message is malformed',
    start: () => addressOf(healthServer(Buffer.from([0, 0, 0, 0, 2, 0x08, 0x80]))),
    problem: 'its response cannot be read',
  },
])('rejects $name, which is not a sidecar', async ({ start, problem }) => {
  const address = await start();
  expect(await checkSidecar(address)).toBe(
    `What listens at ${formatListenAddress(address)} does not respond like a sidecar of the Micromegas data source: ${problem}.`
  );
});

it('rejects a gRPC server without the health service', async () => {
  const { port = 0 } = await grpcServer([], { host: '127.0.0.1', port: 0 });
  expect(await checkSidecar({ network: 'tcp', host: '127.0.0.1', port })).toMatch(
    /does not respond like a sidecar of the Micromegas data source: gRPC status 12\.$/
  );
});

it('does not show a status that is not a number', async () => {
  const server = createHttp2Server((_request, response) => {
    response.stream.respond({ 'grpc-status': '7\u001b[31mred' }, { endStream: true });
  });
  expect(await checkSidecar(await addressOf(server))).toMatch(
    /^What listens at \S+ does not respond like a sidecar of the Micromegas data source: it is no gRPC server\.$/
  );
});

it('reports a sidecar that is not ready', async () => {
  const notServing = unary('/grpc.health.v1.Health/Check', anyRequest('HealthCheckRequest'), () => encodeEnum(1, 2));
  const { port = 0 } = await grpcServer([notServing], { host: '127.0.0.1', port: 0 });
  expect(await checkSidecar({ network: 'tcp', host: '127.0.0.1', port })).toMatch(/not ready/);
});
