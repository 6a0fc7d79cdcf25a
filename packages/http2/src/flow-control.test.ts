/** Flow control: windows, and backpressure from peers that do not read. */
import { once } from 'node:events';
import { endLoopback } from './testing/loopback.ts';
import { Http2ErrorCode, FrameType, MAX_WINDOW_BYTES } from './protocol.ts';
import { Setting } from './settings.ts';
import { type OnRequest } from './options.ts';
import { SMALL_WINDOWS, pattern, idle, serve } from './testing/connections.ts';
import { OK, requestFrame } from './testing/pair.ts';
import { data, END_STREAM, headers, post, RawPeer, reset, settings, windowUpdate } from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

describe('the windows of the peer', () => {
  /** Starts a server that responds to every request with `bytes` bytes. */
  const serveBytes = (bytes: number) =>
    serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.write(pattern(bytes));
      stream.end();
    });

  // Regression test: in an earlier version, a stream with a negative window increased the window of the connection.
  it('still limit other streams correctly while the window of one stream is negative', async () => {
    const { port } = await serveBytes(100_000);
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, 100_000]));
    peer.send(requestFrame(1));
    await peer.find(() => peer.dataBytes(1) === 65_535);
    peer.send(
      settings([Setting.INITIAL_WINDOW_SIZE, 0]),
      windowUpdate(0, 10),
      requestFrame(3),
      windowUpdate(3, 50_000)
    );
    await peer.roundTrip();
    expect(peer.dataBytes(3)).toBe(10);
    peer.send(windowUpdate(1, 65_535), windowUpdate(0, 100_000));
    await peer.find(() => peer.dataBytes(3) === 50_000);
    await peer.roundTrip('all of 1');
    expect(peer.dataBytes(1)).toBe(65_535);
    peer.send(windowUpdate(1, 34_465));
    await peer.find(({ streamId, flags, type }) => streamId === 1 && type === FrameType.DATA && flags === END_STREAM);
    expect(peer.dataBytes(1)).toBe(100_000);
  });

  it('block DATA, but not headers, and not END_STREAM in an empty DATA frame', async () => {
    const { port } = await serve((stream, fields) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.end(fields.get(':path') === '/trailers' ? [['x-a', 'b']] : undefined);
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, 0]));
    peer.send(requestFrame(1), requestFrame(3, '/trailers'));
    expect((await peer.findType(FrameType.DATA, 1))?.flags).toBe(END_STREAM);
    const trailers = await peer.find(({ streamId, flags }) => streamId === 3 && (flags & END_STREAM) !== 0);
    expect(trailers?.type).toBe(FrameType.HEADERS);
  });

  it('do not raise the length of DATA frames above 256 KiB, because longer frames would delay other streams', async () => {
    const { port } = await serveBytes(1_000_000);
    const peer = await RawPeer.connect(
      port,
      settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES], [Setting.MAX_FRAME_SIZE, 2 ** 24 - 1])
    );
    peer.send(windowUpdate(0, 2_000_000), requestFrame(1));
    await peer.find(() => peer.dataBytes(1) === 1_000_000);
    const lengths = peer.frames.filter(({ type }) => type === FrameType.DATA).map(({ payload }) => payload.length);
    expect(Math.max(...lengths)).toBe(256 * 1024);
  });
});

it('sends a small response between the frames of a large one', async () => {
  const { port } = await serve((stream, fields) => {
    stream.events = new StreamLog();
    stream.sendHeaders(OK);
    stream.write(pattern(fields.get(':path') === '/large' ? 30_000_000 : 20_000));
    stream.end();
  });
  const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
  peer.send(windowUpdate(0, MAX_WINDOW_BYTES - 65_535), requestFrame(1, '/large'), requestFrame(3, '/small'));
  await peer.find(() => peer.dataBytes(3) === 20_000);
  const frames = peer.frames.filter(({ type }) => type === FrameType.DATA).map(({ streamId }) => streamId);
  expect(frames.slice(0, 4)).toEqual([1, 3, 1, 3]);
});

