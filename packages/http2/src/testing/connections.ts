/** For tests: clients and servers of this package on loopback. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { ByteSource } from '../byte-source.ts';
import { Http2Connection } from '../connection.ts';
import { type Headers } from '../headers.ts';
import { SYSTEM_CLOCK, type Clock, type ConnectionLimits, type OnRequest } from '../options.ts';
import { type Http2Stream } from '../stream.ts';
import { afterwards, listen } from './loopback.ts';

/** Limits with the default windows and the default frame size of HTTP/2. */
export const SMALL_WINDOWS: ConnectionLimits = {
  streamWindowBytes: 65_535,
  connectionWindowBytes: 65_535,
  frameBytes: 16_384,
  headerListBytes: 128 * 1024,
  maxStreams: 100,
};

export const LARGE_WINDOWS: ConnectionLimits = {
  ...SMALL_WINDOWS,
  streamWindowBytes: 8 * 1024 * 1024,
  connectionWindowBytes: 32 * 1024 * 1024,
  frameBytes: 256 * 1024,
};

export interface Side {
  connection: Http2Connection;
  socket: Socket;
  /** Resolves with the reason of `onClose`. */
  closed: Promise<unknown>;
}

/** Starts a server. @returns Its port, and its connections, in the order in which they are accepted. */
export async function serve(
  onRequest: OnRequest,
  limits = SMALL_WINDOWS,
  clock: Clock = SYSTEM_CLOCK
): Promise<{ port: number; sides: Side[] }> {
  const sides: Side[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const { promise: closed, resolve } = Promise.withResolvers<unknown>();
    sides.push({
      connection: new Http2Connection({ socket, limits, clock, onRequest, onClose: resolve }),
      socket,
      closed,
    });
  });
  return { port: await listen(server), sides };
}

export interface Client extends Side {
  /** Resolves when `onReady` is called. */
  ready: Promise<void>;
  /** Resolves when `onGoAway` is called. */
  goAway: Promise<void>;
}

export async function connectTo(port: number, limits = SMALL_WINDOWS): Promise<Client> {
  const source = new ByteSource();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: source.onread });
  afterwards(() => socket.destroy());
  await once(socket, 'connect');
  const closed = Promise.withResolvers<unknown>();
  const ready = Promise.withResolvers<void>();
  const goAway = Promise.withResolvers<void>();
  const connection = new Http2Connection({
    socket,
    source,
    limits,
    onReady: ready.resolve,
    onGoAway: () => goAway.resolve(),
    onClose: closed.resolve,
  });
  return { connection, socket, closed: closed.promise, ready: ready.promise, goAway: goAway.promise };
}

/** Resolves when `state` has not changed for 100 turns of the event loop. */
export async function idle(state: () => number): Promise<void> {
  for (let turns = 0, before = NaN; turns < 100; turns++) {
    if (state() !== before) {
      before = state();
      turns = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Resolves when the peer has responded to a PING, and so has processed all frames before the PING. */
export function pinged(connection: Http2Connection): Promise<void> {
  return new Promise((resolve) => connection.ping(resolve));
}

/** Bytes that differ by position. */
export function pattern(bytes: number): Buffer {
  const pattern = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) {
    pattern[at] = at % 251;
  }
  return pattern;
}

/** Writes a body in pieces of many sizes, with backpressure. */
export async function writeAll(stream: Http2Stream, body: Buffer): Promise<void> {
  for (let at = 0, size = 1; at < body.length; at += size, size = Math.min(size * 3, 100_003)) {
    stream.write(body.subarray(at, at + size));
    await stream.drained();
  }
}

/** Responds with the body of the request and its size, with backpressure. */
export const echo = (stream: Http2Stream, headers: Headers): void => {
  let bytes = 0;
  const outcome = headers.get('x-outcome') ?? '';
  stream.sendHeaders([
    [':status', '200'],
    ['x-path', headers.get(':path') ?? ''],
    ['x-long', headers.get('x-long') ?? ''],
  ]);
  stream.events = {
    onData: (part) => {
      bytes += part.length;
      stream.write(Buffer.from(part));
      stream.pause();
      void stream.drained().then(() => stream.resume());
    },
    onEnd: () =>
      stream.end([
        ['x-bytes', String(bytes)],
        ['x-outcome', outcome],
      ]),
    onClose: () => undefined,
  };
};
