/** What windows, and peers that do not read, hold back. */
import { once } from 'node:events';
import { endLoopback } from './testing/loopback.ts';
import { ErrorCode, FrameType, MAX_WINDOW_BYTES } from './protocol.ts';
import { Setting } from './settings.ts';
import { type Answer, NARROW, pattern, post, quiet, serve } from './testing/connections.ts';
import { OK, whole } from './testing/raw-pair.ts';
import { data, END_STREAM, headers, RawPeer, reset, settings, widen } from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

describe('windows of the peer', () => {
  /** Answers every request with so many bytes. */
  const answering = (bytes: number) =>
    serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.write(pattern(bytes));
      stream.end();
    });

  // A stream with less than no window once gave what it lacked to the connection.
  it('below zero are no window for others', async () => {
    const { port } = await answering(100_000);
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, 100_000]));
    peer.send(whole(1));
    await peer.find(() => peer.bytesOf(1) === 65_535);
    peer.send(settings([Setting.INITIAL_WINDOW_SIZE, 0]), widen(0, 10), whole(3), widen(3, 50_000));
    await peer.isHeard();
    expect(peer.bytesOf(3)).toBe(10);
    peer.send(widen(1, 65_535), widen(0, 100_000));
    await peer.find(() => peer.bytesOf(3) === 50_000);
    await peer.isHeard('all of 1');
    expect(peer.bytesOf(1)).toBe(65_535);
    peer.send(widen(1, 34_465));
    await peer.find(({ streamId, flags, type }) => streamId === 1 && type === FrameType.DATA && flags === END_STREAM);
    expect(peer.bytesOf(1)).toBe(100_000);
  });

  it('hold back data, but neither headers nor an end without data', async () => {
    const { port } = await serve((stream, fields) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.end(fields.get(':path') === '/trailers' ? [['x-a', 'b']] : undefined);
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, 0]));
    peer.send(whole(1), whole(3, '/trailers'));
    expect((await peer.ofType(FrameType.DATA, 1))?.flags).toBe(END_STREAM);
    const trailers = await peer.find(({ streamId, flags }) => streamId === 3 && (flags & END_STREAM) !== 0);
    expect(trailers?.type).toBe(FrameType.HEADERS);
  });

  it('do not make frames so long that others wait', async () => {
    const { port } = await answering(1_000_000);
    const peer = await RawPeer.connect(
      port,
      settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES], [Setting.MAX_FRAME_SIZE, 2 ** 24 - 1])
    );
    peer.send(widen(0, 2_000_000), whole(1));
    await peer.find(() => peer.bytesOf(1) === 1_000_000);
    const lengths = peer.frames.filter(({ type }) => type === FrameType.DATA).map(({ payload }) => payload.length);
    expect(Math.max(...lengths)).toBe(256 * 1024);
  });
});

it('lets a small answer overtake a large one', async () => {
  const { port } = await serve((stream, fields) => {
    stream.events = new StreamLog();
    stream.sendHeaders(OK);
    stream.write(pattern(fields.get(':path') === '/large' ? 30_000_000 : 20_000));
    stream.end();
  });
  const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
  peer.send(widen(0, MAX_WINDOW_BYTES - 65_535), whole(1, '/large'), whole(3, '/small'));
  await peer.find(() => peer.bytesOf(3) === 20_000);
  const frames = peer.frames.filter(({ type }) => type === FrameType.DATA).map(({ streamId }) => streamId);
  expect(frames.slice(0, 4)).toEqual([1, 3, 1, 3]);
});

