/**
 * For tests: connections that receive random bytes. For any input, the connection must throw no error and must close,
 * and `onClose` must be the last event of each stream.
 *
 * The bytes are delivered as a socket would deliver them: in chunks of random sizes, in one buffer that is overwritten
 * after each chunk. If the package keeps a view of the buffer instead of a copy, the results differ.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ByteSource } from '../byte-source.ts';
import { Http2Connection } from '../connection.ts';
import { HpackDecoder } from '../hpack/hpack-decoder.ts';
import { HpackError } from '../hpack/header-field.ts';
import { ModelEncoder } from '../hpack/testing/model-encoder.ts';
import { ConnectionError, PREFACE } from '../protocol.ts';
import { Setting } from '../settings.ts';
import { echo, pattern, SMALL_WINDOWS } from './connections.ts';
import { type Random } from './random.ts';
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
  reset,
  settings,
  uint32,
  windowUpdate,
} from './raw-peer.ts';
import { StreamLog } from './stream-log.ts';

/** A connection whose received bytes come from the test. */
class FuzzedConnection {
  readonly #socket: Socket;
  readonly #source = new ByteSource();
  readonly #closed: Promise<unknown>;
  /** One log for each stream. */
  readonly logs: StreamLog[] = [];

  private constructor(socket: Socket, isServer: boolean) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#closed = promise;
    const connection = new Http2Connection({
      socket,
      source: this.#source,
      limits: SMALL_WINDOWS,
      onClose: resolve,
      ...(isServer && {
        onRequest: (stream, fields) => {
          echo(stream, fields);
          const events = stream.events;
          const log = this.#addLog();
          stream.events = {
            onData: (bytes) => [log, events].forEach((each) => each?.onData(bytes)),
            onTrailers: (trailers) => log.onTrailers(trailers),
            onEnd: () => [log, events].forEach((each) => each?.onEnd()),
            onClose: (code) => [log, events].forEach((each) => each?.onClose(code)),
          };
        },
      }),
    });
    for (let count = 0; !isServer && count < 3; count++) {
      connection.request(post(`/${count}`), this.#addLog()).end();
    }
  }

  /** @param port The port of a server that reads everything, and sends nothing. */
  static async start(port: number, isServer: boolean): Promise<FuzzedConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new FuzzedConnection(socket, isServer);
    await new Promise((resolve) => process.nextTick(resolve));
    return connection;
  }

  /**
   * @param nextSize Returns the size of the next chunk.
   * @param isPause Returns true to let the connection send first.
   */
  async receive(bytes: Buffer, nextSize: () => number, isPause: () => boolean = () => false): Promise<void> {
    const { buffer, callback } = this.#source.onread;
    assert(buffer instanceof Uint8Array);
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(nextSize(), buffer.length, bytes.length - at);
      buffer.set(bytes.subarray(at, at + length));
      callback(length, buffer);
      buffer.fill(0xee, 0, length);
      at += length;
      if (isPause()) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Closes the socket, and checks how the connection and its streams have ended. */
  async end(): Promise<void> {
    this.#socket.destroy();
    const reason = await this.#closed;
    assert(reason === undefined || reason instanceof ConnectionError, String(reason));
    for (const { events } of this.logs) {
      assert.equal(events.indexOf('close'), events.length - 1, events.join());
      assert(events.length > 0);
    }
  }

  #addLog(): StreamLog {
    const log = new StreamLog();
    this.logs.push(log);
    return log;
  }
}

export const BODY = pattern(1000);
const LONG = 'v'.repeat(20_000);

/** Splits a HEADERS frame into frames with `size` bytes of the header block each. */
function splitBlock(headersFrame: Buffer, streamId: number, size: number): Buffer[] {
  const payload = headersFrame.subarray(9);
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const flags = at + size >= payload.length ? END_HEADERS : 0;
    parts.push(frame(at === 0 ? 1 : 9, flags, streamId, payload.subarray(at, at + size)));
  }
  return parts;
}

