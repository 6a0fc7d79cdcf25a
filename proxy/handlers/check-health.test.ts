import { Builder } from 'flatbuffers';
import { ERRORS } from '../errors/catalogue';
import { ProxyError } from '../errors/proxy-error';
import { type FlightMessage } from '../flight-sql/flight-sql-client';
import { createLogger } from '../logging/logger';
import { Secret } from '../logging/secret';
import { describeToken } from '../oidc/read-token';
import { testToken } from '../oidc/test-provider';
import { type AccessToken, type TokenSource } from '../oidc/token-source';
import { checkHealth } from './check-health';
import { type HealthCall, type HealthInstance, type HealthSettings } from './health/health-instance';
import { type CheckHealthRequest, type CheckHealthResult, type GrafanaUser } from './plugin-request';

const NOW_MS = Date.UTC(2026, 0, 1);
const USER: GrafanaUser = { login: 'ada', name: 'Ada', email: 'ada@example.com', role: 'Viewer' };
const CLAIMS = { iss: 'https://idp/', sub: 'grafana@clients', aud: 'lake', exp: NOW_MS / 1000 + 3600 };

/** A message of Arrow IPC that holds only its kind and, for a record batch (3), its number of rows. */
function message(kind: 1 | 3, rows = 0): FlightMessage {
  const builder = new Builder(64);
  builder.startObject(kind === 3 ? 4 : 2);
  if (kind === 3) {
    builder.addFieldInt64(0, BigInt(rows), 0n);
  }
  const content = builder.endObject();
  builder.startObject(5);
  builder.addFieldInt16(0, 4, 0);
  builder.addFieldInt8(1, kind, 0);
  builder.addFieldOffset(2, content, 0);
  builder.finish(builder.endObject());
  return { header: builder.asUint8Array(), body: new Uint8Array() };
}

async function* result(rows: number, failure?: Error): AsyncGenerator<FlightMessage> {
  await Promise.resolve();
  yield message(1);
  if (failure !== undefined) {
    throw failure;
  }
  yield message(3, rows);
}

async function* failing(reason: unknown): AsyncGenerator<FlightMessage> {
  await Promise.resolve();
  throw reason;
}

function accessToken(text: string, changes: Partial<AccessToken> = {}): AccessToken {
  const description = describeToken(text);
  return { secret: new Secret(text), receivedAtMs: NOW_MS, expiresAtMs: NOW_MS + 3_600_000, description, ...changes };
}

function tokenSource(token: AccessToken, changes: Partial<TokenSource> = {}): TokenSource {
  return {
    discover: () => Promise.resolve({ tokenEndpoint: 'https://idp/token' }),
    getToken: () => Promise.resolve(token),
    signIn: () => Promise.resolve(token),
    reject: () => undefined,
    ...changes,
  };
}

interface Setup extends Partial<Omit<HealthInstance, 'settings'>> {
  settings?: Partial<HealthSettings>;
  acquire?: () => never;
}

let logLines: string[];
let calls: HealthCall[];
let released: number;
let counted: string[];

beforeEach(() => {
  logLines = [];
  calls = [];
  released = 0;
  counted = [];
});

function check({ settings, acquire, ...changes }: Setup = {}): Promise<CheckHealthResult> {
  const instance: HealthInstance = {
    settings: {
      host: 'lake.example.com',
      port: 50051,
      secure: true,
      auth: { kind: 'token' },
      attribution: 'full',
      warnings: [],
      ...settings,
    },
    client: { probe: () => Promise.resolve() },
    execute(_sql, call) {
      calls.push(call);
      return result(1);
    },
    getTables: () => result(6),
    ...changes,
  };
  const dataSource = {
    uid: 'u',
    orgId: 1,
    name: 'lake',
    jsonData: new Uint8Array(),
    decryptedSecureJsonData: {},
    lastUpdatedMs: 0,
  };
  const request: CheckHealthRequest = {
    context: { orgId: 1, pluginId: 'p', namespace: '', user: USER, dataSource, grafanaConfig: {} },
    headers: {},
  };
  const deps = {
    store: { acquire: acquire ?? (() => ({ instance, release: () => (released += 1) })) },
    metrics: { healthChecked: (status: string) => counted.push(status) },
    logger: createLogger({ write: (line) => logLines.push(line) }),
    now: () => NOW_MS,
  };
  return checkHealth(request, deps, new AbortController().signal);
}

