import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { status as Status } from '@grpc/grpc-js';
import { type ErrorCode } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import {
  failCall,
  finish,
  flightData,
  SCHEMA,
  startFlightServer,
  type DataCall,
  type TestServer,
  type TestServerOptions,
} from '../flight-sql/testing/flight-test-server';
import { createLogger } from '../../observe/logging/logger';
import { createOperatorPolicy } from '../operator/operator-policy';
import { startTestProvider, type TestProvider } from '../oidc/testing/test-provider';
import { type InstanceCall } from './instance';
import { createInstanceStore, type InstanceStore } from './instance-store';
import { type SavedDataSource, SOCKS_KEY_PREFIX } from './saved-data-source';

const START_MS = Date.UTC(2026, 0, 1);

let nowMs: number;
let lines: string[];
let tokenRequests: Array<ErrorCode | 'ok'>;
/** Events in order: the reason of each token request, each rejection of a token, and each repeated call. */
let tokenEvents: string[];
let store: InstanceStore;
let cleanUp: Array<() => void | Promise<void>>;

beforeEach(() => {
  nowMs = START_MS;
  lines = [];
  tokenRequests = [];
  tokenEvents = [];
  cleanUp = [];
  const now = () => nowMs;
  store = createInstanceStore({
    logger: createLogger({ write: (line) => void lines.push(line), now }),
    metrics: {
      tokenRequested: ({ code, reason }) => {
        tokenRequests.push(code);
        tokenEvents.push(reason);
      },
      tokenRejected: (kind) => void tokenEvents.push(`${kind} rejected`),
      callRepeated: () => void tokenEvents.push('repeated'),
    },
    now,
    elapsedMs: now,
    policy: createOperatorPolicy({}, createLogger({ write: () => undefined })),
    environment: {},
  });
  cleanUp.push(() => store.close());
});

afterEach(async () => {
  for (const end of cleanUp.reverse()) {
    await end();
  }
});

async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startFlightServer(options);
  cleanUp.unshift(server.kill);
  return server;
}

async function provide(): Promise<TestProvider> {
  const provider = await startTestProvider(() => nowMs);
  cleanUp.unshift(() => provider.close());
  return provider;
}

function saved(port: number, json: Record<string, unknown> = {}, rest: Partial<SavedDataSource> = {}): SavedDataSource {
  return {
    uid: 'u1',
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(JSON.stringify({ host: `127.0.0.1:${port}`, ...json })),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 1,
    ...rest,
  };
}

function savedOAuth(port: number, { issuer }: TestProvider, json: Record<string, unknown> = {}): SavedDataSource {
  return saved(
    port,
    { oauthIssuer: issuer, oauthClientId: 'grafana', ...json },
    { decryptedSecureJsonData: { oauthClientSecret: 'hush' } }
  );
}

const call: InstanceCall = {
  user: { login: 'ada', name: 'Ada', email: 'ada@example.com' },
  origin: { entrypoint: 'explore' },
  signal: new AbortController().signal,
  memory: unlimitedAccount(),
};

/** Runs a statement to its end. Returns the number of messages, or the code of the error. */
async function run(source: SavedDataSource): Promise<number | ErrorCode> {
  const handle = store.acquire(source);
  try {
    let count = 0;
    for await (const _ of handle.instance.execute('SELECT 1', call)) {
      count += 1;
    }
    return count;
  } catch (reason) {
    return ProxyError.from(reason).code;
  } finally {
    handle.release();
  }
}

const queries = (server: TestServer) => server.calls.map(({ metadata }) => metadata);

const authorizations = (server: TestServer) => queries(server).map((metadata) => metadata.get('authorization')[0]);

