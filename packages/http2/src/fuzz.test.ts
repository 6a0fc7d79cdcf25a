/**
 * Bytes that nobody foresaw. Whatever comes, a connection throws nothing, ends, and each stream hears of its end once.
 *
 * The bytes are handed over as a socket would read them, in chunks of chosen sizes that lie in one buffer, which is
 * overwritten after each: what is kept without being copied shows.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { ByteSource } from './byte-source.ts';
import { endLoopback, listen } from './testing/loopback.ts';
import { Http2Connection } from './connection.ts';
import { PREFACE } from './protocol.ts';
import { Setting } from './settings.ts';
import { echo, SMALL_WINDOWS, pattern } from './testing/connections.ts';
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
} from './testing/raw-peer.ts';
import { randomOf, type Random } from './testing/random.ts';
import { StreamLog } from './testing/stream-log.ts';

let port: number;

beforeEach(async () => {
  // Reads everything, and never answers.
  port = await listen(createServer((socket) => socket.resume()));
});

afterEach(endLoopback);

/** A connection whose bytes come from the test. */
class Fed {
  readonly #socket: Socket;
  readonly #source: ByteSource;
  readonly logs: StreamLog[] = [];
  readonly closed: Promise<unknown>;
  #close: (reason: unknown) => void = () => undefined;

  private constructor(socket: Socket, source: ByteSource, isServer: boolean) {
    this.#socket = socket;
    this.#source = source;
    this.closed = new Promise((resolve) => (this.#close = resolve));
    const connection = new Http2Connection({
      socket,
      source,
      limits: SMALL_WINDOWS,
      onClose: (reason) => this.#close(reason),
      ...(isServer && {
        onRequest: (stream, fields) => {
          echo(stream, fields);
          const answer = stream.events;
          const log = new StreamLog();
          this.logs.push(log);
          stream.events = {
            onData: (bytes) => [log, answer].forEach((events) => events?.onData(bytes)),
            onTrailers: (trailers) => log.onTrailers(trailers),
            onEnd: () => [log, answer].forEach((events) => events?.onEnd()),
            onClose: (code) => [log, answer].forEach((events) => events?.onClose(code)),
          };
        },
      }),
    });
    for (let count = 0; !isServer && count < 3; count++) {
      const log = new StreamLog();
      this.logs.push(log);
      connection.request(post(`/${count}`), log).end();
    }
  }

  static async start(isServer: boolean): Promise<Fed> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const fed = new Fed(socket, new ByteSource(), isServer);
    await new Promise((resolve) => process.nextTick(resolve));
    return fed;
  }

  /** @param sizes Says how long the next chunk is. Between some of them other things happen. */
  async read(bytes: Buffer, sizes: () => number): Promise<void> {
    const { buffer, callback } = this.#source.onread;
    if (!(buffer instanceof Uint8Array)) {
      throw new TypeError('The source has no buffer of its own.');
    }
    for (let at = 0; at < bytes.length;) {
      const length = Math.min(sizes(), buffer.length, bytes.length - at);
      buffer.set(bytes.subarray(at, at + length));
      callback(length, buffer);
      buffer.fill(0xee, 0, length);
      at += length;
    }
  }

  /** Ends the connection, and says what its streams heard. */
  async end(): Promise<void> {
    this.#socket.destroy();
    await this.closed;
    for (const { events } of this.logs) {
      expect(events.indexOf('close')).toBe(events.length - 1);
      expect(events.length).toBeGreaterThan(0);
    }
  }
}

const LONG = 'v'.repeat(20_000);
const BODY = pattern(1000);

function inFrames(block: Buffer, streamId: number, size: number): Buffer[] {
  const payload = block.subarray(9);
  const parts: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const flags = at + size >= payload.length ? END_HEADERS : 0;
    parts.push(frame(at === 0 ? 1 : 9, flags, streamId, payload.subarray(at, at + size)));
  }
  return parts;
}