const OAUTH: Partial<HealthSettings> = { auth: { kind: 'oauth2' }, attribution: 'name-only' };
const names = ({ details }: CheckHealthResult) => details.stages.map(({ name, status }) => `${name} ${status}`);

it('says what it found with an API key', async () => {
  const found = await check();
  expect(found.status).toBe('ok');
  expect(found.message).toBe(
    "Connected to lake.example.com:50051, signed in with API key; 6 tables. Queries carry the Grafana user's login, e-mail and name."
  );
  expect(names(found)).toEqual(['settings ok', 'address ok', 'tls ok', 'server ok', 'query ok', 'tables ok']);
  expect(found.details.verboseMessage.split('\n')[5]).toBe('✔ Tables (0 ms): The server lists 6 tables.');
  const { login, name, email } = USER;
  expect(calls).toMatchObject([{ user: { login, name, email }, origin: { entrypoint: 'health' } }]);
  expect([released, ...counted]).toEqual([1, 'ok']);
});

it('says who the token is, and what the audit trail will show', async () => {
  const found = await check({ settings: OAUTH, tokenSource: tokenSource(accessToken(testToken(CLAIMS))) });
  expect(found.message).toBe(
    'Connected to lake.example.com:50051, signed in with OAuth as grafana@clients of https://idp/; 6 tables. ' +
      'The audit trail names grafana@clients as the user, and the Grafana user beside it (x-user-name).'
  );
  expect(names(found).slice(3, 5)).toEqual(['discovery ok', 'token ok']);
  expect(found.details.stages[4]?.text).toBe(
    'Received: issuer https://idp/, subject grafana@clients, audience lake, signed with RS256, 60 min left.'
  );
});

it.each([
  {
    settings: { attribution: 'off' },
    text: 'User attribution is off: the audit trail shows the service account only.',
  },
  {
    settings: { attribution: 'off', auth: { kind: 'none' } },
    text: 'no sign-in; 6 tables. User attribution is off: queries carry no user.',
  },
] satisfies Array<{ settings: Partial<HealthSettings>; text: string }>)(
  'tells that $text',
  async ({ settings, text }) => {
    expect((await check({ settings })).message).toContain(text);
  }
);

const warned: Array<{ name: string; setup: Setup; stage: string; text: string }> = [
  {
    name: 'credentials in plain text',
    setup: { settings: { secure: false } },
    stage: 'tls warning',
    text: 'the API key and all data cross the network',
  },
  {
    name: 'doubtful settings',
    setup: { settings: { warnings: ['An old key was used.'] } },
    stage: 'settings warning',
    text: 'An old key was used.',
  },
  { name: 'no tables', setup: { getTables: () => result(0) }, stage: 'tables warning', text: 'lists no tables' },
  {
    name: 'a token that Micromegas refuses',
    setup: { settings: OAUTH, tokenSource: tokenSource(accessToken('opaque')) },
    stage: 'token warning',
    text: 'opaque',
  },
  {
    name: 'clocks that differ',
    setup: {
      settings: OAUTH,
      tokenSource: tokenSource(accessToken(testToken(CLAIMS), { providerClockAheadMs: -45_000 })),
    },
    stage: 'token warning',
    text: "is 45 s behind this machine's",
  },
];
it.each(warned)('warns of $name', async ({ setup, stage, text }) => {
  const found = await check(setup);
  expect(found.status).toBe('ok');
  expect(names(found)).toContain(stage);
  expect(found.message).toContain(text);
});

it.each([
  { settings: { secure: false, host: 'localhost' } },
  { settings: { secure: false, auth: { kind: 'none' } } },
] satisfies Setup[])('does not warn of plain text where nothing secret crosses a network: %j', async (setup) => {
  expect(names(await check(setup))).toContain('tls ok');
});

