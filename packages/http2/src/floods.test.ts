/**
 * A peer that sends many frames without content receives ENHANCE_YOUR_CALM, and its connection is closed. A peer that
 * sends them at a realistic rate keeps its connection.
 */
import { endLoopback } from './testing/loopback.ts';
import { type Clock } from './options.ts';
import { type Http2Stream } from './stream.ts';
import { Http2ErrorCode, FrameType, PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { SMALL_WINDOWS, serve, LARGE_WINDOWS } from './testing/connections.ts';
import { sendRequest, OK, connectPair, requestFrame } from './testing/pair.ts';
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  goAway,
  headers,
  PADDED,
  ping,
  post,
  RawPeer,
  reset,
  settings,
  uint32,
  windowUpdate,
} from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

const FLOOD = 100_000;
/** Rounds per write. After each write, the test sends a PING, and waits until the other side has read these rounds. */
const BATCH = 500;

interface Flood {
  name: string;
  /** Frames that are sent once, before the rounds. */
  first?: Uint8Array[];
  /** The frames of one round. @param round Counts from 0. */
  frames: (round: number) => Uint8Array[];
}

/** @returns The code of the GOAWAY frame that `peer` receives; undefined if the other side accepts the whole flood. */
async function flood(peer: RawPeer, { first = [], frames }: Flood): Promise<number | undefined> {
  peer.send(...first);
  for (let sent = 0; sent < FLOOD; sent += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, index) => Buffer.concat(frames(sent + index)));
    peer.send(...batch);
    if (!(await peer.roundTrip(`p${String(sent).padStart(7, '0')}`))) {
      break;
    }
    peer.frames.splice(0, peer.frames.length);
  }
  return peer.goAwayCode;
}

const bothSides: Flood[] = [
  { name: 'PING', frames: () => [ping()] },
  { name: 'PING acknowledgements', frames: () => [ping('pongpong', ACK)] },
  { name: 'SETTINGS', frames: () => [settings()] },
  {
    name: 'SETTINGS that change the windows',
    frames: (n) => [settings([Setting.INITIAL_WINDOW_SIZE, 1000 + (n % 2)])],
  },
  { name: 'SETTINGS acknowledgements', frames: () => [frame(FrameType.SETTINGS, ACK, 0)] },
  { name: 'PRIORITY', frames: () => [frame(FrameType.PRIORITY, 0, 1, 'abcde')] },
  { name: 'unknown frames', frames: () => [frame(99, 0, 0)] },
  { name: 'WINDOW_UPDATE on the connection', frames: () => [windowUpdate(0, 1)] },
  { name: 'WINDOW_UPDATE on a stream', first: [], frames: () => [windowUpdate(1, 1)] },
  { name: 'empty DATA', frames: () => [data(1, '')] },
  { name: 'DATA of one byte', frames: () => [data(1, 'a')] },
  { name: 'DATA with padding only', frames: () => [data(1, '\x03\0\0\0', PADDED)] },
];

describe('a server closes the connection after a flood of', () => {
  const request = headers(1, post());
  const serverOnly: Flood[] = [
    {
      name: 'requests that are reset immediately',
      frames: (n) => [requestFrame(3 + 2 * n), reset(3 + 2 * n, Http2ErrorCode.CANCEL)],
    },
    {
      name: 'requests with a stream error (MadeYouReset)',
      frames: (n) => [requestFrame(3 + 2 * n), windowUpdate(3 + 2 * n, 0)],
    },
    {
      name: 'malformed requests',
      frames: (n) => [headers(3 + 2 * n, [[':method', 'POST']], END_HEADERS | END_STREAM)],
    },
    { name: 'requests above the limit', frames: (n) => [headers(3 + 2 * n, post())] },
    { name: 'RST_STREAM on a closed stream', first: [reset(1, 8)], frames: () => [reset(1, 8)] },
    { name: 'DATA after RST_STREAM', first: [reset(1, 8)], frames: () => [data(1, 'a')] },
    { name: 'trailers on a closed stream', first: [reset(1, 8)], frames: () => [requestFrame(1)] },
    // The second HEADERS frame violates the protocol, because the header block of the first one is not complete.
    { name: 'HEADERS without END_HEADERS', frames: (n) => [headers(3 + 2 * n, post(), 0), frame(9, 0, 3 + 2 * n)] },
  ];

  it.each([...bothSides, ...serverOnly])('$name', async ({ first = [], ...rest }) => {
    const { port, sides } = await serve((stream) => void (stream.events = new StreamLog()));
    const peer = await RawPeer.open(port);
    const code = await flood(peer, { ...rest, first: [PREFACE, settings(), request, ...first] });
    expect(code).toBe(
      rest.name.includes('END_HEADERS') ? Http2ErrorCode.PROTOCOL_ERROR : Http2ErrorCode.ENHANCE_YOUR_CALM
    );
    await peer.closed();
    expect(await sides[0].closed).toMatchObject({ code });
  });

  it('DATA beyond the window of a stream that the server has reset', async () => {
    const { port } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.reset(Http2ErrorCode.CANCEL);
    }, LARGE_WINDOWS);
    const peer = await RawPeer.connect(port);
    const part = Buffer.alloc(16_384);
    peer.send(headers(1, post()));
    for (let sent = 0; sent < 4 * LARGE_WINDOWS.streamWindowBytes; sent += 32 * part.length) {
      peer.send(...Array.from({ length: 32 }, () => data(1, part)));
      if (!(await peer.roundTrip(String(sent).padStart(8, '0')))) {
        break;
      }
    }
    expect(peer.goAwayCode).toBe(Http2ErrorCode.ENHANCE_YOUR_CALM);
  });
});

