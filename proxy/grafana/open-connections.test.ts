/** The plugin server with many peers, silent peers, and peers that cancel calls. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { Http2ErrorCode, PREFACE } from '@micromegas/http2';
import {
  data,
  END_STREAM,
  headers,
  ManualClock,
  ping,
  post,
  RawPeer,
  reset,
  settings,
} from '@micromegas/http2/testing';
import { PluginClient } from '../../demo/plugin-host/plugin-client';
import { FakeHandlers, fakeQuery } from '../../tests/fakes/fake-handlers';
import { QueryDataRequestSchema } from '../generated/pluginv2/backend_pb';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { createLogger } from '../observe/logging/logger';
import { afterwards, endLoopback } from '../lakehouse/network/testing/loopback';
import { GrpcServer } from './grpc-server';
import { MAX_CONNECTIONS } from './open-connections';
import { pluginServices, processServices } from './plugin-services';

let clock: ManualClock;
let handlers: FakeHandlers;
let server: GrpcServer;
let counts: number[];
let log: string[];
let port: number;

beforeEach(async () => {
  clock = new ManualClock();
  handlers = new FakeHandlers();
  counts = [];
  log = [];
  server = new GrpcServer({
    methods: [...pluginServices(handlers), ...processServices({ onShutdown: () => undefined })],
    logger: createLogger({ write: (line) => log.push(line) }),
    memory: new MemoryBudget({ totalBytes: 2 ** 30 }),
    onConnections: (count) => counts.push(count),
    clock,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  port = server.port ?? 0;
});

afterEach(async () => {
  endLoopback();
  await server.close(0);
});

/** A connection that sends these bytes and then nothing. */
async function silent(...sent: Uint8Array[]): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  afterwards(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  sent.forEach((bytes) => socket.write(bytes));
  socket.resume();
  return socket;
}

function grafana(): PluginClient {
  const client = new PluginClient(`127.0.0.1:${port}`);
  afterwards(() => client.close());
  return client;
}

it.each([
  { name: 'nothing', sent: [] },
  { name: 'only an incomplete preface', sent: [PREFACE.subarray(0, 10)] },
  { name: 'only a preface without settings', sent: [PREFACE] },
  { name: 'only a preface with incomplete settings', sent: [PREFACE, settings().subarray(0, 5)] },
])('closes a connection after ten seconds if it has sent $name', async ({ sent }) => {
  const socket = await silent(...sent);
  const other = await RawPeer.connect(port);
  await other.roundTrip();
  clock.advance(9000);
  expect(await other.roundTrip('still on')).toBe(true);
  expect(socket.readyState).toBe('open');
  clock.advance(1000);
  await once(socket, 'close');
  expect(await other.roundTrip('no match')).toBe(true);
});

it('counts only connections that have sent the preface', async () => {
  const socket = await silent();
  const peer = await RawPeer.connect(port);
  await peer.roundTrip();
  socket.destroy();
  peer.socket.destroy();
  const last = await RawPeer.connect(port);
  await last.roundTrip();
  expect(counts.filter((count) => count > 1)).toEqual([]);
  expect(counts[0]).toBe(1);
  expect(counts.at(-1)).toBe(1);
});

it('serves a new peer while the maximum number of connections is open and silent', async () => {
  const enough = Promise.withResolvers<void>();
  let closedCount = 0;
  for (let count = 0; count < 2000; count++) {
    const socket = await silent();
    socket.once('close', () => ++closedCount === 2000 - MAX_CONNECTIONS + 1 && enough.resolve());
  }
  const client = grafana();
  expect((await client.queryData({ queries: [fakeQuery('A', { pieces: 1 })] })).responses.A.status).toBe(200);
  await enough.promise;
});

const GRPC = ['content-type', 'application/grpc'] as const;

/** Opens the maximum number of connections. The first one is idle for the longest time. */
async function connectAll(): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  while (peers.length < MAX_CONNECTIONS) {
    const peer = await RawPeer.connect(port);
    await peer.roundTrip();
    peers.push(peer);
  }
  return peers;
}

async function check(peer: RawPeer): Promise<boolean> {
  peer.send(headers(1, post('/grpc.health.v1.Health/Check', GRPC)), data(1, Buffer.alloc(5), END_STREAM));
  return (await peer.findType(0, 1)) !== undefined;
}

