/** Tests how connections and requests start and end. */
import { connect } from 'node:net';
import { ByteSource } from './byte-source.ts';
import { afterwards, endLoopback } from './testing/loopback.ts';
import { Http2Connection } from './connection.ts';
import { Http2ErrorCode, FrameType, MAX_STREAM_ID, MAX_WINDOW_BYTES, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { type Http2Stream } from './stream.ts';
import { SMALL_WINDOWS, pattern, pinged, idle, serve } from './testing/connections.ts';
import { sendRequest, OK, connectPair, requestFrame } from './testing/pair.ts';
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  goAway,
  headers,
  ping,
  post,
  RawPeer,
  settings,
} from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

it('throws a RangeError for header values that are not Latin-1', async () => {
  const { client, server } = await connectPair();
  expect(() => client.connection.request(post('/', ['x-a', '\u20ac']), new StreamLog())).toThrow(RangeError);
  expect(client.connection.streamCount).toBe(0);
  const log = new StreamLog();
  const stream = client.connection.request(post(), log);
  expect(() => stream.end([['x-a', '\u20ac']])).toThrow(RangeError);
  stream.end();
  await server.find(({ streamId, flags }) => streamId === 1 && (flags & END_STREAM) !== 0);
  server.send(headers(1, OK, END_HEADERS | END_STREAM));
  expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
});

it('sends a table size update after the peer has reduced its header table, even if the peer has enlarged it again', async () => {
  const { client, server } = await connectPair(
    settings([Setting.HEADER_TABLE_SIZE, 0], [Setting.HEADER_TABLE_SIZE, 4096])
  );
  sendRequest(client);
  sendRequest(client);
  expect((await server.findType(FrameType.HEADERS, 1))?.payload[0]).toBe(0x20);
  expect((await server.findType(FrameType.HEADERS, 3))?.payload[0]).not.toBe(0x20);
});

it('ignores a PING acknowledgement with other content', async () => {
  const { client, server } = await connectPair();
  const responses: string[] = [];
  client.connection.ping(() => responses.push('pong'));
  const { payload } = (await server.findType(FrameType.PING)) ?? {};
  server.send(ping('pongpong', ACK));
  await server.roundTrip('read all');
  expect(responses).toEqual([]);
  server.send(ping(String(payload), ACK));
  await server.roundTrip('and that');
  expect(responses).toEqual(['pong']);
});

describe('settings that arrive before the connection object exists', () => {
  it('call onReady', async () => {
    const { port, peer } = await RawPeer.listen();
    const source = new ByteSource();
    const socket = connect({ port, host: '127.0.0.1', onread: source.onread });
    afterwards(() => socket.destroy());
    await peer;
    await idle(() => socket.bytesRead);
    expect(socket.bytesRead).toBeGreaterThan(0);
    const { promise, resolve } = Promise.withResolvers<Http2Connection>();
    const connection: Http2Connection = new Http2Connection({
      socket,
      source,
      limits: SMALL_WINDOWS,
      onReady: () => resolve(connection),
    });
    expect(await promise).toBe(connection);
  });
});

