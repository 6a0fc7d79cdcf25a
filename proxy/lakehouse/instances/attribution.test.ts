/**
 * Tests which headers name the Grafana user in calls to the server, for each kind of sign-in, over a real connection.
 */
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { status as Status } from '@grpc/grpc-js';
import { type MicromegasSettings } from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { startFlightServer, type TestServer, type TestServerOptions } from '../flight-sql/testing/flight-test-server';
import { createLogger } from '../../observe/logging/logger';
import { createMetrics } from '../../observe/metrics/metrics';
import { Secret } from '../../observe/logging/secret';
import { testToken } from '../oidc/testing/test-provider';
import { createOperatorPolicy } from '../operator/operator-policy';
import { type Instance, type InstanceCall } from './instance';
import { createInstanceStore, type InstanceStore } from './instance-store';
import { type SavedDataSource } from './saved-data-source';

const ISSUER = 'https://idp.example';
const ADA = { login: 'ada', name: 'Ada', email: 'ada@example.com' };
const FULL = { 'x-user-id': 'ada', 'x-user-email': 'ada%40example.com', 'x-user-name': 'Ada' };
const NAME = { 'x-user-name': 'Ada%20%3Cada%40example.com%3E%20(ada)' };
const OAUTH: MicromegasSettings = { selectedAuthType: 'oauth2', oauthIssuer: ISSUER, oauthClientId: 'grafana' };
const USER_TOKEN = testToken({ iss: ISSUER, sub: 'u1', aud: 'lake', exp: 2_000_000_000 });

let lines: string[];
let store: InstanceStore;
let server: TestServer;
let rejects: boolean;

const impersonation = { code: Status.PERMISSION_DENIED, details: "User impersonation not allowed: x-user-id 'ada'" };

/** An identity provider without a network. */
const provider = (url: string): Promise<Response> =>
  Promise.resolve(
    Response.json(
      url.endsWith('/openid-configuration')
        ? { issuer: ISSUER, token_endpoint: `${ISSUER}/token` }
        : { access_token: 'opaque', token_type: 'Bearer', expires_in: 3600 }
    )
  );

async function start(options: TestServerOptions = {}): Promise<void> {
  server = await startFlightServer({
    error: (metadata) => (rejects && metadata.get('x-user-id').length > 0 ? impersonation : undefined),
    ...options,
  });
}

beforeEach(() => {
  lines = [];
  rejects = true;
  const logger = createLogger({ write: (line) => void lines.push(line) });
  store = createInstanceStore({
    logger,
    metrics: createMetrics(),
    now: Date.now,
    elapsedMs: () => performance.now(),
    policy: createOperatorPolicy({}, logger),
    environment: {},
    createProviderFetch: () => provider,
  });
});

afterEach(() => {
  store.close();
  server.kill();
});

function open(json: MicromegasSettings, secrets: Record<string, string> = {}): Instance {
  const saved: SavedDataSource = {
    uid: 'u1',
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(JSON.stringify({ host: `127.0.0.1:${server.port}`, ...json })),
    decryptedSecureJsonData: secrets,
    lastUpdatedMs: 1,
  };
  return store.acquire(saved).instance;
}

const call = (changes: Partial<InstanceCall> = {}): InstanceCall => ({
  user: ADA,
  origin: { entrypoint: 'dashboard', dashboardUid: 'd1', panelId: '7' },
  signal: new AbortController().signal,
  memory: unlimitedAccount(),
  ...changes,
});

