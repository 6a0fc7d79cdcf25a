/**
 * Complete exchanges on real sockets: the package with itself, and with nghttp2 (used by Node.js) as client and as
 * server.
 */
import { once } from 'node:events';
import {
  connect as connectNode,
  constants,
  createServer as createNodeServer,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Server,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { afterwards, endLoopback, listen } from './testing/loopback.ts';
import { Http2ErrorCode } from './protocol.ts';
import { type OnRequest } from './options.ts';
import {
  connectTo,
  echo,
  SMALL_WINDOWS,
  pattern,
  pinged,
  serve,
  LARGE_WINDOWS,
  writeAll,
} from './testing/connections.ts';
import { post } from './testing/raw-peer.ts';
import { StreamLog } from './testing/stream-log.ts';

afterEach(endLoopback);

/** Longer than a frame, even after Huffman coding. */
const LONG = 'v'.repeat(20_000);

/** The result of one exchange. */
interface Outcome {
  status: string;
  long: string;
  body: Buffer;
  trailers: Record<string, string>;
}

type Ask = (body: Buffer, path: string) => Promise<Outcome>;

async function startNodeServer(
  respond: (stream: ServerHttp2Stream, headers: OutgoingHttpHeaders) => void,
  settings: Settings = {}
): Promise<{ port: number; sessions: ServerHttp2Session[] }> {
  const server: Http2Server = createNodeServer({ settings });
  const sessions: ServerHttp2Session[] = [];
  server.on('session', (session) => {
    session.on('error', () => undefined);
    sessions.push(session);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    respond(stream, headers);
  });
  return { port: await listen(server), sessions };
}

function nodeClient(port: number, settings: Settings = {}): ClientHttp2Session {
  // `maxSessionMemory` is in megabytes. With a lower limit, Node.js rejects the response while much of the request is
  // in memory, waiting to be sent.
  const session = connectNode(`http://127.0.0.1:${port}`, { settings, maxSessionMemory: 100 });
  session.on('error', () => undefined);
  afterwards(() => session.destroy());
  return session;
}

function nodeEcho(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  let bytes = 0;
  stream.respond({ ':status': 200, 'x-long': headers['x-long'] }, { waitForTrailers: true });
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-bytes': String(bytes), 'x-outcome': LONG }));
  stream.pipe(stream);
}

async function ourClient(port: number, limits = SMALL_WINDOWS): Promise<Ask> {
  const { connection } = await connectTo(port, limits);
  return async (body, path) => {
    const log = new StreamLog();
    const stream = connection.request(post(path, ['x-long', LONG], ['x-outcome', LONG]), log);
    await writeAll(stream, body);
    stream.end([['x-request', 'trailers']]);
    expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
    expect(log.events.filter((event) => event !== 'data')).toEqual(['headers', 'trailers', 'end', 'close']);
    return {
      status: log.headers?.get(':status') ?? '',
      long: log.headers?.get('x-long') ?? '',
      body: log.body,
      trailers: Object.fromEntries(log.trailers ?? []),
    };
  };
}

async function receive(stream: ClientHttp2Stream): Promise<Outcome> {
  const parts: Buffer[] = [];
  const seen: Record<string, string> = {};
  const outcome: Outcome = { status: '', long: '', body: Buffer.alloc(0), trailers: seen };
  stream.on('response', (fields) => {
    outcome.status = String(fields[':status']);
    outcome.long = String(fields['x-long']);
  });
  stream.on('trailers', (fields) => Object.assign(seen, fields));
  stream.on('data', (chunk: Buffer) => parts.push(chunk));
  await once(stream, 'close');
  outcome.body = Buffer.concat(parts);
  return outcome;
}

function askNode(session: ClientHttp2Session): Ask {
  return async (body, path) => {
    const stream = session.request(
      { ':method': 'POST', ':path': path, 'x-long': LONG, 'x-outcome': LONG },
      { waitForTrailers: true }
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-request': 'trailers' }));
    stream.end(body);
    return receive(stream);
  };
}

const pairs: Array<{ name: string; start: () => Promise<Ask> }> = [
  { name: 'the package itself, with small windows', start: async () => ourClient((await serve(echo)).port) },
  {
    name: 'the package itself, with large windows',
    start: async () => ourClient((await serve(echo, LARGE_WINDOWS)).port, LARGE_WINDOWS),
  },
  { name: 'nghttp2 as server', start: async () => ourClient((await startNodeServer(nodeEcho)).port) },
  { name: 'nghttp2 as client', start: async () => askNode(nodeClient((await serve(echo)).port)) },
];

describe.each(pairs)('with $name', ({ start }) => {
  it.each([0, 1, 16_384, 16_385, 65_535, 65_536, 1_000_000, 30_000_000])(
    'echoes a body of %i bytes, with long headers and trailers',
    async (bytes) => {
      const ask = await start();
      const body = pattern(bytes);
      const outcome = await ask(body, '/');
      expect(outcome.body.equals(body)).toBe(true);
      expect(outcome).toMatchObject({ status: '200', long: LONG });
      expect(outcome.trailers).toMatchObject({ 'x-bytes': String(bytes), 'x-outcome': LONG });
    }
  );

  it('runs many exchanges concurrently', async () => {
    const ask = await start();
    const bodies = Array.from({ length: 60 }, (_, index) => pattern(index * 3001));
    const outcomes = await Promise.all(bodies.map((body, index) => ask(body, `/${index}`)));
    outcomes.forEach(({ body }, index) => expect(body.equals(bodies[index])).toBe(true));
  });
});

describe('requests above the limit of the server', () => {
  it('wait for other requests to end', async () => {
    let running = 0;
    let maxRunning = 0;
    const { port } = await startNodeServer(
      (stream, headers) => {
        maxRunning = Math.max(maxRunning, ++running);
        stream.on('close', () => running--);
        nodeEcho(stream, headers);
      },
      { maxConcurrentStreams: 3 }
    );
    const { connection, ready } = await connectTo(port);
    await ready;
    const logs = Array.from({ length: 50 }, () => new StreamLog());
    logs.forEach((log) => connection.request(post(), log).end());
    expect(connection.streamCount).toBe(50);
    expect(await Promise.all(logs.map(({ closed }) => closed))).toEqual(logs.map(() => Http2ErrorCode.NO_ERROR));
    expect(maxRunning).toBe(3);
  });

  it('are closed with REFUSED_STREAM when they were sent before the settings arrived', async () => {
    const { port } = await serve((stream) => void (stream.events = new StreamLog()), {
      ...SMALL_WINDOWS,
      maxStreams: 2,
    });
    const { connection } = await connectTo(port);
    const logs = [new StreamLog(), new StreamLog(), new StreamLog()];
    // The settings of the server, with its limit, have not arrived yet.
    logs.forEach((log) => connection.request(post(), log).end());
    expect(await logs[2].closed).toBe(Http2ErrorCode.REFUSED_STREAM);
    expect(logs[0].events).toEqual([]);
  });
});

describe('windows', () => {
  it.each([1, 100, 16_383])('of %i bytes deliver the whole body', async (initialWindowSize) => {
    const { port } = await serve(echo);
    const session = nodeClient(port, { initialWindowSize });
    const body = pattern(initialWindowSize * 50);
    expect((await askNode(session)(body, '/')).body.equals(body)).toBe(true);
  });

  it('of 0 bytes can be opened by new settings', async () => {
    const { port } = await serve(echo);
    const session = nodeClient(port, { initialWindowSize: 0 });
    const stream = session.request({ ':method': 'POST' });
    const body = pattern(50_000);
    const outcome = receive(stream);
    stream.end(body);
    await once(stream, 'response');
    session.settings({ initialWindowSize: 10_000 });
    expect((await outcome).body.equals(body)).toBe(true);
  });

  it('apply backpressure to the server while the client is paused', async () => {
    const body = pattern(1_000_000);
    const { port } = await startNodeServer((stream) => {
      stream.respond({ ':status': 200 });
      stream.end(body);
    });
    const { connection } = await connectTo(port);
    const log = new StreamLog();
    const stream = connection.request(post(), log);
    stream.pause();
    stream.end();
    await log.atLeast(SMALL_WINDOWS.streamWindowBytes);
    await pinged(connection);
    await pinged(connection);
    expect(log.bytes).toBe(SMALL_WINDOWS.streamWindowBytes);
    stream.resume();
    await log.closed;
    expect(log.body.equals(body)).toBe(true);
  });

  it('apply backpressure to a stream that the server has paused, but to no other stream', async () => {
    const log = new StreamLog();
    const paused = Promise.withResolvers<{ resume: () => void }>();
    const respond: OnRequest = (stream, headers) => {
      if (headers.get(':path') !== '/paused') {
        echo(stream, headers);
        return;
      }
      stream.events = log;
      stream.pause();
      paused.resolve(stream);
    };
    const { port } = await serve(respond);
    const session = nodeClient(port);
    const stream = session.request({ ':method': 'POST', ':path': '/paused' });
    stream.on('error', () => undefined);
    const body = pattern(1_000_000);
    stream.end(body);
    await log.atLeast(SMALL_WINDOWS.streamWindowBytes);
    const other = pattern(300_000);
    expect((await askNode(session)(other, '/')).body.equals(other)).toBe(true);
    expect(log.bytes).toBe(SMALL_WINDOWS.streamWindowBytes);
    (await paused.promise).resume();
    await log.atLeast(body.length);
    expect(log.body.equals(body)).toBe(true);
  });
});

describe('a reset', () => {
  it('by a client of this package closes the stream on the server', async () => {
    const closed = Promise.withResolvers<number | undefined>();
    const { port } = await startNodeServer((stream) => {
      stream.respond({ ':status': 200 });
      stream.write(pattern(1_000_000));
      stream.on('close', () => closed.resolve(stream.rstCode));
    });
    const { connection } = await connectTo(port);
    const log = new StreamLog();
    const stream = connection.request(post(), log);
    log.onPart = () => stream.reset(Http2ErrorCode.CANCEL);
    expect(await closed.promise).toBe(constants.NGHTTP2_CANCEL);
    expect(log.events).toEqual(['headers', 'data', 'close']);
    // The client counts the bytes in flight in the window of the connection, and drops them.
    await pinged(connection);
    expect(connection.isUsable).toBe(true);
  });

  it('by a client of Node.js closes the stream of this package', async () => {
    const log = new StreamLog();
    const { port } = await serve((stream) => {
      stream.events = log;
      stream.sendHeaders([[':status', '200']]);
    });
    const stream = nodeClient(port).request({ ':method': 'POST' });
    stream.on('error', () => undefined);
    await once(stream, 'response');
    stream.close(constants.NGHTTP2_CANCEL);
    expect(await log.closed).toBe(Http2ErrorCode.CANCEL);
  });

  it.each([constants.NGHTTP2_REFUSED_STREAM, constants.NGHTTP2_INTERNAL_ERROR])(
    'by a server of Node.js reaches a client of this package: %i',
    async (code) => {
      const { port } = await startNodeServer((stream) => stream.close(code));
      const { connection } = await connectTo(port);
      const log = new StreamLog();
      connection.request(post(), log);
      expect(await log.closed).toBe(code);
      expect(log.events).toEqual(['close']);
    }
  );
});

it('resets a stream with NO_ERROR when the response is complete, but the request is not', async () => {
  const log = new StreamLog();
  const { port } = await serve((stream) => {
    stream.events = log;
    stream.sendHeaders([[':status', '413']], true);
  });
  const stream = nodeClient(port).request({ ':method': 'POST' });
  stream.write(pattern(100_000));
  expect((await receive(stream)).status).toBe('413');
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  expect(log.events).toEqual(['close']);
});

describe('GOAWAY', () => {
  it('from a server of this package lets open streams end', async () => {
    const streams: Array<() => void> = [];
    const { port, sides } = await serve((stream) => {
      stream.events = new StreamLog();
      stream.sendHeaders([[':status', '200']]);
      streams.push(() => stream.end());
    });
    const session = nodeClient(port);
    const stream = session.request({ ':method': 'POST' });
    stream.end();
    const outcome = receive(stream);
    await once(stream, 'response');
    sides[0].connection.close();
    await once(session, 'goaway');
    streams.forEach((end) => end());
    expect((await outcome).status).toBe('200');
    expect(await sides[0].closed).toBeUndefined();
  });

  it('from a client of this package lets open streams end', async () => {
    const body = pattern(200_000);
    const { port } = await startNodeServer(nodeEcho);
    const { connection, closed } = await connectTo(port);
    const log = new StreamLog();
    const stream = connection.request(post(), log);
    await log.headersArrived;
    connection.close();
    expect(connection.isUsable).toBe(false);
    stream.write(body);
    stream.end();
    expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
    expect(log.body.equals(body)).toBe(true);
    expect(await closed).toBeUndefined();
  });

  it('from a server of Node.js closes the connection after the last stream', async () => {
    const { port, sessions } = await startNodeServer(nodeEcho);
    const { connection, closed, goAway } = await connectTo(port);
    const log = new StreamLog();
    const stream = connection.request(post(), log);
    await log.headersArrived;
    sessions[0].close();
    await goAway;
    expect(connection.isUsable).toBe(false);
    stream.end();
    expect(await log.closed).toBe(Http2ErrorCode.NO_ERROR);
    expect(await closed).toBeUndefined();
  });
});
