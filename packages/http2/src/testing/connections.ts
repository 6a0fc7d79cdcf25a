/** For tests: the two sides of this project's HTTP/2 on loopback. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterwards, listen } from './loopback.ts';
import { ByteSource } from '../byte-source.ts';
import { SYSTEM_CLOCK, type Clock } from '../clock.ts';
import { Http2Connection, type ConnectionLimits, type OnRequest } from '../connection.ts';
import { type Headers } from '../headers.ts';
import { type HeaderField } from '../hpack/header-field.ts';
import { type Http2Stream } from '../stream.ts';

/** The least that a connection may allow. */
export const NARROW: ConnectionLimits = {
  streamWindowBytes: 65_535,
  connectionWindowBytes: 65_535,
  frameBytes: 16_384,
  headerListBytes: 128 * 1024,
  maxStreams: 100,
};

export const WIDE: ConnectionLimits = {
  ...NARROW,
  streamWindowBytes: 8 * 1024 * 1024,
  connectionWindowBytes: 32 * 1024 * 1024,
  frameBytes: 256 * 1024,
};

export type Answer = OnRequest;

export interface Side {
  connection: Http2Connection;
  socket: Socket;
  /** Resolves with the reason when the connection is gone. */
  closed: Promise<unknown>;
}

/** @returns Its port, and the connections that it gets. */
export async function serve(
  answer: Answer,
  limits = NARROW,
  clock: Clock = SYSTEM_CLOCK
): Promise<{ port: number; sides: Side[] }> {
  const sides: Side[] = [];
  const server = createServer({ noDelay: true }, (socket) => {
    const { promise: closed, resolve } = Promise.withResolvers<unknown>();
    sides.push({
      connection: new Http2Connection({ socket, limits, clock, onRequest: answer, onClose: resolve }),
      socket,
      closed,
    });
  });
  return { port: await listen(server), sides };
}

export interface Client extends Side {
  greeted: Promise<void>;
  goAway: Promise<void>;
}

export async function connectTo(port: number, limits = NARROW): Promise<Client> {
  const source = new ByteSource();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: source.onread });
  afterwards(() => socket.destroy());
  await once(socket, 'connect');
  const closed = Promise.withResolvers<unknown>();
  const greeted = Promise.withResolvers<void>();
  const goAway = Promise.withResolvers<void>();
  const connection = new Http2Connection({
    socket,
    source,
    limits,
    onGreeting: greeted.resolve,
    onGoAway: () => goAway.resolve(),
    onClose: closed.resolve,
  });
  return { connection, socket, closed: closed.promise, greeted: greeted.promise, goAway: goAway.promise };
}

/** Resolves once nothing happens any more: so many turns of the event loop brought no change. */
export async function quiet(state: () => number): Promise<void> {
  for (let turns = 0, before = NaN; turns < 100; turns++) {
    if (state() !== before) {
      before = state();
      turns = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function post(path = '/', ...fields: HeaderField[]): HeaderField[] {
  return [[':method', 'POST'], [':scheme', 'http'], [':path', path], [':authority', 'localhost'], ...fields];
}

/** Resolves when the peer has answered to a ping, and so has read what was sent before. */
export function pinged(connection: Http2Connection): Promise<void> {
  return new Promise((resolve) => connection.ping(resolve));
}

/** Bytes that tell where they belong. */
export function pattern(bytes: number): Buffer {
  const pattern = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) {
    pattern[at] = at % 251;
  }
  return pattern;
}

/** Writes a body in pieces of odd sizes, no faster than it goes. */
export async function writeAll(stream: Http2Stream, body: Buffer): Promise<void> {
  for (let at = 0, size = 1; at < body.length; at += size, size = Math.min(size * 3, 100_003)) {
    stream.write(body.subarray(at, at + size));
    await stream.room();
  }
}

/** Answers with the body of the request and its size, as slowly as the caller reads. */
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
      void stream.room().then(() => stream.resume());
    },
    onEnd: () =>
      stream.end([
        ['x-bytes', String(bytes)],
        ['x-outcome', outcome],
      ]),
    onClose: () => undefined,
  };
};
