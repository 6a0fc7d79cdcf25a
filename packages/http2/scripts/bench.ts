/**
 * Compares the package with `node:http2`: `npm run bench -w packages/http2`. BENCH_ROUNDS is the number of rounds
 * (default 15).
 *
 * Client and server run in this process, connected by loopback, with the same windows and frame sizes. The rounds of
 * the two implementations alternate, so that other load of the machine affects both of them. The CPU time is that of
 * the whole process: client, server and kernel.
 */
import { once } from 'node:events';
import {
  connect as connectNode,
  createServer as createNodeServer,
  type ClientHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { ByteSource, Http2Connection, type ConnectionLimits, type Http2Stream } from '../src/index.ts';
import { endLoopback, listen } from '../src/testing/loopback.ts';

const LIMITS: ConnectionLimits = {
  streamWindowBytes: 8 * 1024 * 1024,
  connectionWindowBytes: 32 * 1024 * 1024,
  frameBytes: 256 * 1024,
  headerListBytes: 64 * 1024,
  maxStreams: 1000,
};
const NODE_SETTINGS = {
  initialWindowSize: LIMITS.streamWindowBytes,
  maxFrameSize: LIMITS.frameBytes,
  maxConcurrentStreams: LIMITS.maxStreams,
};

const MESSAGE = Buffer.alloc(1000, 'm');
const PIECE = Buffer.alloc(64 * 1024, 'p');
const PIECES = 3200;
const FIELDS = { 'content-type': 'application/grpc', te: 'trailers', 'user-agent': 'bench', authorization: 'Bearer 1' };

interface Client {
  /** Sends a POST request with MESSAGE as its body. @returns Bytes of the response body. */
  request(path: '/unary' | '/download'): Promise<number>;
}

function endStream(stream: Http2Stream): void {
  stream.end([['grpc-status', '0']]);
}

async function download(stream: Http2Stream): Promise<void> {
  for (let count = 0; count < PIECES; count++) {
    stream.write(PIECE);
    await stream.drained();
  }
  endStream(stream);
}

async function startOurs(): Promise<Client> {
  const server = createServer({ noDelay: true }, (accepted) => {
    new Http2Connection({
      socket: accepted,
      limits: LIMITS,
      onRequest: (stream, headers) => {
        stream.events = {
          onData: () => undefined,
          onEnd: () => {
            stream.sendHeaders([
              [':status', '200'],
              ['content-type', 'application/grpc'],
            ]);
            if (headers.get(':path') === '/download') {
              void download(stream);
            } else {
              stream.write(MESSAGE);
              endStream(stream);
            }
          },
          onClose: () => undefined,
        };
      },
    });
  });
  const source = new ByteSource();
  const socket = connect({ port: await listen(server), host: '127.0.0.1', noDelay: true, onread: source.onread });
  await once(socket, 'connect');
  const connection = new Http2Connection({ socket, source, limits: LIMITS });
  return { request: (path) => requestOurs(connection, path) };
}

function requestOurs(connection: Http2Connection, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let isOk = false;
    const stream = connection.request(
      [
        [':method', 'POST'],
        [':scheme', 'http'],
        [':path', path],
        [':authority', 'localhost'],
        ...Object.entries(FIELDS),
      ],
      {
        onData: (part) => (bytes += part.length),
        onTrailers: (trailers) => (isOk = trailers.get('grpc-status') === '0'),
        onEnd: () => undefined,
        onClose: (code) => (isOk ? resolve(bytes) : reject(new Error(`The stream closed with ${code}`))),
      }
    );
    stream.write(MESSAGE);
    stream.end();
  });
}

async function startNode(): Promise<Client> {
  const server = createNodeServer({ settings: NODE_SETTINGS });
  server.on('connection', (accepted: Socket) => accepted.setNoDelay(true));
  server.on('session', (session) => session.setLocalWindowSize(LIMITS.connectionWindowBytes));
  server.on('stream', (stream, headers) => {
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('data', () => undefined);
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      if (headers[':path'] === '/download') {
        void downloadNode(stream);
      } else {
        stream.end(MESSAGE);
      }
    });
  });
  const port = await listen(server);
  const session = connectNode(`http://127.0.0.1:${port}`, {
    settings: NODE_SETTINGS,
    createConnection: () => connect({ port, host: '127.0.0.1', noDelay: true }),
  });
  await once(session, 'connect');
  session.setLocalWindowSize(LIMITS.connectionWindowBytes);
  return { request: (path) => requestNode(session, path) };
}