describe('sign-in', () => {
  it('sends the API key and the user', async () => {
    const server = await serve();
    expect(await run(saved(server.port, {}, { decryptedSecureJsonData: { token: 'key' } }))).toBe(1);
    expect(queries(server)[0]?.getMap()).toMatchObject({ authorization: 'Bearer key', 'x-user-id': 'ada' });
  });

  it('sends an access token and the user in x-user-name, but no x-user-id, and caches the token', async () => {
    const server = await serve();
    const provider = await provide();
    const source = savedOAuth(server.port, provider);
    await run(source);
    await run(source);
    expect(new Set(authorizations(server))).toEqual(new Set(['Bearer opaque-1']));
    const metadata = queries(server)[0]?.getMap() ?? {};
    expect(metadata['x-user-name']).toBe('Ada%20%3Cada%40example.com%3E%20(ada)');
    expect(metadata).not.toHaveProperty('x-user-id');
    expect(tokenRequests).toEqual(['ok']);
  });

  it('lists tables with the same sign-in as queries', async () => {
    const server = await serve();
    const { instance, release } = store.acquire(savedOAuth(server.port, await provide()));
    for await (const message of instance.getTables(call)) {
      expect(message.header.length).toBeGreaterThan(0);
    }
    release();
    expect(authorizations(server)).toEqual(['Bearer opaque-1', 'Bearer opaque-1']);
    expect(instance.currentToken?.secret.reveal()).toBe('opaque-1');
  });

  it('requests one new token when the server rejects the first one', async () => {
    const rejected = new Set(['Bearer opaque-1']);
    const server = await serve({
      error: (metadata) =>
        rejected.has(String(metadata.get('authorization')[0]))
          ? { code: Status.UNAUTHENTICATED, details: 'invalid token' }
          : undefined,
    });
    expect(await run(savedOAuth(server.port, await provide()))).toBe(1);
    expect(authorizations(server)).toEqual(['Bearer opaque-1', 'Bearer opaque-2']);
    expect(tokenEvents).toEqual(['first', 'service_account rejected', 'rejected', 'repeated']);
  });

  it('uses only the new token for Save & test, and the old token for queries if the server rejects the new one', async () => {
    let rejected = 'Bearer opaque-2';
    const server = await serve({
      error: (metadata) =>
        metadata.get('authorization')[0] === rejected
          ? { code: Status.UNAUTHENTICATED, details: 'invalid token' }
          : undefined,
    });
    const source = savedOAuth(server.port, await provide());
    expect(await run(source)).toBe(1);
    const { instance, release } = store.acquire(source);
    const check = async () => {
      const tried = await (await instance.tokenSource?.signIn('u'))?.token(call.signal);
      for await (const message of instance.execute('SELECT 1', { ...call, tried })) {
        expect(message.header.length).toBeGreaterThan(0);
      }
    };
    nowMs += 60_000;
    await expect(check()).rejects.toMatchObject({ code: 'token_refused' });
    expect(await run(source)).toBe(1);
    rejected = '';
    nowMs += 5_000;
    await check();
    expect(await run(source)).toBe(1);
    release();
    expect(authorizations(server).map((value) => String(value).slice(-1))).toEqual(['1', '2', '1', '3', '3']);
    expect(tokenEvents).toEqual(['first', 'check', 'service_account rejected', 'check']);
  });

  it('fails after the second rejection', async () => {
    const server = await serve({ error: () => ({ code: Status.UNAUTHENTICATED, details: 'invalid token' }) });
    expect(await run(savedOAuth(server.port, await provide()))).toBe('token_refused');
    expect(authorizations(server)).toEqual(['Bearer opaque-1', 'Bearer opaque-2']);
  });

  it('keeps the token for other servers when one server rejects all tokens', async () => {
    const rejecting = await serve({ error: () => ({ code: Status.UNAUTHENTICATED, details: 'invalid token' }) });
    const accepting = await serve();
    const provider = await provide();
    const other = { ...savedOAuth(accepting.port, provider), uid: 'u2' };
    expect(await run(other)).toBe(1);
    for (let again = 0; again < 3; again++) {
      expect(await run(savedOAuth(rejecting.port, provider))).toBe('token_refused');
      expect(await run(other)).toBe(1);
    }
    // One token is for the server that accepts tokens, and two are for the server that rejects them.
    expect(tokenRequests).toEqual(['ok', 'ok', 'ok']);
    // The first query makes two attempts. Then new tokens are delayed, so the two later queries make one attempt each.
    expect(authorizations(rejecting)).toHaveLength(4);
  });

  it('does not retry a query whose result has begun', async () => {
    const server = await serve({
      doGet: (_, stream) => {
        stream.write(flightData(SCHEMA));
        failCall(stream, Status.UNAUTHENTICATED, 'invalid token');
      },
    });
    const { instance, release } = store.acquire(savedOAuth(server.port, await provide()));
    const messages = instance.execute('SELECT 1', call)[Symbol.asyncIterator]();
    await messages.next();
    await expect(messages.next()).rejects.toMatchObject({ code: 'token_refused' });
    release();
    expect(queries(server)).toHaveLength(1);
  });

  it('does not retry a query with an API key', async () => {
    const server = await serve({ error: () => ({ code: Status.UNAUTHENTICATED, details: 'invalid token' }) });
    expect(await run(saved(server.port, {}, { decryptedSecureJsonData: { token: 'key' } }))).toBe('api_key_refused');
    expect(server.calls).toHaveLength(1);
    expect(tokenEvents).toEqual(['api_key rejected']);
  });

  it.each([
    { what: 'a rejected sign-in', status: Status.UNAUTHENTICATED, owner: undefined },
    { what: 'a rejected user', status: Status.PERMISSION_DENIED, owner: 'ada' },
  ])('reports $what to all listeners', async ({ status, owner }) => {
    const server = await serve({ error: () => ({ code: status, details: 'not allowed' }) });
    const source = saved(server.port, {}, { decryptedSecureJsonData: { token: 'key' } });
    const { instance, release } = store.acquire(source);
    const reported: Array<string | undefined> = [];
    instance.onRejected((rejected) => reported.push(rejected));
    instance.onRejected((rejected) => reported.push(rejected));
    await run(source);
    release();
    expect(reported).toEqual([owner, owner]);
  });

  it('shares the token between data sources with equal credentials', async () => {
    const server = await serve();
    const provider = await provide();
    await run(savedOAuth(server.port, provider));
    await run({ ...savedOAuth(server.port, provider), uid: 'u2' });
    expect(provider.tokenRequests).toHaveLength(1);
    await run({ ...savedOAuth(server.port, provider, { oauthAudience: 'other' }), uid: 'u3' });
    expect(provider.tokenRequests).toHaveLength(2);
  });

  it('keeps the token when other settings are saved', async () => {
    const server = await serve();
    const provider = await provide();
    await run(savedOAuth(server.port, provider));
    await run(savedOAuth(server.port, provider, { maxRows: 5 }));
    expect(provider.tokenRequests).toHaveLength(1);
  });

  it('writes neither secrets nor names of users to the log', async () => {
    const server = await serve();
    await run(savedOAuth(server.port, await provide()));
    expect(lines.join('')).not.toMatch(/hush|opaque-|ada@|Ada/);
  });
});

