import { connect } from 'node:http2';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../observe/logging/logger';
import { MemoryBudget } from '../observe/memory/memory-budget';
import { type GrpcMethod } from './grpc-method';
import { GrpcServer } from './grpc-server';

const PATH = '/test.Service/Method';
/** More bytes than fit into the flow control windows and buffers of a caller that does not read. */
const LARGE = Buffer.alloc(4 * 1024 * 1024);

// `setTimeout` is replaced for the server. Sockets and streams need the functions in `doNotFake`.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] }));
afterEach(() => void jest.useRealTimers());

it.each([
  { name: 'resets a call ten seconds after the deadline of a message that the caller does not read', isPast: true },
  {
    name: 'keeps a call if the caller reads the message after a minute, before the deadline of the message',
    isPast: false,
  },
])('$name', async ({ isPast }) => {
  const deadline = new AbortController();
  const sending = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let onSent = 0;
  const method: GrpcMethod = {
    path: PATH,
    request: 'ignored',
    endless: false,
    async *serve() {
      try {
        setImmediate(sending.resolve);
        yield { pieces: [LARGE], deadline: deadline.signal, onSent: () => onSent++ };
      } finally {
        ended.resolve();
      }
    },
  };
  const folder = mkdtempSync(join(tmpdir(), 'mm-late-'));
  const path = join(folder, 's');
  const logger = createLogger({ write: () => undefined });
  const server = new GrpcServer({ methods: [method], logger, memory: new MemoryBudget({ totalBytes: 2 ** 30 }) });
  await server.listen({ path });
  const session = connect('http://plugin', { createConnection: () => connectSocket(path) });
  const stream = session.request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc' });
  const closed = new Promise((resolve) => stream.once('close', resolve));
  stream.on('error', () => undefined);
  stream.end();
  await sending.promise;
  if (isPast) {
    deadline.abort();
    await jest.advanceTimersByTimeAsync(9000);
    expect(stream.closed).toBe(false);
    await jest.advanceTimersByTimeAsync(1000);
    // A caller learns of the reset when it reads.
    stream.resume();
  } else {
    await jest.advanceTimersByTimeAsync(60_000);
    stream.resume();
    deadline.abort();
  }
  await closed;
  await ended.promise;
  expect({ code: stream.rstCode, onSent }).toEqual({ code: isPast ? 8 : 0, onSent: 1 });
  session.close();
  await server.close(0);
  rmSync(folder, { recursive: true });
});