it('replaces the connection that is idle for the longest time, and keeps connections with calls', async () => {
  const peers = await connectAll();
  const [endless, checked, first, second] = peers;
  endless.send(headers(1, post('/plugin.GRPCStdio/StreamStdio', GRPC)), data(1, Buffer.alloc(5), END_STREAM));
  await endless.findType(1, 1);
  expect(await check(checked)).toBe(true);
  for (const replaced of [first, second]) {
    const next = await RawPeer.connect(port);
    await replaced.closed();
    expect(await check(next)).toBe(true);
  }
  const kept = peers.filter((peer) => peer !== first && peer !== second);
  expect(await Promise.all(kept.map((peer) => peer.roundTrip('still on')))).not.toContain(false);
  expect(log.join('\n')).toContain('it was idle for the longest time');
});

it('rejects new connections at the limit while each connection has a call, and keeps the existing ones', async () => {
  const peers = await connectAll();
  const request = headers(1, post('/pluginv2.Data/QueryData', GRPC));
  peers.forEach((peer) => peer.send(request));
  await Promise.all(peers.map((peer) => peer.roundTrip()));
  const late = await RawPeer.open(port);
  await late.closed();
  expect(await Promise.all(peers.map((peer) => peer.roundTrip('still on')))).not.toContain(false);
  expect(log.join('\n')).toContain('Connection rejected: too many are open');
  peers[0].socket.destroy();
  await peers[0].closed();
  await peers[1].roundTrip('turn two');
  const next = await RawPeer.connect(port);
  expect(await next.roundTrip()).toBe(true);
});

it('closes a TCP connection if its peer does not respond to keepalive, and keeps a connection if its peer responds', async () => {
  const gone = await silent(PREFACE, settings());
  const peer = await RawPeer.connect(port);
  await peer.roundTrip();
  clock.advance(60_000);
  const question = await peer.find(({ type, flags }) => type === 6 && flags === 0);
  peer.send(ping(String(question?.payload), 1));
  await peer.roundTrip('response');
  clock.advance(20_000);
  await once(gone, 'close');
  expect(await peer.roundTrip('still on')).toBe(true);
});

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

it('serves other calls while 1,000 queries a second are cancelled on one connection for 20 seconds', async () => {
  const message = toBinary(
    QueryDataRequestSchema,
    create(QueryDataRequestSchema, { queries: [fakeQuery('A', { hang: true })] })
  );
  const body = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  const request = post('/pluginv2.Data/QueryData', ['content-type', 'application/grpc'], ['te', 'trailers']);
  const check = post('/grpc.health.v1.Health/Check', ['content-type', 'application/grpc']);
  const peer = await RawPeer.connect(port);
  let id = 1;
  const times: number[] = [];
  for (let second = 0; second < 20; second++, clock.advance(1000)) {
    for (let part = 0; part < 10; part++) {
      const frames: Uint8Array[] = [];
      for (let count = 0; count < 100; count++, id += 2) {
        frames.push(headers(id, request), data(id, body, END_STREAM), reset(id, Http2ErrorCode.CANCEL));
      }
      const startedMs = performance.now();
      peer.send(...frames, headers(id, check), data(id, Buffer.from([0, 0, 0, 0, 0]), END_STREAM));
      expect((await peer.findType(0, id))?.payload.length).toBeGreaterThan(0);
      times.push(performance.now() - startedMs);
      peer.frames.splice(0);
      id += 2;
    }
  }
  expect(peer.goAwayCode).toBeUndefined();
  // Regression test: in an earlier version, each call waited longer than the previous call.
  expect(median(times.slice(-50)) / median(times.slice(0, 50))).toBeLessThan(4);
  expect(log.filter((line) => line.includes('flood'))).toEqual([]);
}, 120_000);

it('closes a connection on which queries are cancelled faster than the limit, and logs the reason once', async () => {
  const peer = await RawPeer.connect(port);
  const request = post('/pluginv2.Data/QueryData', ['content-type', 'application/grpc']);
  for (let id = 1; peer.goAwayCode === undefined && id < 100_000;) {
    const frames: Uint8Array[] = [];
    for (let count = 0; count < 500; count++, id += 2) {
      frames.push(headers(id, request), reset(id, Http2ErrorCode.CANCEL));
    }
    peer.send(...frames);
    await peer.roundTrip(`p${String(id).padStart(7, '0')}`);
  }
  await peer.closed();
  expect(peer.goAwayCode).toBe(Http2ErrorCode.ENHANCE_YOUR_CALM);
  const lines = log.map((line) => JSON.parse(line)).filter((line) => line.flood !== undefined);
  expect(lines).toEqual([expect.objectContaining({ '@level': 'warn', flood: 'resets' })]);
});
