import { status as Status } from '@grpc/grpc-js';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { failCall, finish, flightData, SCHEMA, type DataCall } from './testing/flight-test-server';
import { callWith, clientOf, collect, endAll, errorOf, headersOf, serve } from './testing/test-client';

afterEach(endAll);

/** Writes batches as fast as the client reads them. */
function pour(call: DataCall, size: number, written: { count: number }): void {
  const body = Buffer.alloc(size, 1);
  const more = () => {
    while (!call.cancelled && written.count < 10_000) {
      written.count += 1;
      if (!call.write(flightData('batch', body))) {
        call.once('drain', more);
        return;
      }
    }
  };
  more();
}

describe('results', () => {
  it('streams the schema and the batches of a statement', async () => {
    const server = await serve({
      doGet: (ticket, call) => {
        call.write(flightData(SCHEMA));
        call.write(flightData(`batch of ${ticket}`, Buffer.from([1, 2, 3])));
        call.end();
      },
    });
    const counts: number[] = [];
    const call = callWith({ onEndpoints: (count) => counts.push(count) });
    const messages = await collect(clientOf(server.port).execute('SELECT 1', call));
    expect(headersOf(messages)).toEqual(['schema', 'batch of SELECT 1']);
    expect(counts).toEqual([1]);
    expect([...(messages[1]?.body ?? [])]).toEqual([1, 2, 3]);
  });

  it('joins the endpoints in order under one schema', async () => {
    const server = await serve({
      endpoints: [
        { ticket: 'a' },
        { ticket: 'b', locations: ['arrow-flight-reuse-connection://?'] },
        { ticket: 'c', locations: [''] },
      ],
      doGet: (ticket, call) => {
        finish(call, flightData(SCHEMA), flightData(ticket));
      },
    });
    const counts: number[] = [];
    const call = callWith({ onEndpoints: (count) => counts.push(count) });
    const messages = await collect(clientOf(server.port).execute('SELECT 1', call));
    expect(headersOf(messages)).toEqual(['schema', 'a', 'b', 'c']);
    // `onEndpoints` is called twice: with 1 for the client's own ticket, which this server rejects, and then with 3.
    expect(counts.at(-1)).toBe(3);
  });

  it('rejects endpoints with different columns', async () => {
    const server = await serve({
      endpoints: [{ ticket: 'a' }, { ticket: 'b' }],
      doGet: (ticket, call) => finish(call, flightData(`schema ${ticket}`)),
    });
    expect((await errorOf(clientOf(server.port).execute('SELECT 1', callWith()))).code).toBe('result_schema_changed');
  });

  it('calls no other location, so that no other server gets the token', async () => {
    const server = await serve({ endpoints: [{ ticket: 'a', locations: ['grpc+tls://user:pw@other.example:443/x'] }] });
    const call = callWith({ token: new Secret('key') });
    const error = await errorOf(clientOf(server.port).execute('SELECT 1', call));
    expect(error.code).toBe('endpoint_elsewhere');
    expect(error.detail).toBe('The server named grpc+tls://other.example:443.');
    expect(server.calls.map(({ method }) => method)).toEqual(['DoGet', 'GetFlightInfo']);
  });

  it('accepts messages longer than 4 MiB, the default limit of gRPC', async () => {
    const server = await serve({
      doGet: (_, call) => {
        finish(call, flightData(SCHEMA), flightData('row', Buffer.alloc(6_000_000, 7)));
      },
    });
    const messages = await collect(clientOf(server.port).execute('SELECT 1', callWith()));
    expect(messages[1]?.body).toHaveLength(6_000_000);
    expect(messages[1]?.body.at(-1)).toBe(7);
  });

  it('rejects a response without a schema', async () => {
    const server = await serve({ doGet: (_, call) => call.end() });
    expect((await errorOf(clientOf(server.port).execute('SELECT 1', callWith()))).code).toBe('result_malformed');
  });

  it('requests the list of tables', async () => {
    const server = await serve();
    expect(headersOf(await collect(clientOf(server.port).getTables(callWith())))).toEqual(['schema']);
  });

  it('sends the metadata with the call', async () => {
    const server = await serve();
    const call = callWith({ token: new Secret('key'), limit: 5, range: { fromMs: 0, toMs: 1 } });
    await collect(clientOf(server.port, { metadata: [['x-team', 'blue']] }).execute('SELECT 1', call));
    expect(server.calls.map(({ method }) => method)).toEqual(['DoGet']);
    for (const { metadata } of server.calls) {
      expect(metadata.getMap()).toMatchObject({
        authorization: 'Bearer key',
        limit: '5',
        query_range_begin: '1970-01-01T00:00:00.000Z',
        preserve_dictionary: 'true',
        'x-team': 'blue',
        'x-client-type': 'grafana',
      });
    }
  });
});

