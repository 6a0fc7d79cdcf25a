/** Identity providers, SOCKS proxies and HTTP proxies on loopback that break their protocol. */
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { ProxyError } from '../../base/errors/proxy-error';
import { askProvider } from '../oidc/provider-http';
import { dial } from './dial';
import { createProviderFetch } from './provider-fetch';
import { endLoopback, listen } from './testing/loopback';

afterEach(endLoopback);

const MIB = 1024 * 1024;
const ENDLESS = Buffer.alloc(65_536, 'a');

/** Bytes that the socket has sent, when the connection has ended. */
interface Sent {
  bytes: Promise<number>;
}

/** Sends the chunk again and again, as long as the peer reads. */
function repeat(socket: Socket, chunk: Uint8Array | string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(chunk)) {
      // The socket takes more.
    }
  };
  socket.on('drain', write);
  write();
}

/** A TCP server that calls `respond` after the first bytes of each client. */
async function liar(respond: (socket: Socket) => void): Promise<{ port: number } & Sent> {
  const ended = Promise.withResolvers<number>();
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('close', () => ended.resolve(socket.bytesWritten - socket.writableLength));
      socket.once('data', () => respond(socket));
    })
  );
  return { port, bytes: ended.promise };
}

/** The outcome of a request to the provider: `status: length of body`, or the code of the error. */
async function outcome(port: number): Promise<string> {
  const fetch = createProviderFetch({ tls: { skipVerify: false } }, { allowsHost: () => true, environment: {} });
  const request = { method: 'GET', headers: {} };
  const signal = new AbortController().signal;
  try {
    const url = `http://127.0.0.1:${port}/.well-known/openid-configuration`;
    const { status, body } = await askProvider(fetch, url, request, signal, 'provider_intercepted');
    return `${status}: ${body.length}`;
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

const json = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const bomb = gzipSync(Buffer.alloc(50 * MIB));

it.each<{ name: string; respond: (socket: Socket) => void; expected: string; mostBytes?: number }>([
  {
    name: 'a body that never ends',
    respond: (socket) => repeat((socket.write(`${json}\r\n`), socket), ENDLESS),
    expected: 'provider_intercepted',
  },
  {
    name: 'chunks that never end',
    respond: (socket) => {
      socket.write(`${json}Transfer-Encoding: chunked\r\n\r\n`);
      repeat(socket, `10000\r\n${ENDLESS.toString()}\r\n`);
    },
    expected: 'provider_intercepted',
  },
  {
    name: 'chunks of one byte with long extensions',
    respond: (socket) => {
      socket.write(`${json}Transfer-Encoding: chunked\r\n\r\n`);
      repeat(socket, `1;${'x'.repeat(10_000)}\r\na\r\n`);
    },
    expected: 'provider_unreachable',
  },
  {
    name: 'headers that never end',
    respond: (socket) => repeat((socket.write('HTTP/1.1 200 OK\r\n'), socket), `X-A: ${'a'.repeat(1000)}\r\n`),
    expected: 'provider_unreachable',
  },
  {
    name: 'a status line that never ends',
    respond: (socket) => repeat((socket.write('HTTP/1.1 200 '), socket), ENDLESS),
    expected: 'provider_unreachable',
  },
  {
    name: 'a gzip bomb, which is not decompressed',
    respond: (socket) =>
      socket.end(
        Buffer.concat([Buffer.from(`${json}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`), bomb])
      ),
    expected: `200: ${new TextDecoder().decode(bomb).length}`,
  },
  {
    name: 'a body that is shorter than its length',
    respond: (socket) => socket.end(`${json}Content-Length: 100\r\n\r\n{}`),
    expected: 'provider_unreachable',
  },
  {
    name: 'a body that is longer than its length',
    respond: (socket) => socket.end(`${json}Content-Length: 2\r\nConnection: close\r\n\r\n{}{}{}`),
    expected: '200: 2',
  },
  {
    name: 'two lengths',
    respond: (socket) => socket.end(`${json}Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}`),
    expected: 'provider_unreachable',
  },
  {
    name: 'a negative length',
    respond: (socket) => socket.end(`${json}Content-Length: -1\r\n\r\n{}`),
    expected: 'provider_unreachable',
  },
  {
    name: 'a length beyond all integers',
    respond: (socket) => repeat((socket.write(`${json}Content-Length: ${'9'.repeat(30)}\r\n\r\n`), socket), ENDLESS),
    expected: 'provider_unreachable',
  },
  {
    name: 'a redirect to itself',
    respond: (socket) =>
      socket.end('HTTP/1.1 302 Found\r\nLocation: /.well-known/openid-configuration\r\nContent-Length: 0\r\n\r\n'),
    expected: '302: 0',
  },
  { name: 'no HTTP', respond: (socket) => repeat(socket, ENDLESS), expected: 'provider_unreachable' },
  { name: 'no response', respond: (socket) => socket.end(), expected: 'provider_unreachable' },
])('limits a provider with $name', async ({ respond, expected }) => {
  const { port, bytes } = await liar(respond);
  expect(await outcome(port)).toBe(expected);
  // The limit of 1 MiB, and the buffers of both ends of the connection.
  expect(await bytes).toBeLessThan(16 * MIB);
});

/** The outcome of a connection through a SOCKS proxy: the first bytes after its reply, or the code of the error. */
async function throughSocks(port: number): Promise<string> {
  const socks = { host: '127.0.0.1', port, serverName: '', rootCas: [], isPlaintext: true, user: '' };
  try {
    const socket = await dial({ host: 'lake.test', port: 1, socks }, new AbortController().signal);
    socket.destroy();
    return 'connected';
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

it.each<{ name: string; replies: ReadonlyArray<Uint8Array | string>; isEndless?: boolean; expected: string }>([
  { name: 'an endless first reply', replies: [], isEndless: true, expected: 'proxy_unreachable' },
  { name: 'an empty first reply', replies: [], expected: 'proxy_unreachable' },
  { name: 'a first reply that is cut', replies: [Buffer.of(5)], expected: 'proxy_unreachable' },
  { name: 'a method that was not offered', replies: [Buffer.of(5, 2)], expected: 'proxy_unreachable' },
  { name: 'an unknown method', replies: [Buffer.of(5, 0x80)], expected: 'proxy_unreachable' },
  { name: 'a second reply that is cut', replies: [Buffer.of(5, 0), Buffer.of(5, 0, 0)], expected: 'proxy_unreachable' },
  {
    name: 'an address that is cut',
    replies: [Buffer.of(5, 0), Buffer.of(5, 0, 0, 3, 255, 1)],
    expected: 'proxy_unreachable',
  },
  {
    name: 'an unknown kind of address',
    replies: [Buffer.of(5, 0), Buffer.of(5, 0, 0, 9, 0, 0, 0, 0, 0, 0)],
    expected: 'proxy_unreachable',
  },
  {
    name: 'an unknown failure',
    replies: [Buffer.of(5, 0), Buffer.of(5, 200, 0, 1, 0, 0, 0, 0, 0, 0)],
    expected: 'proxy_unreachable',
  },
  {
    name: 'endless bytes after its reply',
    replies: [Buffer.of(5, 0), Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)],
    isEndless: true,
    expected: 'connected',
  },
])('limits a SOCKS proxy with $name', async ({ replies, isEndless = false, expected }) => {
  const { port, bytes } = await liar((socket) => {
    replies.forEach((reply) => socket.write(reply));
    if (isEndless) {
      repeat(socket, ENDLESS);
    } else {
      socket.end();
    }
  });
  expect(await throughSocks(port)).toBe(expected);
  expect(await bytes).toBeLessThan(16 * MIB);
});