const requests: Buffer[] = [
  settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.HEADER_TABLE_SIZE, 0], [0x77, 1]),
  frame(4, ACK, 0),
  windowUpdate(0, 100_000),
  headers(1, post('/one')),
  data(1, BODY.subarray(0, 700)),
  ping(),
  ...inFrames(headers(3, post('/three', ['x-long', LONG])), 3, 5000),
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

const answers: Buffer[] = [
  settings([Setting.INITIAL_WINDOW_SIZE, 1000], [Setting.MAX_CONCURRENT_STREAMS, 2]),
  frame(4, ACK, 0),
  headers(1, [[':status', '103']]),
  headers(1, [[':status', '200']]),
  data(1, BODY.subarray(0, 700)),
  ping(),
  ...inFrames(
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

const sides = [
  { side: 'server', isServer: true, conversation: requests },
  { side: 'client', isServer: false, conversation: answers },
];

describe.each(sides)('a $side', ({ isServer, conversation }) => {
  const whole = Buffer.concat(isServer ? [PREFACE, ...conversation] : conversation);

  /** What the streams heard of a conversation that breaks no rule. */
  async function heard(sizes: () => number): Promise<unknown> {
    const fed = await Fed.start(isServer);
    await fed.read(whole, sizes);
    const told = fed.logs.map((log) => ({
      events: log.events.join(),
      headers: log.headers,
      body: log.body.toString('latin1'),
      trailers: log.trailers,
    }));
    await fed.end();
    return told;
  }

  it('reads the same in chunks of every size', async () => {
    const expected = await heard(() => whole.length);
    expect(expected).toMatchObject([
      { body: BODY.toString('latin1') },
      { body: BODY.subarray(0, 500).toString('latin1'), trailers: new Map([['x-trailer', 'yes']]) },
      ...(isServer ? [{ events: 'end' }, { events: 'close' }] : [{ events: 'headers,close' }]),
    ]);
    for (let size = 1; size < 60; size++) {
      expect(await heard(() => size)).toEqual(expected);
    }
    const random = randomOf(1);
    for (let count = 0; count < 60; count++) {
      expect(await heard(() => 1 + random(3000))).toEqual(expected);
    }
  });

  it('survives a conversation that is cut anywhere', async () => {
    const random = randomOf(2);
    for (let count = 0; count < 150; count++) {
      const fed = await Fed.start(isServer);
      await fed.read(whole.subarray(0, random(whole.length)), () => 1 + random(2000));
      await fed.end();
    }
  });

  it('survives bytes that are changed', async () => {
    const random = randomOf(3);
    for (let count = 0; count < 250; count++) {
      const bytes = Buffer.from(whole);
      for (let changes = 1 + random(8); changes > 0; changes--) {
        bytes[random(bytes.length)] = random(256);
      }
      const fed = await Fed.start(isServer);
      await fed.read(bytes, () => 1 + random(5000));
      await fed.end();
    }
  });

  it('survives frames that are changed, left out, repeated and mixed up', async () => {
    const random = randomOf(4);
    for (let count = 0; count < 400; count++) {
      const frames = conversation.map((bytes) => Buffer.from(bytes));
      for (let changes = 1 + random(6); changes > 0; changes--) {
        change(frames, random);
      }
      const fed = await Fed.start(isServer);
      await fed.read(Buffer.concat(isServer ? [PREFACE, ...frames] : frames), () => 1 + random(5000));
      await fed.end();
    }
  });

  it('survives frames made by chance', async () => {
    const random = randomOf(5);
    for (let count = 0; count < 400; count++) {
      const frames = [settings(), ...Array.from({ length: 40 }, () => frameByChance(random))];
      const fed = await Fed.start(isServer);
      await fed.read(Buffer.concat(isServer ? [PREFACE, ...frames] : frames), () => 1 + random(200));
      await fed.end();
    }
  });
});

function change(frames: Buffer[], random: Random): void {
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
    case 3:
      // Its flags.
      bytes[4] ^= 1 << random(8);
      return;
    case 4:
      // Its stream.
      bytes.writeUInt32BE(random(10), 5);
      return;
    default:
      // Its kind.
      bytes[3] = random(11);
  }
}

/** Mostly of a right length, so that it gets far. */
function frameByChance(random: Random): Buffer {
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
