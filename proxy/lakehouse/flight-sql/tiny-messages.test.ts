/** Servers that send too many messages, most of them empty or tiny. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { endLoopback } from '../network/testing/loopback';
import { GRPC_HEADERS, prefixed, SCHEMA_MESSAGE, startHttp2Server } from './testing/http2-test-server';
import { flightData } from './testing/flight-test-server';
import { callWith, clientOf, endAll, errorOf } from './testing/test-client';

afterEach(() => {
  endAll();
  endLoopback();
});

/** The longest time in milliseconds for which the event loop was blocked. */
async function longestBlock(work: Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work;
  delay.disable();
  return delay.max / 1e6;
}

/** A server that responds with a schema and then with these bytes. */
async function serverOf(bytes: Uint8Array): Promise<number> {
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.on('error', () => undefined);
    stream.write(SCHEMA_MESSAGE);
    stream.write(bytes);
  });
  return port;
}

it('fails a query that gets empty messages after the schema, and blocks the event loop less than 10 s', async () => {
  const client = clientOf(await serverOf(Buffer.alloc(8_000_000)));
  const error = errorOf(client.execute('SELECT 1', callWith()));
  // With an array as the queue, this took 35 s.
  expect(await longestBlock(error)).toBeLessThan(10_000);
  expect((await error).code).toBe('result_malformed');
});

it('fails a query that gets empty messages slowly', async () => {
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.on('error', () => undefined);
    const more = () => void (stream.destroyed || stream.write(Buffer.alloc(1000), more));
    stream.write(SCHEMA_MESSAGE, more);
  });
  expect(await errorOf(clientOf(port).execute('SELECT 1', callWith()))).toMatchObject({
    code: 'result_malformed',
    detail: 'The server sends too many messages without Arrow data.',
  });
});

it('fails a query with too many queued small messages', async () => {
  const message = prefixed(flightData('batch'));
  const port = await serverOf(Buffer.concat(Array.from({ length: 8_000_000 / message.length }, () => message)));
  const messages = clientOf(port).execute('SELECT 1', callWith())[Symbol.asyncIterator]();
  await messages.next();
  // The consumer is slow, so the queue reaches its limit before flow control stops the server.
  await expect(
    (async () => {
      for (;;) {
        await messages.next();
        for (let turn = 0; turn < 100; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
    })()
  ).rejects.toMatchObject({
    code: 'result_malformed',
    detail: 'The server sends more small messages than can be queued.',
  });
});

it('yields to other work while it drains a long queue', async () => {
  const message = prefixed(flightData('batch'));
  const count = 20_000;
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS, { waitForTrailers: true });
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.write(SCHEMA_MESSAGE);
    stream.end(Buffer.concat(Array.from({ length: count }, () => message)));
  });
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const messages = clientOf(port).execute('SELECT 1', callWith());
  let received = 0;
  let turnsBefore = turns;
  let longest = 0;
  for await (const { header } of messages) {
    received += header.length > 0 ? 1 : 0;
    if (turns !== turnsBefore) {
      turnsBefore = turns;
      longest = Math.max(longest, received);
      received = 0;
    }
  }
  clearInterval(timer);
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThan(count / 2);
});

it('fails a GetFlightInfo call with more than one message', async () => {
  const { port } = await startHttp2Server((stream, number) => {
    stream.on('error', () => undefined);
    if (number === 1) {
      stream.respond(
        { ...GRPC_HEADERS, 'grpc-status': '3', 'grpc-message': 'unable to unmarshal ticket' },
        { endStream: true }
      );
      return;
    }
    stream.respond(GRPC_HEADERS);
    stream.write(Buffer.alloc(1000));
  });
  expect(await errorOf(clientOf(port).execute('SELECT 1', callWith({ timeoutMs: 5000 })))).toMatchObject({
    code: 'not_flight_sql',
    detail: 'The response to GetFlightInfo has more than one message.',
  });
});
