/** How connections and requests begin and end. */
import { connect } from 'node:net';
import { ByteSource } from './byte-source.ts';
import { afterwards, endLoopback } from './testing/loopback.ts';
import { Http2Connection } from './connection.ts';
import { ErrorCode, FrameType, MAX_WINDOW_BYTES, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { type Http2Stream } from './stream.ts';
import { NARROW, pattern, pinged, post, quiet, serve } from './testing/connections.ts';
import { ask, OK, pairOf, whole } from './testing/raw-pair.ts';
import { ACK, data, END_HEADERS, END_STREAM, goAway, headers, ping, RawPeer, settings } from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

it('tells whoever writes them of headers that are no bytes', async () => {
  const { client, server } = await pairOf();
  expect(() => client.connection.request(post('/', ['x-a', '\u20ac']), new StreamLog())).toThrow(RangeError);
  expect(client.connection.streamCount).toBe(0);
  const log = new StreamLog();
  const stream = client.connection.request(post(), log);
  expect(() => stream.end([['x-a', '\u20ac']])).toThrow(RangeError);
  stream.end();
  await server.find(({ streamId, flags }) => streamId === 1 && (flags & END_STREAM) !== 0);
  server.send(headers(1, OK, END_HEADERS | END_STREAM));
  expect(await log.closed).toBe(ErrorCode.NO_ERROR);
});

it('says that it leaves a table empty which the peer made smaller, if only for a moment', async () => {
  const { client, server } = await pairOf(settings([Setting.HEADER_TABLE_SIZE, 0], [Setting.HEADER_TABLE_SIZE, 4096]));
  ask(client);
  ask(client);
  expect((await server.ofType(FrameType.HEADERS, 1))?.payload[0]).toBe(0x20);
  expect((await server.ofType(FrameType.HEADERS, 3))?.payload[0]).not.toBe(0x20);
});

it('takes no answer for one to its ping that repeats something else', async () => {
  const { client, server } = await pairOf();
  const answers: string[] = [];
  client.connection.ping(() => answers.push('pong'));
  const { payload } = (await server.ofType(FrameType.PING)) ?? {};
  server.send(ping('pongpong', ACK));
  await server.isHeard('read all');
  expect(answers).toEqual([]);
  server.send(ping(String(payload), ACK));
  await server.isHeard('and that');
  expect(answers).toEqual(['pong']);
});

describe('a greeting that is there before the connection', () => {
  it('is heard by whoever makes it', async () => {
    const { port, peer } = await RawPeer.listen();
    const source = new ByteSource();
    const socket = connect({ port, host: '127.0.0.1', onread: source.onread });
    afterwards(() => socket.destroy());
    await peer;
    await quiet(() => socket.bytesRead);
    expect(socket.bytesRead).toBeGreaterThan(0);
    const { promise, resolve } = Promise.withResolvers<Http2Connection>();
    const connection: Http2Connection = new Http2Connection({
      socket,
      source,
      limits: NARROW,
      onGreeting: () => resolve(connection),
    });
    expect(await promise).toBe(connection);
  });
});

describe('good-bye of the server', () => {
  // As gRPC for Go and tonic say it: first that no more is taken, then what was.
  it('in two steps refuses only what it has not seen', async () => {
    const { client, server } = await pairOf();
    const calls = [ask(client), ask(client), ask(client)];
    server.send(goAway(MAX_WINDOW_BYTES, ErrorCode.NO_ERROR));
    await client.goAway;
    expect(client.connection.isUsable).toBe(false);
    expect(client.connection.streamCount).toBe(3);
    server.send(goAway(1, ErrorCode.NO_ERROR));
    expect(await calls[1].log.closed).toBe(ErrorCode.REFUSED_STREAM);
    expect(await calls[2].log.closed).toBe(ErrorCode.REFUSED_STREAM);
    server.send(headers(1, OK), data(1, 'late', END_STREAM));
    expect(await calls[0].log.closed).toBe(ErrorCode.NO_ERROR);
    expect(calls[0].log.body.toString()).toBe('late');
    expect(await client.closed).toBeUndefined();
  });

  it('refuses what waits, and what comes after', async () => {
    const { client, server } = await pairOf(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    ask(client);
    const waiting = ask(client);
    server.send(goAway(MAX_WINDOW_BYTES, ErrorCode.NO_ERROR));
    expect(await waiting.log.closed).toBe(ErrorCode.REFUSED_STREAM);
    const late = ask(client);
    expect(late.log.events).toEqual([]);
    expect(await late.log.closed).toBe(ErrorCode.REFUSED_STREAM);
    await server.isHeard();
    expect(server.frames.filter(({ type }) => type === FrameType.HEADERS)).toHaveLength(1);
  });
});

describe('our good-bye', () => {
  it('as client refuses what waits', async () => {
    const { client, server } = await pairOf(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    const running = ask(client);
    const waiting = ask(client);
    client.connection.close();
    expect(await waiting.log.closed).toBe(ErrorCode.REFUSED_STREAM);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    expect(await running.log.closed).toBe(ErrorCode.NO_ERROR);
    expect(await client.closed).toBeUndefined();
    await server.closed();
  });

  it('as server refuses what comes after', async () => {
    const streams: Http2Stream[] = [];
    const { port, sides } = await serve((stream) => {
      stream.events = new StreamLog();
      streams.push(stream);
    });
    const peer = await RawPeer.connect(port);
    peer.send(whole(1));
    await peer.isHeard();
    sides[0].connection.close();
    expect((await peer.ofType(FrameType.GOAWAY))?.payload.readUInt32BE(0)).toBe(1);
    peer.send(headers(3, post()), data(3, 'a'), headers(3, [['x-a', 'b']], END_HEADERS | END_STREAM));
    const refusal = await peer.ofType(FrameType.RST_STREAM);
    expect(refusal?.streamId).toBe(3);
    expect(refusal?.payload.readUInt32BE(0)).toBe(ErrorCode.REFUSED_STREAM);
    expect(await peer.isHeard('going on')).toBe(true);
    streams[0].sendHeaders(OK, true);
    expect(await sides[0].closed).toBeUndefined();
    await peer.closed();
    expect(streams).toHaveLength(1);
  });
});

describe('a request that waits', () => {
  it('begins when another ends, and never if it is reset', async () => {
    const { client, server } = await pairOf(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    const [first, second, third] = [ask(client), ask(client), ask(client)];
    second.stream.reset(ErrorCode.CANCEL);
    expect(second.log.code).toBe(ErrorCode.CANCEL);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    await first.log.closed;
    await server.ofType(FrameType.HEADERS, 3);
    server.send(headers(3, OK), data(3, 'third', END_STREAM));
    await third.log.closed;
    expect(third.log.body.toString()).toBe('third');
    expect(server.frames.filter(({ type }) => type === FrameType.RST_STREAM)).toEqual([]);
  });

  it('begins when the server takes more', async () => {
    const { client, server } = await pairOf(settings([Setting.MAX_CONCURRENT_STREAMS, 0]));
    const call = ask(client);
    const pong = pinged(client.connection);
    server.send(ping(String((await server.ofType(FrameType.PING))?.payload), ACK));
    await pong;
    expect(server.frames.some(({ type }) => type === FrameType.HEADERS)).toBe(false);
    server.send(settings([Setting.MAX_CONCURRENT_STREAMS, 1]));
    await server.ofType(FrameType.HEADERS, 1);
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    expect(await call.log.closed).toBe(ErrorCode.NO_ERROR);
  });
});

it('gives up the rest of a request whose answer is complete', async () => {
  const { client, server } = await pairOf();
  const log = new StreamLog();
  const stream = client.connection.request(post(), log);
  stream.write(pattern(100_000));
  await server.find(() => server.bytesOf(1) === 65_535);
  server.send(headers(1, OK, END_HEADERS | END_STREAM));
  expect(await log.closed).toBe(ErrorCode.NO_ERROR);
  expect(log.events).toEqual(['headers', 'end', 'close']);
  expect((await server.ofType(FrameType.RST_STREAM, 1))?.payload.readUInt32BE(0)).toBe(ErrorCode.NO_ERROR);
  stream.write(pattern(10));
  stream.end();
  await server.isHeard();
  expect(server.bytesOf(1)).toBe(65_535);
});

it('answers a complete request at once, without a reset', async () => {
  const log = new StreamLog();
  const { port } = await serve((stream) => {
    stream.events = log;
    stream.sendHeaders(OK, true);
  });
  const peer = await RawPeer.connect(port);
  peer.send(whole(1));
  await peer.isHeard();
  expect(peer.frames.filter(({ streamId }) => streamId === 1).map(({ type }) => type)).toEqual([FrameType.HEADERS]);
  expect(log.events).toEqual(['close']);
});

it('forgets old streams, and then takes what comes on them for late', async () => {
  const { port } = await serve((stream) => {
    stream.events = new StreamLog();
    stream.sendHeaders(OK, true);
  });
  const peer = await RawPeer.connect(port);
  peer.send(...Array.from({ length: 300 }, (_, index) => whole(1 + 2 * index)));
  expect(await peer.isHeard()).toBe(true);
  peer.send(data(1, 'late'));
  expect(await peer.isHeard('still on')).toBe(true);
  peer.send(data(599, 'late'));
  expect((await peer.ofType(FrameType.GOAWAY))?.payload.readUInt32BE(4)).toBe(ErrorCode.STREAM_CLOSED);
});

it('is a server only for those who speak HTTP/2, however slowly', async () => {
  const { port, sides } = await serve(() => undefined);
  const peer = await RawPeer.raw(port);
  for (const byte of PREFACE) {
    peer.send(Buffer.of(byte));
  }
  peer.send(settings());
  expect(await peer.isHeard()).toBe(true);
  expect(sides[0].connection.isAlive).toBe(true);
});

it('says why it closes a connection to a peer that goes on writing', async () => {
  const { port, sides } = await serve(() => undefined);
  const peer = await RawPeer.connect(port);
  await peer.isHeard();
  // More than the system takes at once: the peer still writes when the server has found the error.
  peer.socket.pause();
  peer.send(data(0, 'of no stream'), Buffer.alloc(8_000_000));
  await sides[0].closed;
  await quiet(() => peer.socket.bytesWritten + sides[0].socket.bytesRead);
  peer.socket.resume();
  await peer.closed();
  expect(peer.goAwayCode).toBe(ErrorCode.PROTOCOL_ERROR);
});