async function downloadNode(stream: ServerHttp2Stream): Promise<void> {
  for (let count = 0; count < PIECES; count++) {
    if (!stream.write(PIECE)) {
      await once(stream, 'drain');
    }
  }
  stream.end();
}

function requestNode(session: ClientHttp2Session, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let bytes = 0;
    const stream = session.request({ ':method': 'POST', ':path': path, ...FIELDS });
    stream.on('data', (part: Buffer) => (bytes += part.length));
    stream.on('trailers', (trailers) => trailers['grpc-status'] === '0' && resolve(bytes));
    stream.on('error', reject);
    // Has no effect if the promise is settled.
    stream.on('close', () => reject(new Error('A response has no trailers with status 0.')));
    stream.end(MESSAGE);
  });
}

interface Case {
  name: string;
  run: (client: Client) => Promise<void>;
}

async function requests(client: Client, path: '/unary' | '/download', count: number, bytes: number): Promise<void> {
  for (let done = 0; done < count; done++) {
    if ((await client.request(path)) !== bytes) {
      throw new Error('A response is not complete.');
    }
  }
}

const CASES: Case[] = [
  {
    name: '2,000 unary calls of 1 kB, one after the other',
    run: (client) => requests(client, '/unary', 2000, MESSAGE.length),
  },
  {
    name: '5,000 unary calls of 1 kB, 50 at a time',
    run: async (client) => {
      await Promise.all(Array.from({ length: 50 }, () => requests(client, '/unary', 100, MESSAGE.length)));
    },
  },
  {
    name: `a response of ${Math.round((PIECES * PIECE.length) / 1e6)} MB`,
    run: (client) => requests(client, '/download', 1, PIECES * PIECE.length),
  },
  {
    name: `4 responses of ${Math.round((PIECES * PIECE.length) / 1e6)} MB at a time`,
    run: async (client) => {
      await Promise.all(Array.from({ length: 4 }, () => requests(client, '/download', 1, PIECES * PIECE.length)));
    },
  },
];

interface Sample {
  wallMs: number;
  cpuMs: number;
}

async function measure(work: () => Promise<void>): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs: performance.now() - startMs, cpuMs: (user + system) / 1000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function row(name: string, ours: readonly Sample[], node: readonly Sample[]): string {
  const cells = (['wallMs', 'cpuMs'] as const).flatMap((key) => {
    const [a, b] = [ours, node].map((samples) => median(samples.map((sample) => sample[key])));
    return [`${a?.toFixed(0)} ms`, `${b?.toFixed(0)} ms`, ((a ?? NaN) / (b ?? NaN)).toFixed(2)];
  });
  return `| ${[name.padEnd(48), ...cells.map((cell) => cell.padStart(9))].join(' | ')} |`;
}

async function main(): Promise<void> {
  const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
  const clients = [await startOurs(), await startNode()] as const;
  console.log(`Node.js ${process.versions.node}, nghttp2 ${process.versions.nghttp2}, medians of ${rounds} rounds\n`);
  const titles = ['time', 'node:http2', 'ratio', 'CPU', 'node:http2', 'ratio'].map((title) => title.padStart(9));
  console.log(`| ${[''.padEnd(48), ...titles].join(' | ')} |`);
  console.log(`| ${'-'.repeat(48)} | ${titles.map(({ length }) => `${'-'.repeat(length - 1)}:`).join(' | ')} |`);
  for (const { name, run } of CASES) {
    const samples: [Sample[], Sample[]] = [[], []];
    for (let round = -3; round < rounds; round++) {
      for (const side of [0, 1] as const) {
        const sample = await measure(() => run(clients[side]));
        if (round >= 0) {
          samples[side].push(sample);
        }
      }
    }
    console.log(row(name, ...samples));
  }
  endLoopback();
  process.exit();
}

main().catch((reason: unknown) => {
  console.error(reason);
  process.exit(1);
});