describe('a peer that does not read', () => {
  it('costs little memory, and its neighbours nothing', async () => {
    const piece = pattern(1_000_000);
    let written = 0;
    let most = 0;
    const log = new StreamLog();
    const { port, sides } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      void (async () => {
        while (!stream.isClosed && written < 1e9) {
          stream.write(piece);
          written += piece.length;
          most = Math.max(most, stream.queuedBytes + sides[0].socket.writableLength);
          await stream.room();
        }
      })();
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
    peer.socket.pause();
    peer.send(widen(0, MAX_WINDOW_BYTES - 65_535), whole(1));
    await quiet(() => written);
    // The system's own buffers take some megabytes.
    expect(written).toBeLessThan(50e6);
    expect(most).toBeLessThan(2e6);
    peer.send(reset(1, ErrorCode.CANCEL));
    expect(await log.closed).toBe(ErrorCode.CANCEL);
  });

  it('is cut off when it asks on and on', async () => {
    const long = 'v'.repeat(60_000);
    const { port, sides } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders([...OK, ['x-long', long]], true);
    });
    const peer = await RawPeer.connect(port);
    peer.socket.pause();
    const requests = Array.from({ length: 1000 }, (_, index) => whole(1 + 2 * index));
    peer.send(...requests);
    await quiet(() => sides.length);
    expect(await sides[0].closed).toMatchObject({ code: ErrorCode.ENHANCE_YOUR_CALM });
  });

  it('is not waited for when it breaks the rules', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const log = new StreamLog();
    const { port, sides } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(50_000_000));
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
    peer.socket.pause();
    peer.send(widen(0, MAX_WINDOW_BYTES - 65_535), whole(1));
    await quiet(() => sides[0]?.socket.bytesWritten ?? 0);
    peer.send(widen(0, 0));
    // The call ends at once, the socket has time to bring the reason across.
    expect(await log.closed).toBeUndefined();
    expect(await sides[0].closed).toMatchObject({ code: ErrorCode.PROTOCOL_ERROR });
    expect(sides[0].socket.destroyed).toBe(false);
    const ended = once(sides[0].socket, 'close');
    jest.advanceTimersByTime(5000);
    jest.useRealTimers();
    await ended;
  });
});

describe('what is written', () => {
  it('is in use until it has gone out', async () => {
    const told: string[] = [];
    const log = new StreamLog();
    const { port } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(65_535));
      stream.whenSent(() => told.push('first'));
      stream.write(pattern(100));
      stream.whenSent(() => told.push('second'));
      stream.end();
    });
    const peer = await RawPeer.connect(port);
    peer.send(whole(1));
    await peer.find(() => peer.bytesOf(1) === 65_535);
    await quiet(() => told.length);
    expect(told).toEqual(['first']);
    peer.send(widen(0, 100), widen(1, 100));
    await log.closed;
    await quiet(() => told.length);
    expect(told).toEqual(['first', 'second']);
  });

  it('is in use no more when nobody wants it', async () => {
    const told: string[] = [];
    const log = new StreamLog();
    const { port } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(1_000_000));
      stream.whenSent(() => told.push('all'));
    });
    const peer = await RawPeer.connect(port);
    peer.send(whole(1));
    await peer.find(() => peer.bytesOf(1) === 65_535);
    expect(told).toEqual([]);
    peer.send(reset(1, ErrorCode.CANCEL));
    await log.closed;
    await quiet(() => told.length);
    expect(told).toEqual(['all']);
  });

  it('leaves room for all who wait, at the latest when the stream ends', async () => {
    const waits: Array<Promise<void>> = [];
    const { port } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.write(pattern(200_000));
      waits.push(stream.room(), stream.room());
    });
    const peer = await RawPeer.connect(port);
    peer.send(whole(1));
    await peer.find(() => peer.bytesOf(1) === 65_535);
    peer.send(reset(1, ErrorCode.CANCEL));
    await Promise.all(waits);
    expect(waits).toHaveLength(2);
  });
});

describe('DATA that nobody takes', () => {
  /** What the server does with a request whose body goes on. */
  const ends: Record<string, Answer> = {
    'answers early': (stream) => stream.sendHeaders(OK, true),
    'answers early with trailers': (stream) => {
      stream.sendHeaders(OK);
      stream.end([['x-a', 'b']]);
    },
    resets: (stream) => stream.reset(ErrorCode.CANCEL),
    'reads on': () => undefined,
    // It holds what its own window allows, and no more.
    pauses: (stream) => stream.pause(),
  };

  it.each(Object.keys(ends))('gives the window of the connection back when the server %s', async (name) => {
    const { port } = await serve((stream, fields) => {
      stream.events = new StreamLog();
      void ends[name]?.(stream, fields);
    });
    const peer = await RawPeer.connect(port);
    await peer.isHeard('greeting');
    const openedBytes = () =>
      peer.frames
        .filter(({ type, streamId }) => type === FrameType.WINDOW_UPDATE && streamId === 0)
        .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_535);
    const part = Buffer.alloc(16_384);
    for (let index = 0; index < 60; index++) {
      const id = 1 + 2 * index;
      peer.send(headers(id, post()), data(id, part));
      await peer.isHeard(`a${String(index).padStart(7, '0')}`);
      // The stream is over by now, where the server ended it.
      peer.send(data(id, part));
      await peer.isHeard(`b${String(index).padStart(7, '0')}`);
      expect(openedBytes() - 2 * part.length * (index + 1)).toBeGreaterThanOrEqual(NARROW.connectionWindowBytes / 2);
    }
    expect(peer.goAwayCode).toBeUndefined();
  });
});
