/**
 * Servers that close a connection with GOAWAY: calls that the server did not process are repeated, and other calls fail
 * with the reason.
 */
import { createServer, type Socket } from 'node:net';
import { Http2ErrorCode, FrameType, PREFACE } from '@micromegas/http2';
import { data, END_HEADERS, END_STREAM, goAway, headers, RawPeer, settings } from '@micromegas/http2/testing';
import { endLoopback, listen } from '../network/testing/loopback';
import { SCHEMA_MESSAGE } from './testing/http2-test-server';
import { callWith, clientOf, collect, endAll, errorOf, headersOf } from './testing/test-client';

afterEach(() => {
  endAll();
  endLoopback();
});

const { ENHANCE_YOUR_CALM, NO_ERROR } = Http2ErrorCode;
const MAX_ID = 2 ** 31 - 1;

/** @param onConnection Called with each new connection and its number. The first connection has the number 1. */
async function rawServer(onConnection: (peer: RawPeer, number: number) => void | Promise<void>): Promise<number> {
  let count = 0;
  const server = createServer({ noDelay: true });
  server.on('connection', (socket: Socket) => void onConnection(new RawPeer(socket, PREFACE.length), ++count));
  return listen(server);
}

const RESPONSE_HEADERS = [
  [':status', '200'],
  ['content-type', 'application/grpc'],
] as const;

/** Responds to all requests with a schema. */
async function respond(peer: RawPeer): Promise<void> {
  peer.send(settings());
  for (let id = 1; ; id += 2) {
    if ((await peer.findType(FrameType.HEADERS, id)) === undefined) {
      return;
    }
    peer.send(
      headers(id, RESPONSE_HEADERS),
      data(id, SCHEMA_MESSAGE),
      headers(id, [['grpc-status', '0']], END_HEADERS | END_STREAM)
    );
  }
}

const run = (port: number) => clientOf(port).execute('SELECT 1', callWith());

it('repeats a call if the server closes the connection and has not processed the call', async () => {
  const port = await rawServer(async (peer, number) => {
    if (number > 1) {
      void respond(peer);
      return;
    }
    peer.send(settings());
    await peer.findType(FrameType.HEADERS, 1);
    peer.send(goAway(0, ENHANCE_YOUR_CALM));
    peer.socket.destroy();
  });
  expect(headersOf(await collect(run(port)))).toEqual(['schema']);
});

it.each([
  { name: 'a reason', code: ENHANCE_YOUR_CALM, detail: 'The server closed the connection with ENHANCE_YOUR_CALM.' },
  { name: 'an unknown error code', code: 77, detail: 'The server closed the connection with HTTP/2 code 77.' },
  { name: 'no reason', code: NO_ERROR, detail: undefined },
])('reports that the server closed the connection with $name', async ({ code, detail }) => {
  const port = await rawServer(async (peer) => {
    peer.send(settings());
    await peer.findType(FrameType.HEADERS, 1);
    peer.send(headers(1, RESPONSE_HEADERS), data(1, SCHEMA_MESSAGE), goAway(1, code));
    peer.socket.destroySoon();
  });
  expect(await errorOf(run(port))).toMatchObject({ code: 'connection_lost', detail });
});

it('reports the reason if the server closes each new connection with GOAWAY', async () => {
  let connections = 0;
  const port = await rawServer((peer) => {
    connections++;
    peer.send(settings(), goAway(0, ENHANCE_YOUR_CALM));
    peer.socket.destroySoon();
  });
  expect(await errorOf(run(port))).toMatchObject({
    code: 'server_unavailable',
    detail: 'The server closed the connection with ENHANCE_YOUR_CALM.',
  });
  expect(connections).toBeGreaterThanOrEqual(3);
});

it('reports the reason if the server sends GOAWAY before its settings', async () => {
  const port = await rawServer((peer) => {
    peer.send(goAway(0, ENHANCE_YOUR_CALM));
    peer.socket.destroySoon();
  });
  expect(await errorOf(run(port))).toMatchObject({
    code: 'server_unavailable',
    detail: 'The server closed the connection with ENHANCE_YOUR_CALM.',
  });
});

it('opens another connection if a GOAWAY arrives during connection setup', async () => {
  const port = await rawServer((peer, number) => {
    if (number > 1) {
      void respond(peer);
    } else {
      peer.send(settings(), goAway(MAX_ID, NO_ERROR));
    }
  });
  expect(headersOf(await collect(run(port)))).toEqual(['schema']);
});

it('reads a GOAWAY that arrived before a write failed', async () => {
  const first = Promise.withResolvers<RawPeer>();
  const port = await rawServer((peer, number) => {
    void respond(peer);
    if (number === 1) {
      first.resolve(peer);
    }
  });
  const client = clientOf(port);
  await collect(client.execute('SELECT 1', callWith()));
  const { socket } = await first.promise;
  // Client and server share one event loop, so the client writes before it has read the GOAWAY frame. The server leaves
  // bytes unread, so the system resets the connection, and the second write of the client fails.
  socket.pause();
  socket.write(goAway(1, ENHANCE_YOUR_CALM));
  socket.destroy();
  const results: Array<Promise<string[]>> = [];
  for (let call = 0; call < 3; call++) {
    results.push(collect(client.execute('SELECT 2', callWith())).then(headersOf));
    for (let tick = 0; tick < 20; tick++) {
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
  }
  expect(await Promise.all(results)).toEqual([['schema'], ['schema'], ['schema']]);
});