describe('tickets', () => {
  const METHODS = ['DoGet', 'GetFlightInfo', 'DoGet'];
  const methodsOf = (server: { calls: Array<{ method: string }> }) => server.calls.map(({ method }) => method);

  it('are requested for every statement if the server rejects the tickets of the client', async () => {
    const server = await serve({ endpoints: [{ ticket: 'a' }] });
    const client = clientOf(server.port);
    expect(headersOf(await collect(client.execute('SELECT 1', callWith())))).toEqual(['schema']);
    expect(methodsOf(server)).toEqual(METHODS);
    await collect(client.execute('SELECT 1', callWith()));
    expect(methodsOf(server)).toEqual([...METHODS, 'GetFlightInfo', 'DoGet']);
  });

  it('are not requested after an error in the statement', async () => {
    const details = 'error building dataframe: Schema error: No field named ticket (query_id=ab-1)';
    const server = await serve({ error: () => ({ code: Status.INVALID_ARGUMENT, details }) });
    expect((await errorOf(clientOf(server.port).execute('SELECT ticket', callWith()))).code).toBe('query_invalid');
    expect(methodsOf(server)).toEqual(['DoGet']);
  });

  it('do not change the error of a missing permission', async () => {
    const server = await serve({
      endpoints: [{ ticket: 'a' }],
      error: () => ({ code: Status.PERMISSION_DENIED, details: 'not yours' }),
    });
    expect((await errorOf(clientOf(server.port).execute('SELECT 1', callWith()))).code).toBe('permission_denied');
  });
});