describe('a client closes the connection after a flood of', () => {
  const clientOnly: Flood[] = [
    { name: 'GOAWAY', frames: () => [goAway(2 ** 31 - 1, 0)] },
    { name: 'interim responses', frames: () => [headers(3, [[':status', '103']])] },
    { name: 'trailers on a closed stream', first: [reset(3, 8)], frames: () => [headers(3, OK)] },
  ];

  it.each([...bothSides, ...clientOnly])('$name', async (attack) => {
    const { client, server } = await connectPair();
    sendRequest(client);
    sendRequest(client);
    await server.findType(FrameType.HEADERS, 3);
    const code = await flood(server, { ...attack, first: [headers(1, OK), ...(attack.first ?? [])] });
    expect(code).toBe(Http2ErrorCode.ENHANCE_YOUR_CALM);
    await server.closed();
    expect(await client.closed).toMatchObject({ code: Http2ErrorCode.ENHANCE_YOUR_CALM });
  });
});

it('closes the connection after a header block of too many frames', async () => {
  const { port } = await serve(() => undefined);
  const peer = await RawPeer.connect(port);
  peer.send(headers(1, post(), 0), ...Array.from({ length: 100 }, () => frame(FrameType.CONTINUATION, 0, 1)));
  await peer.closed();
  expect(peer.goAwayCode).toBe(Http2ErrorCode.ENHANCE_YOUR_CALM);
});

it('closes a connection whose peer does not read the replies to its control frames', async () => {
  const { port, sides } = await serve(() => undefined);
  const peer = await RawPeer.connect(port);
  await peer.roundTrip();
  peer.socket.pause();
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping()));
  const gone = sides[0].closed;
  let isOver = false;
  void gone.then(() => (isOver = true));
  for (let sent = 0; sent < 1000 && !isOver; sent++) {
    await new Promise((resolve) => peer.socket.write(pings, resolve));
  }
  expect(await gone).toMatchObject({ code: Http2ErrorCode.ENHANCE_YOUR_CALM });
});

it('closes the streams of a connection that is closed after a flood', async () => {
  const logs: StreamLog[] = [];
  const { port } = await serve((stream) => {
    const log = new StreamLog();
    logs.push(log);
    stream.events = log;
  });
  const peer = await RawPeer.connect(port);
  await flood(peer, { name: '', first: [headers(1, post())], frames: () => [ping()] });
  expect(await logs[0].closed).toBeUndefined();
});

describe('a busy peer', () => {
  it('may cancel 1,000 requests a second for a minute', async () => {
    let nowMs = 0;
    const clock: Clock = { nowMs: () => nowMs, after: () => () => undefined };
    const { port, sides } = await serve((stream) => void (stream.events = new StreamLog()), SMALL_WINDOWS, clock);
    const peer = await RawPeer.connect(port);
    for (let second = 0, id = 1; second < 60; second++, nowMs += 1000) {
      const frames: Uint8Array[] = [];
      for (let count = 0; count < 1000; count++, id += 2) {
        frames.push(requestFrame(id), reset(id, Http2ErrorCode.CANCEL));
      }
      peer.send(...frames);
      expect(await peer.roundTrip(String(second).padStart(8, '0'))).toBe(true);
    }
    expect(sides[0].connection.isUsable).toBe(true);
    expect(peer.goAwayCode).toBeUndefined();
  });

  it('may send WINDOW_UPDATE after every frame of a long body', async () => {
    const { client, server } = await connectPair(settings([Setting.INITIAL_WINDOW_SIZE, 1000]));
    const log = new StreamLog();
    const stream = client.connection.request(post(), log);
    const bytes = 30_000_000;
    stream.write(Buffer.alloc(bytes));
    stream.end();
    for (let received = 0; received < bytes;) {
      await server.findType(FrameType.DATA);
      received += server.dataBytes(1);
      server.frames.splice(0);
      server.send(windowUpdate(1, 1000), windowUpdate(0, 1000));
    }
    server.send(headers(1, OK, END_HEADERS | END_STREAM));
    expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
  });

  it('may have much data in flight on streams that the client resets', async () => {
    const { client, server } = await connectPair(settings(), LARGE_WINDOWS);
    for (let id = 1; id < 200; id += 2) {
      const { log, stream } = sendRequest(client);
      await server.findType(FrameType.HEADERS, id);
      server.send(headers(id, OK), ...Array.from({ length: 60 }, () => data(id, Buffer.alloc(16_384))));
      await log.atLeast(16_384);
      stream.reset(Http2ErrorCode.CANCEL);
      expect(await server.roundTrip()).toBe(true);
      server.frames.splice(0);
    }
    expect(client.connection.isUsable).toBe(true);
  });
});

it('counts a request against the limit until its handler has finished', async () => {
  const running: Array<() => void> = [];
  const accepted: Http2Stream[] = [];
  const { port } = await serve((stream) => {
    stream.events = new StreamLog();
    accepted.push(stream);
    return new Promise<void>((resolve) => running.push(resolve));
  });
  const peer = await RawPeer.connect(port);
  for (let id = 1; id <= 2 * SMALL_WINDOWS.maxStreams; id += 2) {
    peer.send(requestFrame(id), reset(id, Http2ErrorCode.CANCEL));
  }
  peer.send(requestFrame(1001));
  expect((await peer.findType(FrameType.RST_STREAM, 1001))?.payload).toEqual(uint32(Http2ErrorCode.REFUSED_STREAM));
  running.splice(0).forEach((end) => end());
  await peer.roundTrip();
  peer.send(requestFrame(1003));
  await peer.roundTrip('once more');
  expect(accepted.at(-1)?.id).toBe(1003);
});
