/** Calls to a bare HTTP/2 server whose responses are faulty. */
import { accountOf } from '../../observe/memory/testing/accounts';
import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect, createServer, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { settingsFrame } from '@micromegas/http2';
import { FlightDataSchema } from '../../generated/arrow/flight/flight_pb';
import { endLoopback, listen } from '../network/testing/loopback';
import { conclude, GRPC_HEADERS, prefixed, SCHEMA_MESSAGE, startHttp2Server } from './testing/http2-test-server';
import { flightData } from './testing/flight-test-server';
import { callWith, clientOf, collect, endAll, errorOf, headersOf, type TestClient } from './testing/test-client';

afterEach(() => {
  endAll();
  endLoopback();
});

const OK = { 'grpc-status': '0' };

function run(client: TestClient) {
  return client.execute('SELECT 1', callWith());
}

interface OddResponse {
  name: string;
  response: (stream: ServerHttp2Stream) => void;
  code: string;
  detail?: string;
}

const LONG = 'Valid fields are '.padEnd(40_000, 'x');

const odd: OddResponse[] = [
  {
    name: 'a long error message in a response without a body',
    response: (stream) =>
      stream.respond(
        { ...GRPC_HEADERS, 'grpc-status': '3', 'grpc-message': encodeURIComponent(LONG) },
        { endStream: true }
      ),
    code: 'query_invalid',
    // `foreignString` limits the length of the message.
    detail: `${LONG.slice(0, 1999)}…`,
  },
  {
    name: 'a response without a status',
    response: (stream) => conclude(stream, SCHEMA_MESSAGE),
    code: 'server_intercepted',
    detail: 'The response has the headers of gRPC, but ends without the gRPC status (the trailers).',
  },
  {
    name: 'trailers without a status',
    response: (stream) => conclude(stream, SCHEMA_MESSAGE, { 'x-other': '1' }),
    code: 'server_intercepted',
    detail: 'The response has the headers of gRPC, but ends without the gRPC status (the trailers).',
  },
  {
    name: 'a truncated message',
    response: (stream) => conclude(stream, SCHEMA_MESSAGE.subarray(0, -1), OK),
    code: 'result_malformed',
    detail: 'The response ends in the middle of a message.',
  },
  {
    name: 'a compressed message',
    response: (stream) => conclude(stream, prefixed(Buffer.from('x'), 1), OK),
    code: 'result_malformed',
    detail: 'The server compresses messages, which was not requested.',
  },
  {
    name: 'a web page',
    response: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
    },
    code: 'not_flight_sql',
    detail: expect.stringMatching(/^The response has HTTP status 200 \(text\/html\), but is not gRPC\./),
  },
  {
    name: 'a load balancer without a healthy server',
    response: (stream) => {
      stream.respond({ ':status': 503, 'content-type': 'text/plain' });
      stream.end('no upstream');
    },
    code: 'server_unavailable',
    detail: expect.stringMatching(/^The response has HTTP status 503 \(text\/plain\)\./),
  },
  {
    name: 'HTTP status 503 with a gRPC status',
    response: (stream) =>
      stream.respond(
        { ...GRPC_HEADERS, ':status': 503, 'grpc-status': '14', 'grpc-message': 'no healthy upstream' },
        { endStream: true }
      ),
    code: 'server_unavailable',
    detail: 'no healthy upstream.',
  },
  {
    name: 'a reset before the response',
    response: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    code: 'server_unavailable',
    detail: 'The server reset the call (HTTP/2 code 2).',
  },
];

it.each(odd)('reports $name', async ({ response, code, detail }) => {
  const { port } = await startHttp2Server(response);
  expect(await errorOf(run(clientOf(port)))).toMatchObject({ code, detail });
});

it('reports a reset in the middle of a response', async () => {
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.write(SCHEMA_MESSAGE, () => stream.close(constants.NGHTTP2_CANCEL));
  });
  const error = await errorOf(run(clientOf(port)));
  expect(error.code).toBe('connection_lost');
});

it('rejects a message that is longer than the limit of the query', async () => {
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.write(prefixed(Buffer.alloc(2000)).subarray(0, 10));
  });
  const messages = clientOf(port).execute('SELECT 1', callWith({ memory: accountOf(1000) }));
  expect(await errorOf(messages)).toMatchObject({
    code: 'result_too_large',
    detail: 'The server sends 2000 bytes in one message.',
  });
});

it('rejects megabytes of messages without Arrow data', async () => {
  const metadata = prefixed(
    toBinary(FlightDataSchema, create(FlightDataSchema, { appMetadata: Buffer.alloc(1_000_000) }))
  );
  const { port } = await startHttp2Server((stream) => {
    stream.respond(GRPC_HEADERS);
    stream.on('error', () => undefined);
    for (let sent = 0; sent < 20; sent++) {
      stream.write(metadata);
    }
  });
  expect((await errorOf(run(clientOf(port)))).code).toBe('result_malformed');
});

