/** Tests a server name with several addresses: connections are spread over them, and one server may be lost. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { AUTHORITY, LAKE_TEST, STRANGER } from '../../../tests/support/certificates';
import { endLoopback, listen } from '../network/testing/loopback';
import { ServerAddresses } from '../network/server-addresses';
import { type ConnectionEvents } from '../../observe/telemetry/connection-events';
import { conclude, SCHEMA_MESSAGE, GRPC_HEADERS, startHttp2Server } from './testing/http2-test-server';
import {
  callWith,
  clientOf,
  collect,
  endAll,
  errorOf,
  headersOf,
  type TestClient,
  type TestClientOptions,
} from './testing/test-client';
import { HOST, type OneOfThree, startThreeServers, type ThreeServers } from './testing/three-servers';

afterEach(() => {
  endAll();
  endLoopback();
});

const OK = { 'grpc-status': '0' };

function clientFor({ port, addresses }: ThreeServers, options: TestClientOptions = {}): TestClient {
  return clientOf(port, { server: { host: HOST }, addresses, ...options });
}

const run = (client: TestClient) => client.execute('SELECT 1', callWith());
const query = async (client: TestClient) => headersOf(await collect(run(client)));

function recorder() {
  const seen: string[] = [];
  let onEvent: (() => void) | undefined;
  const add = (event: string) => {
    seen.push(event);
    onEvent?.();
  };
  const events: ConnectionEvents = { opened: () => add('opened'), ended: add, failed: () => add('failed') };
  const seenOnce = (kind: string) =>
    new Promise<void>((resolve) => {
      onEvent = () => {
        if (seen.includes(kind)) {
          resolve();
        }
      };
    });
  /** Waits until all opened connections have ended. */
  const allEnded = () =>
    new Promise<void>((resolve) => {
      const count = (...kinds: string[]) => seen.filter((event) => kinds.includes(event)).length;
      onEvent = () => {
        if (count('opened') === count('closed', 'lost')) {
          resolve();
        }
      };
      onEvent();
    });
  return { seen, events, seenOnce, allEnded };
}

const connectionsOf = ({ servers }: ThreeServers) => servers.map(({ sockets }) => sockets.size);

/** Starts calls that get no response, until each server has received a call. */
async function holdOneEach({ servers }: ThreeServers, client: TestClient): Promise<Array<Promise<string[]>>> {
  servers.forEach((server) => (server.onCall = () => undefined));
  const running: Array<Promise<string[]>> = [];
  while (servers.some(({ calls }) => calls.length === 0)) {
    const arrived = Promise.any(servers.map((server) => nextCall(server)));
    running.push(query(client));
    running.at(-1)?.catch(() => undefined);
    await arrived;
  }
  return running;
}

function nextCall(server: OneOfThree): Promise<ServerHttp2Stream> {
  return new Promise((resolve) => {
    server.onCall = resolve;
  });
}