const denied = (code: 'api_key_refused' | 'query_failed' | 'query_timeout') => () => failing(new ProxyError(code));
const failed: Array<{ name: string; setup: Setup; stages: string[]; code: keyof typeof ERRORS }> = [
  {
    name: 'settings',
    setup: {
      acquire: () => {
        throw new ProxyError('settings_invalid', { detail: 'host' });
      },
    },
    stages: ['settings failed'],
    code: 'settings_invalid',
  },
  {
    name: 'address',
    setup: { client: { probe: () => Promise.reject(new ProxyError('connection_refused')) } },
    stages: ['settings ok', 'address failed'],
    code: 'connection_refused',
  },
  {
    name: 'TLS',
    setup: {
      client: {
        probe: (stage) => (stage === 'tls' ? Promise.reject(new ProxyError('tls_untrusted')) : Promise.resolve()),
      },
    },
    stages: ['settings ok', 'address ok', 'tls failed'],
    code: 'tls_untrusted',
  },
  {
    name: 'discovery',
    setup: {
      settings: OAUTH,
      tokenSource: tokenSource(accessToken('x'), {
        discover: () => Promise.reject(new ProxyError('provider_not_oidc')),
      }),
    },
    stages: ['settings ok', 'address ok', 'tls ok', 'discovery failed'],
    code: 'provider_not_oidc',
  },
  {
    name: 'token',
    setup: {
      settings: OAUTH,
      tokenSource: tokenSource(accessToken('x'), {
        signIn: () => Promise.reject(new ProxyError('provider_refused')),
      }),
    },
    stages: ['settings ok', 'address ok', 'tls ok', 'discovery ok', 'token failed'],
    code: 'provider_refused',
  },
  {
    name: 'key',
    setup: { execute: denied('api_key_refused') },
    stages: ['settings ok', 'address ok', 'tls ok', 'server failed'],
    code: 'api_key_refused',
  },
  {
    name: 'silence of the server',
    setup: { execute: denied('query_timeout') },
    stages: ['settings ok', 'address ok', 'tls ok', 'server failed'],
    code: 'query_timeout',
  },
  {
    name: 'query',
    setup: { execute: denied('query_failed') },
    stages: ['settings ok', 'address ok', 'tls ok', 'server ok', 'query failed'],
    code: 'query_failed',
  },
  {
    name: 'query in its middle',
    setup: { execute: () => result(1, new ProxyError('connection_lost')) },
    stages: ['settings ok', 'address ok', 'tls ok', 'server ok', 'query failed'],
    code: 'connection_lost',
  },
  {
    name: 'tables',
    setup: { getTables: () => failing(new ProxyError('permission_denied')) },
    stages: ['settings ok', 'address ok', 'tls ok', 'server ok', 'query ok', 'tables failed'],
    code: 'permission_denied',
  },
];
it.each(failed)('stops at the stage that fails: $name', async ({ setup, stages, code }) => {
  const found = await check(setup);
  expect(found.status).toBe('error');
  expect(names(found)).toEqual(stages);
  expect(found.message).toBe(ERRORS[code].message);
  expect(found.details.message).toContain(ERRORS[code].advice);
  expect(found.details.verboseMessage).toContain('✖');
  expect(counted).toEqual(['error']);
  expect(released).toBe(code === 'settings_invalid' ? 0 : 1);
});

it('does not take a query with a wrong answer for good', async () => {
  expect((await check({ execute: () => result(2) })).details.message).toContain('SELECT 1 gave 2 rows instead of 1.');
});

it('explains a refused token that looks right by what the server must be told', async () => {
  const refused = () => failing(new ProxyError('token_refused', { detail: 'invalid token.' }));
  const found = await check({
    settings: OAUTH,
    execute: refused,
    tokenSource: tokenSource(accessToken(testToken(CLAIMS))),
  });
  expect(found.details.message).toContain('invalid token.');
  expect(found.details.message).toContain(
    'issuer https://idp/, subject grafana@clients, audience lake, signed with RS256, 60 min left'
  );
  expect(found.details.message).toContain('{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}');
});

it('explains a refused token by the rule that it breaks', async () => {
  const token = accessToken(testToken({ ...CLAIMS, aud: undefined }));
  const refused = () => failing(new ProxyError('token_refused'));
  const found = await check({ settings: OAUTH, execute: refused, tokenSource: tokenSource(token) });
  expect(found.details.message).toContain('names no audience (aud)');
  expect(found.details.message).toContain('audience mapper');
  expect(found.details.message).not.toContain(token.secret.reveal());
});

it('logs what nobody foresaw and shows no more than that it happened', async () => {
  const found = await check({ execute: () => failing(new Error('inner workings')) });
  expect(found.message).toContain(ERRORS.internal.message);
  expect(JSON.stringify(found)).not.toContain('inner workings');
  expect(logLines.join('')).toContain('inner workings');
});

it('keeps names and addresses of users out of the log', async () => {
  await check({ execute: denied('api_key_refused') });
  expect(logLines.join('')).not.toMatch(/ada/i);
});