async function run(instance: Instance, by: InstanceCall, kind: 'execute' | 'getTables' = 'execute') {
  try {
    for await (const message of kind === 'execute' ? instance.execute('SELECT 7', by) : instance.getTables(by)) {
      void message;
    }
    return 'ok';
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

/** Attribution headers of each call. */
function sent(): Array<Record<string, unknown>> {
  return server.calls.map(({ metadata }) =>
    Object.fromEntries(Object.entries(metadata.getMap()).filter(([name]) => name.startsWith('x-user-')))
  );
}

/** Expects the same attribution headers in all calls, and returns them. */
function everySent(): Record<string, unknown> {
  const [first, ...others] = sent();
  if (first === undefined) {
    throw new Error('No call was made');
  }
  others.forEach((headers) => expect(headers).toEqual(first));
  return first;
}

describe('each sign-in and each kind of call', () => {
  interface SignIn {
    name: string;
    json: MicromegasSettings;
    secrets?: Record<string, string>;
    tokens?: InstanceCall['forwarded'];
    headers: Record<string, string>;
  }
  const signIns: SignIn[] = [
    { name: 'no sign-in', json: { selectedAuthType: 'none' }, headers: FULL },
    { name: 'an API key', json: { selectedAuthType: 'token' }, secrets: { token: 'key' }, headers: FULL },
    { name: 'a service account', json: OAUTH, secrets: { oauthClientSecret: 'hush' }, headers: NAME },
    {
      name: 'a forwarded identity',
      json: { selectedAuthType: 'oauth2', oauthPassThru: true },
      tokens: { accessToken: new Secret(USER_TOKEN) },
      headers: NAME,
    },
  ];
  const kinds = ['dashboard', 'explore', 'variable', 'annotation', 'health', 'schema'].flatMap((entrypoint) =>
    signIns.map((signIn) => ({ ...signIn, entrypoint }))
  );

  it.each(kinds)('sends the user in $entrypoint: $name', async ({ json, secrets, tokens, headers, entrypoint }) => {
    // With the token of a service account or a forwarded token, the server rejects `x-user-id`.
    rejects = headers === NAME;
    await start();
    const instance = open(json, secrets);
    const by = call({ origin: { entrypoint }, forwarded: tokens });
    expect(await run(instance, by, entrypoint === 'schema' ? 'getTables' : 'execute')).toBe('ok');
    expect(everySent()).toEqual(headers);
  });

  it.each(signIns)('sends no user for a call without a user, with $name', async ({ json, secrets, tokens }) => {
    await start();
    const by = call({ user: undefined, origin: { entrypoint: 'alerting' }, forwarded: tokens });
    expect(await run(open(json, secrets), by)).toBe('ok');
    expect(everySent()).toEqual({});
  });

  it.each(signIns)('sends no user when attribution is off, with $name', async ({ json, secrets, tokens }) => {
    await start();
    const instance = open({ ...json, enableUserAttribution: false }, secrets);
    expect(await run(instance, call({ forwarded: tokens }))).toBe('ok');
    expect(everySent()).toEqual({});
  });
});

describe('a service account', () => {
  it('sends the user only in x-user-name in every call, and makes no additional call', async () => {
    await start();
    const instance = open(OAUTH, { oauthClientSecret: 'hush' });
    await run(instance, call());
    await run(instance, call());
    expect(sent()).toEqual([NAME, NAME]);
    expect(lines.join('')).not.toMatch(/"@level":"(?:warn|error)"|hush|opaque|ada/);
  });
});

describe('an API key', () => {
  it('fails with attribution_refused when the server rejects the user', async () => {
    await start();
    const instance = open({ selectedAuthType: 'token' }, { token: 'key' });
    expect(await run(instance, call())).toBe('attribution_refused');
    expect(server.calls).toHaveLength(1);
  });
});

describe('a forwarded identity', () => {
  const FORWARDING: MicromegasSettings = { selectedAuthType: 'oauth2', oauthPassThru: true };
  const tokens = { accessToken: new Secret(USER_TOKEN) };

  it("sends the user's own token, and requests no other token", async () => {
    await start();
    const instance = open(FORWARDING);
    expect(await run(instance, call({ forwarded: tokens }))).toBe('ok');
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]?.metadata.get('authorization')).toEqual([`Bearer ${USER_TOKEN}`]);
    expect(lines.join('')).not.toContain(USER_TOKEN);
  });

  it('without a token uses the service account if the fallback is on, and fails if it is off', async () => {
    await start();
    const fallback = open({ ...OAUTH, ...FORWARDING, oauthPassThruFallback: true }, { oauthClientSecret: 'hush' });
    expect(await run(fallback, call({ user: undefined, origin: { entrypoint: 'alerting' } }))).toBe('ok');
    expect(server.calls[0]?.metadata.get('authorization')).toEqual(['Bearer opaque']);
    expect(await run(open(FORWARDING), call())).toBe('identity_missing');
    expect(server.calls).toHaveLength(1);
  });

  it('is sent only once if the server rejects it', async () => {
    await start({ error: () => ({ code: Status.UNAUTHENTICATED, details: 'invalid token' }) });
    expect(await run(open(FORWARDING), call({ forwarded: tokens }))).toBe('identity_refused');
    expect(server.calls).toHaveLength(1);
  });
});