function respondToAll({ servers }: ThreeServers): void {
  for (const server of servers) {
    server.onCall = (stream) => conclude(stream, SCHEMA_MESSAGE, OK);
    server.calls.forEach((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
  }
}

it('spreads the connections of data sources evenly', async () => {
  const three = await startThreeServers();
  const clients = Array.from({ length: 9 }, () => clientFor(three));
  for (const client of clients) {
    expect(await query(client)).toEqual(['schema']);
  }
  expect(connectionsOf(three)).toEqual([3, 3, 3]);
});

it('spreads simultaneous calls of one data source over the servers', async () => {
  const three = await startThreeServers();
  const client = clientFor(three);
  const running = await holdOneEach(three, client);
  expect(connectionsOf(three)).toEqual([1, 1, 1]);
  respondToAll(three);
  expect(await Promise.all(running)).toEqual(running.map(() => ['schema']));
});

it('uses one connection for calls that run one after another', async () => {
  const three = await startThreeServers();
  const client = clientFor(three);
  for (let count = 0; count < 10; count++) {
    await query(client);
  }
  expect(connectionsOf(three).toSorted()).toEqual([0, 0, 1]);
  expect(three.lookups()).toBe(1);
});

it('fails only the calls of a lost server, and sends later calls to the other servers', async () => {
  const three = await startThreeServers();
  const { events, seen, seenOnce } = recorder();
  const client = clientFor(three, { connectionEvents: events });
  const running = await holdOneEach(three, client);
  const [lost, ...others] = three.servers;
  const lostCalls = lost.calls.length;
  const noticed = seenOnce('lost');
  lost.kill();
  await noticed;
  others.forEach((server) => (server.onCall = (stream) => conclude(stream, SCHEMA_MESSAGE, OK)));
  for (let count = 0; count < 30; count++) {
    expect(await query(client)).toEqual(['schema']);
  }
  others.forEach(({ calls }) =>
    calls.filter((call) => !call.closed).forEach((call) => conclude(call, SCHEMA_MESSAGE, OK))
  );
  const outcomes = await Promise.allSettled(running);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(lostCalls);
  expect(connectionsOf(three)).toEqual([0, 1, 1]);
  expect(seen.toSorted()).toEqual(['lost', 'opened', 'opened', 'opened']);
});

it('connects to the only server that listens', async () => {
  const three = await startThreeServers();
  three.servers[0].kill();
  three.servers[1].kill();
  const { events, seen } = recorder();
  const clients = Array.from({ length: 6 }, () => clientFor(three, { connectionEvents: events }));
  for (const client of clients) {
    expect(await query(client)).toEqual(['schema']);
  }
  expect(connectionsOf(three)).toEqual([0, 0, 6]);
  expect(seen).toEqual(clients.map(() => 'opened'));
});

it('connects to another server if the first server accepts the connection and closes it', async () => {
  const { port } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
  let accepted = 0;
  const broken = createServer((socket) => {
    accepted++;
    socket.destroy();
  });
  await listen(broken, '127.0.0.2', port);
  const addresses = new ServerAddresses({
    resolve: async () => ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 })),
    random: () => 0,
  });
  const { events, seen } = recorder();
  const options = { server: { host: HOST }, addresses, connectionEvents: events };
  expect(await query(clientOf(port, options))).toEqual(['schema']);
  expect(await query(clientOf(port, options))).toEqual(['schema']);
  expect(accepted).toBe(1);
  expect(seen).toEqual(['failed', 'opened', 'opened']);
});

it('connects to another server if the certificate of the first server is not trusted', async () => {
  const { port, calls } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK), {
    cert: LAKE_TEST.certificate,
    key: LAKE_TEST.key,
  });
  let handshakes = 0;
  const wrong = createTlsServer({ cert: STRANGER.certificate, key: STRANGER.key });
  wrong.on('tlsClientError', () => handshakes++);
  wrong.on('connection', (socket) => socket.on('error', () => undefined));
  await listen(wrong, '127.0.0.2', port);
  const addresses = new ServerAddresses({
    resolve: async () => ['127.0.0.2', '127.0.0.1'].map((address) => ({ address, family: 4 })),
    random: () => 0,
  });
  const tls = { skipVerify: false, ca: AUTHORITY };
  const client = clientOf(port, { server: { host: HOST, tls }, addresses });
  expect(await query(client)).toEqual(['schema']);
  expect(handshakes).toBe(1);
  expect(calls.at(0)).toMatchObject({ ':authority': `${HOST}:${port}`, ':scheme': 'https' });
});

it('reports that no server can be reached, with the address of the settings', async () => {
  const three = await startThreeServers();
  three.servers.forEach((server) => server.kill());
  const { events, seen } = recorder();
  const error = await errorOf(run(clientFor(three, { connectionEvents: events })));
  expect(error).toMatchObject({
    code: 'connection_refused',
    detail: `Address: ${HOST}:${three.port}. Code: ECONNREFUSED.`,
  });
  expect(seen).toEqual(['failed']);
});