it('sends the time limit and the user agent', async () => {
  const { port, calls } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
  await collect(run(clientOf(port)));
  expect(calls[0]).toMatchObject({
    ':path': '/arrow.flight.protocol.FlightService/DoGet',
    ':scheme': 'http',
    ':authority': `127.0.0.1:${port}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'micromegas-grafana',
    'grpc-timeout': expect.stringMatching(/^(1\d{4}|20000)m$/),
  });
});

describe('a call that the server does not process', () => {
  it('is repeated', async () => {
    const { port, calls } = await startHttp2Server((stream, number) =>
      number < 3 ? stream.close(constants.NGHTTP2_REFUSED_STREAM) : conclude(stream, SCHEMA_MESSAGE, OK)
    );
    expect(headersOf(await collect(run(clientOf(port))))).toEqual(['schema']);
    expect(calls).toHaveLength(3);
  });

  it('is not repeated if its first message has arrived, because this message would arrive twice', async () => {
    const { port, calls } = await startHttp2Server((stream) => {
      stream.respond(GRPC_HEADERS);
      stream.write(SCHEMA_MESSAGE, () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    });
    expect((await errorOf(run(clientOf(port)))).code).toBe('connection_lost');
    expect(calls).toHaveLength(1);
  });

  it('is repeated only a limited number of times', async () => {
    const { port, calls } = await startHttp2Server((stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    expect((await errorOf(run(clientOf(port)))).code).toBe('server_unavailable');
    expect(calls).toHaveLength(3);
  });
});

describe('a server that sends GOAWAY', () => {
  it('finishes the call in flight, and gets the next call on a new connection', async () => {
    const open: ServerHttp2Stream[] = [];
    const { port, sessions } = await startHttp2Server((stream, number) => {
      if (number > 1) {
        conclude(stream, SCHEMA_MESSAGE, OK);
        return;
      }
      stream.respond(GRPC_HEADERS, { waitForTrailers: true });
      stream.write(SCHEMA_MESSAGE);
      open.push(stream);
    });
    const client = clientOf(port);
    const messages = run(client)[Symbol.asyncIterator]();
    await messages.next();
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    // The response to a PING arrives after the GOAWAY.
    await new Promise((resolve) => sessions[0]?.ping(resolve));
    expect(headersOf(await collect(run(client)))).toEqual(['schema']);
    expect(sessions).toHaveLength(2);
    open.forEach((stream) => conclude(stream, prefixed(flightData('batch')), OK));
    expect(Buffer.from((await messages.next()).value?.header ?? []).toString()).toBe('batch');
    expect((await messages.next()).done).toBe(true);
  });

  it('gets no call on a connection that the server closed', async () => {
    const { port, sessions } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
    const client = clientOf(port);
    await collect(run(client));
    const session = sessions[0];
    session?.close();
    await (session?.closed === true && session.destroyed ? undefined : once(session ?? process, 'close'));
    expect(headersOf(await collect(run(client)))).toEqual(['schema']);
    expect(sessions).toHaveLength(2);
  });
});

describe('a lost connection with several calls', () => {
  const COUNT = 20;

  /**
   * Starts the calls on one connection of the client, and destroys the connection when all calls have arrived.
   *
   * @param onProbe Called with each later connection. Without `onProbe`, later connections are relayed to the server.
   */
  async function lose({ onProbe, timeoutMs }: { onProbe?: (socket: Socket) => void; timeoutMs?: number } = {}) {
    const sockets: Socket[] = [];
    const arrived = Promise.withResolvers<void>();
    let calls = 0;
    const { port: target } = await startHttp2Server(() => {
      calls += 1;
      if (calls === COUNT) {
        arrived.resolve();
      }
    });
    const relay = createServer((near) => {
      sockets.push(near);
      const far = connect(target, '127.0.0.1');
      near.on('error', () => far.destroy());
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      far.on('error', () => near.destroy());
      if (sockets.length === 1 || onProbe === undefined) {
        near.pipe(far).pipe(near);
      } else {
        onProbe(near);
      }
    });
    const client = clientOf(await listen(relay));
    const controllers = Array.from({ length: COUNT }, () => new AbortController());
    const errors = controllers.map(({ signal }) =>
      errorOf(client.execute('SELECT 1', callWith({ signal, ...(timeoutMs !== undefined && { timeoutMs }) })))
    );
    await arrived.promise;
    sockets[0]?.destroy();
    return { client, controllers, errors, sockets };
  }

  it('causes one probe for all of its calls', async () => {
    const { errors, sockets } = await lose();
    const codes = (await Promise.all(errors)).map(({ code }) => code);
    expect(codes).toEqual(new Array(COUNT).fill('connection_lost'));
    expect(sockets).toHaveLength(2);
  });

  it('causes a probe that continues for the other calls if one call is aborted', async () => {
    const probes: Socket[] = [];
    const probed = Promise.withResolvers<Socket>();
    const { controllers, errors } = await lose({
      onProbe: (socket) => {
        probes.push(socket);
        if (probes.length === 1) {
          probed.resolve(socket);
        } else {
          // The probe finds out whether the server speaks TLS.
          socket.end();
        }
      },
    });
    const probe = await probed.promise;
    controllers[0]?.abort();
    expect(await errors[0]).toMatchObject({ code: 'query_cancelled' });
    probe.end('HTTP/1.1 400 Bad Request');
    expect((await Promise.all(errors.slice(1))).map(({ code }) => code)).toEqual(
      new Array(COUNT - 1).fill('not_flight_sql')
    );
  });

  it('is reported at the deadline of the calls if the probe has not ended', async () => {
    const { errors } = await lose({ onProbe: () => undefined, timeoutMs: 1000 });
    expect((await Promise.all(errors)).map(({ code }) => code)).toEqual(new Array(COUNT).fill('connection_lost'));
  });

  it('causes a probe that ends when the client closes', async () => {
    const probed = Promise.withResolvers<Socket>();
    const { client, errors } = await lose({ onProbe: probed.resolve });
    const closed = once(await probed.promise, 'close');
    client.close();
    expect((await Promise.all(errors)).map(({ code }) => code)).toEqual(new Array(COUNT).fill('connection_lost'));
    await closed;
  });
});

describe('a half-open connection', () => {
  /** A TCP relay. `freeze` stops it from relaying, and leaves both sockets open. */
  async function relayTo(port: number): Promise<{ port: number; freeze: () => void }> {
    const pairs: Array<[Socket, Socket]> = [];
    const relay = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      near.pipe(far).pipe(near);
      pairs.push([near, far]);
    });
    const freeze = () => pairs.forEach(([near, far]) => void [near.unpipe(far), far.unpipe(near)]);
    return { port: await listen(relay), freeze };
  }

  it('fails a call that has received data', async () => {
    const { port } = await startHttp2Server((stream) => {
      stream.respond(GRPC_HEADERS);
      stream.write(SCHEMA_MESSAGE);
    });
    const relay = await relayTo(port);
    const client = clientOf(relay.port, { keepalive: { intervalMs: 50, timeoutMs: 50 } });
    const messages = run(client)[Symbol.asyncIterator]();
    await messages.next();
    relay.freeze();
    await expect(messages.next()).rejects.toMatchObject({ code: 'server_silent' });
  });

  it('fails a call that has received no data, and causes no second connection', async () => {
    const started = Promise.withResolvers<void>();
    const { port, sessions } = await startHttp2Server(() => started.resolve());
    const relay = await relayTo(port);
    const client = clientOf(relay.port, { keepalive: { intervalMs: 50, timeoutMs: 50 } });
    const failed = errorOf(run(client));
    await started.promise;
    relay.freeze();
    expect(await failed).toMatchObject({
      code: 'server_silent',
      detail: expect.stringMatching(
        /^The server did not respond to an HTTP\/2 PING\. The last response of the server arrived \d+(\.\d)? s ago\.$/
      ),
    });
    expect(sessions).toHaveLength(1);
  });

  it('is not assumed if a call gets no data for some time, but PING frames get responses', async () => {
    const pings = Promise.withResolvers<void>();
    const { port, sessions } = await startHttp2Server((stream) => {
      stream.respond(GRPC_HEADERS, { waitForTrailers: true });
      let count = 0;
      sessions[0]?.on('ping', () => {
        count += 1;
        if (count === 3) {
          pings.resolve();
          conclude(stream, SCHEMA_MESSAGE, OK);
        }
      });
    });
    const client = clientOf(port, { keepalive: { intervalMs: 20, timeoutMs: 2000 } });
    expect(headersOf(await collect(run(client)))).toEqual(['schema']);
    await pings.promise;
  });
});

it('uses a second connection while the first one carries a large response', async () => {
  const large: ServerHttp2Stream[] = [];
  const { port, sessions } = await startHttp2Server((stream, number) => {
    if (number === 1) {
      stream.respond(GRPC_HEADERS, { waitForTrailers: true });
      stream.write(SCHEMA_MESSAGE);
      stream.write(prefixed(flightData('batch', Buffer.alloc(2_000_000))));
      large.push(stream);
    } else {
      conclude(stream, SCHEMA_MESSAGE, OK);
    }
  });
  const client = clientOf(port);
  const messages = run(client)[Symbol.asyncIterator]();
  await messages.next();
  await messages.next();
  // The next call still uses the busy connection, and opens the second connection for later calls.
  await collect(run(client));
  while (sessions.length < 2) {
    await collect(run(client));
  }
  const second = sessions[1];
  const arrived = once(second ?? process, 'stream');
  await collect(run(client));
  await arrived;
  large.forEach((stream) => conclude(stream, new Uint8Array(0), OK));
  expect((await messages.next()).done).toBe(true);
});

it('does not count a connection as open if it ended right after the connection preface', async () => {
  const dataWithoutStream = Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 1, 0]);
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(Buffer.concat([settingsFrame([]), dataWithoutStream])));
    })
  );
  let opened = 0;
  const connectionEvents = { opened: () => void opened++, ended: () => void opened--, failed: () => undefined };
  const error = await errorOf(run(clientOf(port, { connectionEvents })));
  expect(error).toMatchObject({
    code: 'server_unavailable',
    detail: 'The data source closed the connection: There is no stream 1.',
  });
  expect(opened).toBe(0);
});