describe('a peer that does not read', () => {
  it('uses little memory', async () => {
    const piece = pattern(1_000_000);
    let written = 0;
    let maxBytes = 0;
    const log = new StreamLog();
    const { port, sides } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      void (async () => {
        while (!stream.isClosed && written < 1e9) {
          stream.write(piece);
          written += piece.length;
          maxBytes = Math.max(maxBytes, stream.queuedBytes + sides[0].socket.writableLength);
          await stream.drained();
        }
      })();
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
    peer.socket.pause();
    peer.send(windowUpdate(0, MAX_WINDOW_BYTES - 65_535), requestFrame(1));
    await idle(() => written);
    // The buffers of the system hold some megabytes.
    expect(written).toBeLessThan(50e6);
    expect(maxBytes).toBeLessThan(2e6);
    peer.send(reset(1, Http2ErrorCode.CANCEL));
    expect(await log.closed).toBe(Http2ErrorCode.CANCEL);
  });

  it('loses its connection when more than 16 MiB of response headers wait to be sent', async () => {
    const long = 'v'.repeat(60_000);
    const { port, sides } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders([...OK, ['x-long', long]], true);
    });
    const peer = await RawPeer.connect(port);
    peer.socket.pause();
    const requests = Array.from({ length: 1000 }, (_, index) => requestFrame(1 + 2 * index));
    peer.send(...requests);
    await idle(() => sides.length);
    expect(await sides[0].closed).toMatchObject({ code: Http2ErrorCode.ENHANCE_YOUR_CALM });
  });

  it('does not delay onClose after a connection error', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const log = new StreamLog();
    const { port, sides } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(50_000_000));
    });
    const peer = await RawPeer.connect(port, settings([Setting.INITIAL_WINDOW_SIZE, MAX_WINDOW_BYTES]));
    peer.socket.pause();
    peer.send(windowUpdate(0, MAX_WINDOW_BYTES - 65_535), requestFrame(1));
    await idle(() => sides[0]?.socket.bytesWritten ?? 0);
    peer.send(windowUpdate(0, 0));
    // The stream closes immediately. The socket stays open for some time, to deliver GOAWAY.
    expect(await log.closed).toBeUndefined();
    expect(await sides[0].closed).toMatchObject({ code: Http2ErrorCode.PROTOCOL_ERROR });
    expect(sides[0].socket.destroyed).toBe(false);
    const ended = once(sides[0].socket, 'close');
    jest.advanceTimersByTime(5000);
    jest.useRealTimers();
    await ended;
  });
});

describe('whenSent and drained', () => {
  it('whenSent calls back when all bytes that were written before the call have been sent', async () => {
    const calls: string[] = [];
    const log = new StreamLog();
    const { port } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(65_535));
      stream.whenSent(() => calls.push('first'));
      stream.write(pattern(100));
      stream.whenSent(() => calls.push('second'));
      stream.end();
    });
    const peer = await RawPeer.connect(port);
    peer.send(requestFrame(1));
    await peer.find(() => peer.dataBytes(1) === 65_535);
    await idle(() => calls.length);
    expect(calls).toEqual(['first']);
    peer.send(windowUpdate(0, 100), windowUpdate(1, 100));
    await log.closed;
    await idle(() => calls.length);
    expect(calls).toEqual(['first', 'second']);
  });

  it('whenSent calls back when all bytes that were written before the call have been dropped', async () => {
    const calls: string[] = [];
    const log = new StreamLog();
    const { port } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders(OK);
      stream.write(pattern(1_000_000));
      stream.whenSent(() => calls.push('all'));
    });
    const peer = await RawPeer.connect(port);
    peer.send(requestFrame(1));
    await peer.find(() => peer.dataBytes(1) === 65_535);
    expect(calls).toEqual([]);
    peer.send(reset(1, Http2ErrorCode.CANCEL));
    await log.closed;
    await idle(() => calls.length);
    expect(calls).toEqual(['all']);
  });

  it('when the stream closes, all promises from drained() resolve', async () => {
    const waits: Array<Promise<void>> = [];
    const { port } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders(OK);
      stream.write(pattern(200_000));
      waits.push(stream.drained(), stream.drained());
    });
    const peer = await RawPeer.connect(port);
    peer.send(requestFrame(1));
    await peer.find(() => peer.dataBytes(1) === 65_535);
    peer.send(reset(1, Http2ErrorCode.CANCEL));
    await Promise.all(waits);
    expect(waits).toHaveLength(2);
  });
});

describe('unread DATA', () => {
  /** Actions of the server while the body of the request is still arriving. */
  const handlers: Record<string, OnRequest> = {
    'responds early': (stream) => stream.sendHeaders(OK, true),
    'responds early with trailers': (stream) => {
      stream.sendHeaders(OK);
      stream.end([['x-a', 'b']]);
    },
    'resets the stream': (stream) => stream.reset(Http2ErrorCode.CANCEL),
    'keeps reading': () => undefined,
    // The paused stream buffers at most the bytes of its own window.
    'pauses the stream': (stream) => stream.pause(),
  };

  it.each(Object.keys(handlers))('opens the window of the connection when the server %s', async (name) => {
    const { port } = await serve((stream, fields) => {
      stream.events = new StreamLog();
      void handlers[name]?.(stream, fields);
    });
    const peer = await RawPeer.connect(port);
    await peer.roundTrip('settings');
    const openedBytes = () =>
      peer.frames
        .filter(({ type, streamId }) => type === FrameType.WINDOW_UPDATE && streamId === 0)
        .reduce((sum, { payload }) => sum + payload.readUInt32BE(0), 65_535);
    const part = Buffer.alloc(16_384);
    for (let index = 0; index < 60; index++) {
      const id = 1 + 2 * index;
      peer.send(headers(id, post()), data(id, part));
      await peer.roundTrip(`a${String(index).padStart(7, '0')}`);
      // Some of the handlers have closed the stream before this second DATA frame.
      peer.send(data(id, part));
      await peer.roundTrip(`b${String(index).padStart(7, '0')}`);
      expect(openedBytes() - 2 * part.length * (index + 1)).toBeGreaterThanOrEqual(
        SMALL_WINDOWS.connectionWindowBytes / 2
      );
    }
    expect(peer.goAwayCode).toBeUndefined();
  });
});