describe('an old connection', () => {
  const ages = { idleMs: 60_000, renewMs: 0, jitter: 0 };

  it('is replaced, and finishes its running calls', async () => {
    const { port, sessions } = await startHttp2Server((stream, number) => {
      if (number === 1) {
        stream.respond(GRPC_HEADERS, { waitForTrailers: true });
        stream.write(SCHEMA_MESSAGE);
        held.resolve(stream);
      } else {
        conclude(stream, SCHEMA_MESSAGE, OK);
      }
    });
    const held = Promise.withResolvers<ServerHttp2Stream>();
    const { events, seen, allEnded } = recorder();
    const client = clientOf(port, { ages, connectionEvents: events });
    const slow = run(client)[Symbol.asyncIterator]();
    await slow.next();
    while (sessions.length < 3) {
      expect(await query(client)).toEqual(['schema']);
    }
    const first = sessions.at(0);
    expect(first?.destroyed).toBe(false);
    const ended = once(first ?? process, 'close');
    conclude(await held.promise, new Uint8Array(0), OK);
    expect((await slow.next()).done).toBe(true);
    await ended;
    client.close();
    await allEnded();
    expect(seen).not.toContain('lost');
    expect(seen.filter((event) => event === 'opened').length).toBeGreaterThanOrEqual(3);
  });

  it('is replaced many times without a failed call', async () => {
    const three = await startThreeServers();
    const client = clientFor(three, { ages });
    const worker = async () => {
      for (let count = 0; count < 100; count++) {
        expect(await query(client)).toEqual(['schema']);
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
    expect(three.servers.reduce((sum, { connections }) => sum + connections, 0)).toBeGreaterThan(10);
    expect(three.servers.every(({ calls }) => calls.length > 0)).toBe(true);
  });

  it('stays in use if no new connection can be opened', async () => {
    const arrived = Promise.withResolvers<void>();
    let sockets = 0;
    const { port, sessions } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
    const gate = createServer((socket) => {
      sockets++;
      socket.destroy();
      arrived.resolve();
    });
    await listen(gate, '127.0.0.2', port);
    let address = '127.0.0.1';
    const addresses = new ServerAddresses({ resolve: async () => [{ address, family: 4 }] });
    const client = clientOf(port, { server: { host: HOST }, addresses, ages });
    await query(client);
    address = '127.0.0.2';
    await query(client);
    await arrived.promise;
    for (let count = 0; count < 20; count++) {
      expect(await query(client)).toEqual(['schema']);
    }
    expect(sessions).toHaveLength(1);
    // One socket of the first attempt, and two of the probe that explains the failure. During the pause, there is no
    // second attempt.
    expect(sockets).toBeLessThanOrEqual(3);
  });
});

it('closes a connection without calls, and opens a new one for the next call', async () => {
  const { port, sessions } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
  const { events, seen } = recorder();
  const client = clientOf(port, { ages: { idleMs: 20, renewMs: 60_000, jitter: 0 }, connectionEvents: events });
  await query(client);
  const session: ServerHttp2Session | undefined = sessions.at(0);
  if (session?.destroyed === false) {
    await once(session, 'close');
  }
  expect(await query(client)).toEqual(['schema']);
  expect(sessions).toHaveLength(2);
  expect(seen.slice(0, 3)).toEqual(['opened', 'closed', 'opened']);
});

it('keeps a connection in use while a call runs, and closes it some time after the call', async () => {
  const idleMs = 20;
  const held = Promise.withResolvers<ServerHttp2Stream>();
  const { port, sessions } = await startHttp2Server((stream, number) =>
    number === 1 ? held.resolve(stream) : conclude(stream, SCHEMA_MESSAGE, OK)
  );
  const ages = { idleMs, renewMs: 60_000, jitter: 0 };
  const client = clientOf(port, { ages });
  const slow = query(client);
  const stream = await held.promise;
  // The connection of another client closes after `idleMs` without calls. By then, the slow call has run for longer
  // than `idleMs`.
  await query(clientOf(port, { ages }));
  if (!sessions[1].destroyed) {
    await once(sessions[1], 'close');
  }
  expect(await query(client)).toEqual(['schema']);
  expect(sessions).toHaveLength(2);
  const closed = once(sessions[0], 'close');
  conclude(stream, SCHEMA_MESSAGE, OK);
  expect(await slow).toEqual(['schema']);
  await closed;
});

it('reports a connection as lost if the server ended it, and as closed if the client ended it', async () => {
  const { port, sessions } = await startHttp2Server((stream) => conclude(stream, SCHEMA_MESSAGE, OK));
  const { events, seen, allEnded } = recorder();
  const client = clientOf(port, { connectionEvents: events });
  await query(client);
  const session = sessions.at(0);
  session?.close();
  await once(session ?? process, 'close');
  await query(client);
  client.close();
  await allEnded();
  expect(seen).toEqual(['opened', 'lost', 'opened', 'closed']);
});

it('does not make data sources avoid the servers if the TLS settings of another data source are wrong', async () => {
  const three = await startThreeServers();
  const { port, addresses } = three;
  expect(await query(clientFor(three))).toEqual(['schema']);
  const wrong = clientFor(three, { server: { host: HOST, tls: { skipVerify: false } } });
  expect((await errorOf(run(wrong))).code).toBe('tls_unexpected');
  expect(addresses.countUnused({ host: HOST, port }, new Set())).toBe(3);
});