describe('ending early', () => {
  it('cancels the stream on the server when the consumer stops', async () => {
    const cancelled = Promise.withResolvers<void>();
    const server = await serve({
      doGet: (_, call) => {
        call.once('cancelled', () => cancelled.resolve());
        call.write(flightData(SCHEMA));
      },
    });
    for await (const message of clientOf(server.port).execute('SELECT 1', callWith())) {
      expect(message.header).toHaveLength(SCHEMA.length);
      break;
    }
    await cancelled.promise;
  });

  it('cancels the stream on the server when the signal aborts', async () => {
    const controller = new AbortController();
    const cancelled = Promise.withResolvers<void>();
    const server = await serve({
      doGet: (_, call) => {
        call.once('cancelled', () => cancelled.resolve());
        call.write(flightData(SCHEMA));
        controller.abort();
      },
    });
    const error = await errorOf(clientOf(server.port).execute('SELECT 1', callWith({ signal: controller.signal })));
    expect(error.code).toBe('query_cancelled');
    await cancelled.promise;
  });

  it('sends no call if the signal has already aborted', async () => {
    const server = await serve();
    const error = await errorOf(clientOf(server.port).execute('SELECT 1', callWith({ signal: AbortSignal.abort() })));
    expect(error.code).toBe('query_cancelled');
    expect(server.calls).toEqual([]);
  });

  it('times out a query that gets no message after the schema', async () => {
    const server = await serve({ doGet: (_, call) => void call.write(flightData(SCHEMA)) });
    const error = await errorOf(clientOf(server.port).execute('SELECT 1', callWith({ timeoutMs: 500 })));
    expect(error.code).toBe('query_timeout');
    expect(error.detail).toMatch(/^\(limit 0.5 s; the server can be reached/);
  });

  it('times out a call if the server replies to PING frames, but not to the call', async () => {
    const server = await serve({ isSilent: true });
    const error = await errorOf(clientOf(server.port).execute('SELECT 1', callWith({ timeoutMs: 500 })));
    expect(error.code).toBe('query_timeout');
  });

  it('applies backpressure while the consumer is slow', async () => {
    const size = 1024 * 1024;
    const written = { count: 0 };
    const server = await serve({
      doGet: (_, call) => {
        call.write(flightData(SCHEMA));
        pour(call, size, written);
      },
    });
    const messages = clientOf(server.port).execute('SELECT 1', callWith())[Symbol.asyncIterator]();
    for (let read = 0; read < 80; read++) {
      await messages.next();
      // Sent but not read: the window of 8 MiB, the socket buffers, three messages in the client and one in the server.
      expect(written.count - read).toBeLessThan(40);
    }
    await messages.return?.();
  });

  it('fails queries in flight when the client is closed', async () => {
    const server = await serve({ doGet: (_, call) => void call.write(flightData(SCHEMA)) });
    const client = clientOf(server.port);
    const messages = client.execute('SELECT 1', callWith())[Symbol.asyncIterator]();
    await messages.next();
    const next = messages.next();
    client.close();
    await expect(next).rejects.toMatchObject({ code: 'connection_lost' });
    expect((await errorOf(client.execute('SELECT 1', callWith()))).code).toBe('connection_lost');
  });
});

describe('failures of the server', () => {
  it('reports a server that crashes in the middle of a response', async () => {
    const server = await serve({ doGet: (_, call) => void call.write(flightData(SCHEMA)) });
    const messages = clientOf(server.port).execute('SELECT 1', callWith())[Symbol.asyncIterator]();
    await messages.next();
    server.kill();
    await expect(messages.next()).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('reconnects after the server restarted', async () => {
    const first = await serve();
    const client = clientOf(first.port);
    await collect(client.execute('SELECT 1', callWith()));
    first.kill();
    await serve({ port: first.port });
    const states: string[] = [];
    // The first attempt may still use the old connection.
    for (let attempt = 0; attempt < 3 && states.at(-1) !== 'ok'; attempt++) {
      states.push(
        await collect(client.execute('SELECT 1', callWith())).then(
          () => 'ok',
          (reason: unknown) => ProxyError.from(reason).code
        )
      );
    }
    expect(states.at(-1)).toBe('ok');
  });

  it('keeps the message and the query id of an error', async () => {
    const server = await serve({
      doGet: (_, call) =>
        failCall(
          call,
          Status.INVALID_ARGUMENT,
          'error building dataframe: Schema error: No field named nope (query_id=ab-1)'
        ),
    });
    const error = await errorOf(clientOf(server.port).execute('SELECT nope', callWith()));
    expect(error).toMatchObject({
      code: 'query_invalid',
      detail: 'Schema error: No field named nope.',
      queryId: 'ab-1',
    });
  });

  it('reports an error that arrives after data', async () => {
    const server = await serve({
      doGet: (_, call) => {
        call.write(flightData(SCHEMA));
        failCall(
          call,
          Status.INTERNAL,
          'error building data stream: Arrow error: Divide by zero error (query_id=ab-2)'
        );
      },
    });
    const error = await errorOf(clientOf(server.port).execute('SELECT 1/0', callWith()));
    expect(error).toMatchObject({
      code: 'query_failed',
      detail: 'Arrow error: Divide by zero error.',
      queryId: 'ab-2',
    });
  });

  it('reports a rejected sign-in with an error for the kind of sign-in', async () => {
    const server = await serve({ error: () => ({ code: Status.UNAUTHENTICATED, details: 'invalid token' }) });
    const codes = await Promise.all(
      (['none', 'token', 'oauth2'] as const).map(
        async (signIn) => (await errorOf(clientOf(server.port, { signIn }).execute('SELECT 1', callWith()))).code
      )
    );
    expect(codes).toEqual(['credentials_missing', 'api_key_refused', 'token_refused']);
  });
});