const REQUESTS: Buffer[] = [
  settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.HEADER_TABLE_SIZE, 0], [0x77, 1]),
  frame(4, ACK, 0),
  windowUpdate(0, 100_000),
  headers(1, post('/one')),
  data(1, BODY.subarray(0, 700)),
  ping(),
  ...splitBlock(headers(3, post('/three', ['x-long', LONG])), 3, 5000),
  data(3, Buffer.concat([Buffer.of(9), BODY.subarray(0, 500), Buffer.alloc(9)]), PADDED),
  windowUpdate(1, 500),
  data(1, BODY.subarray(700), END_STREAM),
  settings([Setting.INITIAL_WINDOW_SIZE, 100]),
  headers(5, post('/five'), END_HEADERS | END_STREAM),
  frame(2, 0, 7, 'abcde'),
  frame(0xfa, 3, 12, 'unknown'),
  headers(3, [['x-trailer', 'yes']], END_HEADERS | END_STREAM),
  settings([Setting.INITIAL_WINDOW_SIZE, 5000], [Setting.MAX_FRAME_SIZE, 20_000]),
  headers(7, post('/seven')),
  reset(7, 8),
  goAway(0, 0),
];

const RESPONSES: Buffer[] = [
  settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.MAX_CONCURRENT_STREAMS, 2]),
  frame(4, ACK, 0),
  headers(1, [[':status', '103']]),
  headers(1, [[':status', '200']]),
  data(1, BODY.subarray(0, 700)),
  ping(),
  ...splitBlock(
    headers(3, [
      [':status', '200'],
      ['x-long', LONG],
    ]),
    3,
    5000
  ),
  data(3, Buffer.concat([Buffer.of(9), BODY.subarray(0, 500), Buffer.alloc(9)]), PADDED),
  data(1, BODY.subarray(700), END_STREAM),
  frame(0xfa, 3, 12, 'unknown'),
  goAway(2 ** 31 - 1, 0),
  headers(3, [['x-trailer', 'yes']], END_HEADERS | END_STREAM),
  headers(5, [[':status', '200']]),
  reset(5, 8),
  goAway(5, 0),
];

/** The frames that a server or client receives in a valid conversation. */
function validFrames(isServer: boolean): Buffer[] {
  return isServer ? [PREFACE, ...REQUESTS] : RESPONSES;
}

/** The environment of a round: the connection's side, and the port for `FuzzedConnection.start`. */
export interface FuzzTarget {
  isServer: boolean;
  port: number;
}

/** The events of the streams during a valid conversation. */
export async function eventsOfConversation(
  { port, isServer }: FuzzTarget,
  nextSize: () => number
): Promise<Array<{ events: string; headers: unknown; body: string; trailers: unknown }>> {
  const connection = await FuzzedConnection.start(port, isServer);
  await connection.receive(Buffer.concat(validFrames(isServer)), nextSize);
  const events = connection.logs.map((log) => ({
    events: log.events.join(),
    headers: log.headers,
    body: log.body.toString('latin1'),
    trailers: log.trailers,
  }));
  await connection.end();
  return events;
}

/** One round with one random input. @throws {Error} when the package misbehaves. */
type FuzzRound = (random: Random, target: FuzzTarget) => Promise<void>;

async function fuzz(bytes: Buffer, maxChunk: number, random: Random, { port, isServer }: FuzzTarget): Promise<void> {
  const connection = await FuzzedConnection.start(port, isServer);
  await connection.receive(
    bytes,
    () => 1 + random(maxChunk),
    () => random(8) === 0
  );
  await connection.end();
}

/**
 * The kinds of rounds. Each key describes the input of the rounds. `testCount` is the number of rounds in `npm test`.
 */