describe('GOAWAY from the server', () => {
  // gRPC for Go and tonic send two GOAWAY frames: the first announces the end, and the second names the last processed
  // request.
  it('rejects only the requests that the server has not processed', async () => {
    const { client, server } = await connectPair();
    const calls = [sendRequest(client), sendRequest(client), sendRequest(client)];
    server.send(goAway(MAX_WINDOW_BYTES, Http2ErrorCode.NO_ERROR));
    await client.goAway;
    expect(client.connection.isUsable).toBe(false);
    expect(client.connection.streamCount).toBe(3);
    server.send(goAway(1, Http2ErrorCode.NO_ERROR));
    expect(await calls[1].log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    expect(await calls[2].log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    server.send(headers(1, OK), data(1, 'late', END_STREAM));
    expect(await calls[0].log.closed).toBe(Http2ErrorCode.NO_ERROR);
    expect(calls[0].log.body.toString()).toBe('late');
    expect(await client.closed).toBeUndefined();
  });

  it('rejects waiting requests and later requests', async () => {
    const { client, server } = await connectPair(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    sendRequest(client);
    const waiting = sendRequest(client);
    server.send(goAway(MAX_WINDOW_BYTES, Http2ErrorCode.NO_ERROR));
    expect(await waiting.log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    const late = sendRequest(client);
    expect(late.log.events).toEqual([]);
    expect(await late.log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    await server.roundTrip();
    expect(server.frames.filter(({ type }) => type === FrameType.HEADERS)).toHaveLength(1);
  });
});

/** A server, the requests that have arrived, and a peer whose request 1 has arrived. */
async function serveRequest() {
  const streams: Http2Stream[] = [];
  const { port, sides } = await serve((stream) => {
    stream.events = new StreamLog();
    streams.push(stream);
  });
  const peer = await RawPeer.connect(port);
  peer.send(requestFrame(1));
  await peer.roundTrip();
  return { streams, peer, side: sides[0] };
}

describe('close()', () => {
  it('rejects waiting requests of a client', async () => {
    const { client, server } = await connectPair(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    const running = sendRequest(client);
    const waiting = sendRequest(client);
    client.connection.close();
    expect(await waiting.log.closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    expect(await running.log.closed).toBe(Http2ErrorCode.NO_ERROR);
    expect(await client.closed).toBeUndefined();
    await server.closed();
  });

  it('rejects later requests on a server', async () => {
    const { streams, peer, side } = await serveRequest();
    side.connection.close();
    expect((await peer.findType(FrameType.GOAWAY))?.payload.readUInt32BE(0)).toBe(1);
    peer.send(headers(3, post()), data(3, 'a'), headers(3, [['x-a', 'b']], END_HEADERS | END_STREAM));
    const reply = await peer.findType(FrameType.RST_STREAM);
    expect(reply?.streamId).toBe(3);
    expect(reply?.payload.readUInt32BE(0)).toBe(Http2ErrorCode.REFUSED_STREAM);
    expect(await peer.roundTrip('stays on')).toBe(true);
    streams[0].sendHeaders(OK, true);
    expect(await side.closed).toBeUndefined();
    await peer.closed();
    expect(streams).toHaveLength(1);
  });
});

describe('drain()', () => {
  it('serves the requests that the client sent before it knew, and then closes', async () => {
    const { streams, peer, side } = await serveRequest();
    const drained = side.connection.drain();
    expect((await peer.findType(FrameType.GOAWAY))?.payload.readUInt32BE(0)).toBe(MAX_STREAM_ID);
    const { payload } = (await peer.find(({ type, flags }) => type === FrameType.PING && (flags & ACK) === 0)) ?? {};
    peer.send(requestFrame(3), ping(String(payload), ACK));
    await drained;
    expect(streams.map(({ id }) => id)).toEqual([1, 3]);
    const last = await peer.find((frame) => frame.type === FrameType.GOAWAY && frame.payload.readUInt32BE(0) === 3);
    expect(last?.payload.readUInt32BE(4)).toBe(Http2ErrorCode.NO_ERROR);
    streams.forEach((stream) => stream.sendHeaders(OK, true));
    expect(await side.closed).toBeUndefined();
    await peer.closed();
  });

  it('resolves when the connection ends before the client acknowledges', async () => {
    const { port, sides } = await serve(() => undefined);
    const peer = await RawPeer.connect(port);
    await peer.roundTrip();
    const drained = sides[0].connection.drain();
    peer.socket.destroy();
    await drained;
    expect(sides[0].connection.isAlive).toBe(false);
  });
});

describe('a waiting request', () => {
  it('is sent when another request ends, and is never sent if the caller has reset it', async () => {
    const { client, server } = await connectPair(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    const [first, second, third] = [sendRequest(client), sendRequest(client), sendRequest(client)];
    second.stream.reset(Http2ErrorCode.CANCEL);
    expect(second.log.code).toBe(Http2ErrorCode.CANCEL);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    await first.log.closed;
    await server.findType(FrameType.HEADERS, 3);
    server.send(headers(3, OK), data(3, 'third', END_STREAM));
    await third.log.closed;
    expect(third.log.body.toString()).toBe('third');
    expect(server.frames.filter(({ type }) => type === FrameType.RST_STREAM)).toEqual([]);
  });

  it('is sent when the server raises its limit', async () => {
    const { client, server } = await connectPair(settings([Setting.MAX_CONCURRENT_STREAMS, 0]));
    const call = sendRequest(client);
    const pong = pinged(client.connection);
    server.send(ping(String((await server.findType(FrameType.PING))?.payload), ACK));
    await pong;
    expect(server.frames.some(({ type }) => type === FrameType.HEADERS)).toBe(false);
    server.send(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    await server.findType(FrameType.HEADERS, 1);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    expect(await call.log.closed).toBe(Http2ErrorCode.NO_ERROR);
  });
});

it('drops the rest of a request when the response is complete', async () => {
  const { client, server } = await connectPair();
  const log = new StreamLog();
  const stream = client.connection.request(post(), log);
  stream.write(pattern(100_000));
  await server.find(() => server.dataBytes(1) === 65_535);
  server.send(headers(1, OK, END_HEADERS | END_STREAM));
  expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
  expect(log.events).toEqual(['headers', 'end', 'close']);
  expect((await server.findType(FrameType.RST_STREAM, 1))?.payload.readUInt32BE(0)).toBe(Http2ErrorCode.NO_ERROR);
  stream.write(pattern(10));
  stream.end();
  await server.roundTrip();
  expect(server.dataBytes(1)).toBe(65_535);
});

it('sends no reset after the response to a complete request', async () => {
  const log = new StreamLog();
  const { port } = await serve((stream) => {
    stream.events = log;
    stream.sendHeaders(OK, true);
  });
  const peer = await RawPeer.connect(port);
  peer.send(requestFrame(1));
  await peer.roundTrip();
  expect(peer.frames.filter(({ streamId }) => streamId === 1).map(({ type }) => type)).toEqual([FrameType.HEADERS]);
  expect(log.events).toEqual(['close']);
});

it('ignores DATA for a closed stream that the connection has forgotten, and rejects DATA for a recently closed stream', async () => {
  const { port } = await serve((stream) => {
    stream.events = new StreamLog();
    stream.sendHeaders(OK, true);
  });
  const peer = await RawPeer.connect(port);
  peer.send(...Array.from({ length: 300 }, (_, index) => requestFrame(1 + 2 * index)));
  expect(await peer.roundTrip()).toBe(true);
  peer.send(data(1, 'late'));
  expect(await peer.roundTrip('still on')).toBe(true);
  peer.send(data(599, 'late'));
  expect((await peer.findType(FrameType.GOAWAY))?.payload.readUInt32BE(4)).toBe(Http2ErrorCode.STREAM_CLOSED);
});

it('accepts a preface that is sent byte by byte', async () => {
  const { port, sides } = await serve(() => undefined);
  const peer = await RawPeer.open(port);
  for (const byte of PREFACE) {
    peer.send(Buffer.of(byte));
  }
  peer.send(settings());
  expect(await peer.roundTrip()).toBe(true);
  expect(sides[0].connection.isAlive).toBe(true);
});

it('delivers GOAWAY to a peer that is still writing', async () => {
  const { port, sides } = await serve(() => undefined);
  const peer = await RawPeer.connect(port);
  await peer.roundTrip();
  // More bytes than the system buffers: the peer is still writing when the server finds the error.
  peer.socket.pause();
  peer.send(data(0, 'no stream'), Buffer.alloc(8_000_000));
  await sides[0].closed;
  await idle(() => peer.socket.bytesWritten + sides[0].socket.bytesRead);
  peer.socket.resume();
  await peer.closed();
  expect(peer.goAwayCode).toBe(Http2ErrorCode.PROTOCOL_ERROR);
});