describe('an instance', () => {
  it('is the same for all requests with the same version', () => {
    const first = store.acquire(saved(1));
    const second = store.acquire(saved(1));
    expect(second.instance).toBe(first.instance);
  });

  it.each([
    { name: 'a later change', change: { lastUpdatedMs: 2 } },
    { name: 'a new secret with the same time of change', change: { decryptedSecureJsonData: { token: 'new' } } },
    {
      name: 'another SOCKS proxy of Grafana',
      change: { grafanaConfig: { [`${SOCKS_KEY_PREFIX}PROXY_ADDRESS`]: 'a:1' } },
    },
    { name: 'another organization', change: { orgId: 2 } },
    { name: 'another data source', change: { uid: 'u2' } },
  ])('is a different one for $name', ({ change }) => {
    expect(store.acquire(saved(1, {}, change)).instance).not.toBe(store.acquire(saved(1)).instance);
  });

  it('is the same when unrelated configuration of Grafana changes', () => {
    const first = store.acquire(saved(1, {}, { grafanaConfig: { GF_SQL_ROW_LIMIT: '1' } }));
    const second = store.acquire(saved(1, {}, { grafanaConfig: { GF_SQL_ROW_LIMIT: '2', GF_APP_URL: 'x' } }));
    expect(second.instance).toBe(first.instance);
  });

  it('is a different one after a key file of the SOCKS proxy, or a link to this file, has changed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'socks-'));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const key = join(folder, 'key');
    const write = (name: string) => {
      writeFileSync(join(folder, name), `key in ${name}`);
      symlinkSync(join(folder, name), join(folder, `link to ${name}`));
      renameSync(join(folder, `link to ${name}`), key);
    };
    const socks = { SERVER_ENABLED: 'true', PROXY_ADDRESS: 'socks.example:1080', CLIENT_KEY: key };
    const grafanaConfig = Object.fromEntries(
      Object.entries(socks).map(([name, value]) => [`${SOCKS_KEY_PREFIX}${name}`, value])
    );
    const current = () => store.acquire(saved(1, { enableSecureSocksProxy: true }, { grafanaConfig })).instance;
    write('first');
    const first = current();
    expect(current()).toBe(first);
    write('second');
    const second = current();
    expect(second.settings.server.socks?.clientKey?.reveal()).toBe('key in second');
    writeFileSync(key, 'written key');
    expect(current().settings.server.socks?.clientKey?.reveal()).toBe('written key');
  });

  it('completes its queries after it was replaced, and then closes', async () => {
    const streams: DataCall[] = [];
    const started = Promise.withResolvers<void>();
    const server = await serve({
      doGet: (ticket, stream) => {
        streams.push(stream);
        stream.write(flightData(SCHEMA));
        started.resolve();
      },
    });
    const old = store.acquire(saved(server.port));
    const messages: AsyncIterator<FlightMessage> = old.instance.execute('SELECT 1', call)[Symbol.asyncIterator]();
    await messages.next();
    await started.promise;

    const current = store.acquire(saved(server.port, { maxRows: 5 }));
    expect(current.instance).not.toBe(old.instance);
    const [stream] = streams;
    if (stream !== undefined) {
      finish(stream, flightData('batch'));
    }
    expect((await messages.next()).done).toBe(false);
    expect((await messages.next()).done).toBe(true);

    old.release();
    old.release();
    const late = old.instance.execute('SELECT 1', call)[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('closes after half an hour without use', () => {
    const idle = store.acquire(saved(1));
    const busy = store.acquire(saved(1, {}, { uid: 'busy' }));
    idle.release();
    nowMs += 31 * 60_000;
    expect(store.acquire(saved(1, {}, { uid: 'busy' })).instance).toBe(busy.instance);
    expect(store.acquire(saved(1)).instance).not.toBe(idle.instance);
  });

  it('cannot be acquired while the settings are invalid, and the previous instance closes', async () => {
    const before = store.acquire(saved(1));
    before.release();
    const wrong = saved(1, { host: 'nowhere' });
    expect(() => store.acquire(wrong)).toThrow(ProxyError);
    expect(() => store.acquire(wrong)).toThrow(/Host: /);
    const late = before.instance.execute('SELECT 1', call)[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toMatchObject({ code: 'connection_lost' });
  });

  it('closes with the store, even during a query', async () => {
    const server = await serve({ doGet: (_, stream) => void stream.write(flightData(SCHEMA)) });
    const { instance } = store.acquire(saved(server.port));
    const messages = instance.execute('SELECT 1', call)[Symbol.asyncIterator]();
    await messages.next();
    const next = messages.next();
    store.close();
    await expect(next).rejects.toMatchObject({ code: 'connection_lost' });
  });
});