export const FUZZ_ROUNDS: Readonly<Record<string, { testCount: number; run: FuzzRound }>> = {
  'a valid conversation in chunks of random sizes': {
    testCount: 60,
    run: async (random, target) => {
      const expected = await eventsOfConversation(target, () => Infinity);
      const maxChunk = 1 + random(10_000);
      assert.deepEqual(await eventsOfConversation(target, () => 1 + random(maxChunk)), expected);
    },
  },
  'a truncated conversation': {
    testCount: 150,
    run: (random, target) => {
      const bytes = Buffer.concat(validFrames(target.isServer));
      return fuzz(bytes.subarray(0, random(bytes.length)), 2000, random, target);
    },
  },
  'a conversation with changed bytes': {
    testCount: 250,
    run: (random, target) => {
      const bytes = Buffer.concat(validFrames(target.isServer));
      for (let changes = 1 + random(8); changes > 0; changes--) {
        bytes[random(bytes.length)] = random(256);
      }
      return fuzz(bytes, 5000, random, target);
    },
  },
  'a conversation with frames that are changed, left out, repeated and reordered': {
    testCount: 400,
    run: (random, target) => {
      const frames = (target.isServer ? REQUESTS : RESPONSES).map((bytes) => Buffer.from(bytes));
      for (let changes = 1 + random(6); changes > 0; changes--) {
        changeFrames(frames, random);
      }
      return fuzz(Buffer.concat(target.isServer ? [PREFACE, ...frames] : frames), 5000, random, target);
    },
  },
  'random frames': {
    testCount: 400,
    run: (random, target) => {
      const frames = [settings(), ...Array.from({ length: 40 }, () => randomFrame(random))];
      return fuzz(Buffer.concat(target.isServer ? [PREFACE, ...frames] : frames), 200, random, target);
    },
  },
  'header blocks, valid and damaged': {
    testCount: 100,
    run: (random) => {
      fuzzHeaderBlocks(random);
      return Promise.resolve();
    },
  },
};

function changeFrames(frames: Buffer[], random: Random): void {
  const at = 1 + random(frames.length - 1);
  const other = 1 + random(frames.length - 1);
  const bytes = frames[at];
  switch (random(6)) {
    case 0:
      frames.splice(at, 1);
      return;
    case 1:
      frames.splice(other, 0, Buffer.from(bytes));
      return;
    case 2:
      frames[at] = frames[other];
      frames[other] = bytes;
      return;
    case 3: // The flags
      bytes[4] ^= 1 << random(8);
      return;
    case 4: // The stream
      bytes.writeUInt32BE(random(10), 5);
      return;
    default: // The type
      bytes[3] = random(11);
  }
}

/**
 * A random frame. Most frames have a valid length, because the connection closes immediately after an invalid length.
 */
function randomFrame(random: Random): Buffer {
  const flags = [0, END_STREAM, END_HEADERS, END_HEADERS | END_STREAM, PADDED, random(256)][random(6)];
  const streamId = random(9);
  const bytes = Buffer.from(Array.from({ length: random(30) }, () => random(256)));
  switch (random(9)) {
    case 0:
      return headers(streamId, post(), flags | END_HEADERS);
    case 1:
      return headers(streamId, [[':status', '200']], flags | END_HEADERS);
    case 2:
      return headers(streamId, [['x-a', 'b']], flags);
    case 3:
      return data(streamId, bytes, flags);
    case 4:
      return windowUpdate(streamId, random(2) === 0 ? random(2000) : random(2 ** 31));
    case 5:
      return reset(streamId, random(14));
    case 6:
      return settings([1 + random(6), random(2) === 0 ? random(100_000) : random(2 ** 32)]);
    case 7:
      return frame(7, 0, 0, Buffer.concat([uint32(random(9), random(14)), bytes]));
    default:
      return frame(random(12), flags, streamId, bytes);
  }
}

/** Checks that the decoder returns what a model encoder wrote, and throws only HpackError for damaged blocks. */
function fuzzHeaderBlocks(random: Random): void {
  const encoder = new ModelEncoder(random, 1024);
  const decoder = new HpackDecoder({ maxTableBytes: 1024, maxListBytes: 65_536 });
  for (let count = 0; count < 10; count++) {
    const { block, fields } = encoder.encode();
    assert.deepEqual(decoder.decode(Uint8Array.from(block)), fields);
    const damaged = Uint8Array.from(block);
    damaged[random(damaged.length)] ^= 1 << random(8);
    try {
      new HpackDecoder({ maxTableBytes: 1024, maxListBytes: 200 }).decode(damaged);
    } catch (reason) {
      assert(reason instanceof HpackError, String(reason));
    }
  }
}
