import { atField, message, render } from '../../contract/messages/message';
import { ERRORS } from '../base/errors/catalogue';
import { ProxyError } from '../base/errors/proxy-error';
import { testToken } from '../lakehouse/oidc/testing/test-provider';
import {
  accessToken,
  ADA,
  check,
  CLAIMS,
  failing,
  goodOAuth,
  NOW_MS,
  OAUTH,
  result,
  type Setup,
  stageNamed,
  stagesOf,
  tokenSource,
} from './testing/health-bench';

const PLAINTEXT = { server: { host: 'lake.example.com', port: 50051 } };
const SECRET_TOKEN = testToken(CLAIMS);

it('reports the server, the sign-in, the tables and the audit trail', async () => {
  const { result: found, statements, released, counted } = await check();
  expect(found.status).toBe('ok');
  expect(found.message).toBe(
    'Connected to lake.example.com:50051, signed in with API key; 6 tables. ' +
      'The audit trail names you by login ada, e-mail ada@example.com, name Ada.'
  );
  expect(stagesOf(found)).toEqual(['settings', 'address', 'tls', 'server', 'query', 'tables'].map((n) => `${n} ok`));
  expect(statements[0]).toMatchObject({
    sql: expect.stringMatching(/^SELECT 1 \/\* save-and-test [0-9a-f-]{36} \*\/$/),
    call: { user: { login: 'ada', name: 'Ada', email: 'ada@example.com' }, origin: { entrypoint: 'health' } },
  });
  expect([released, ...counted]).toEqual([1, 'ok']);
});

it('reports what each stage tried', async () => {
  const { result: found } = await check(goodOAuth());
  expect(found.details.stages.map(({ name, tried }) => `${name}: ${tried && render(tried)}`)).toEqual([
    'settings: reading the saved settings',
    'address: TCP lake.example.com:50051',
    'tls: TLS lake.example.com:50051',
    'discovery: GET https://idp/.well-known/openid-configuration',
    'token: POST https://idp/token, client secret',
    'server: SELECT 1 with the access token',
    'query: SELECT 1',
    'tables: GetTables',
  ]);
});

it.each([
  { hasExpired: false, words: 'Token of 3 s ago, not asked again: this is no new sign-in at the identity provider.' },
  {
    hasExpired: true,
    words: 'Token of 3 s ago, which queries use: Save & test did not ask the identity provider again',
  },
])('does not show an earlier sign-in as a new one (expired: $hasExpired)', async ({ hasExpired, words }) => {
  const token = accessToken(testToken(CLAIMS), { receivedAtMs: NOW_MS - 3_000 });
  const source = tokenSource(token);
  const signIn = await source.signIn('');
  const earlier = { agoMs: 3_000, nextMs: 2_000, hasExpired };
  const { result: found } = await check({
    settings: OAUTH,
    tokenSource: { ...source, signIn: () => Promise.resolve({ ...signIn, earlier }) },
  });
  expect(stageNamed(found, 'discovery')).toMatchObject({
    tried: 'not asked again',
    text: 'The token endpoint was https://idp/token when the provider was asked 3 s ago; the provider was not asked again.',
  });
  expect(stageNamed(found, 'token')).toMatchObject({
    tried: 'not asked again',
    status: 'warning',
    text: expect.stringContaining(words),
  });
  expect(found.message).toContain('not ask');
  expect(found.message).toContain('Save & test can sign in again in 2 s.');
});

it('reports what a failed stage tried', async () => {
  const source = tokenSource(accessToken('x'), { request: () => Promise.reject(new ProxyError('provider_refused')) });
  const { result: found } = await check({ settings: OAUTH, tokenSource: source });
  expect(stageNamed(found, 'token')).toMatchObject({ tried: 'POST https://idp/token, client secret' });
});

it('writes one line per stage: its mark, title and time, what it tried, and its result', async () => {
  let elapsedMs = 0;
  const { result: found } = await check({ elapsedMs: () => (elapsedMs += 7) });
  expect(found.details.verboseMessage.split('\n')[1]).toBe(
    '✔ Address (7 ms, TCP lake.example.com:50051): lake.example.com:50051 can be reached.'
  );
});

it.each<{
  name: string;
  settings: Setup['settings'];
  environment?: Setup['environment'];
  stage: string;
  tried: string;
}>([
  {
    name: 'a SOCKS proxy',
    settings: {
      server: {
        ...PLAINTEXT.server,
        socks: { host: 'p', port: 1, serverName: 'p', rootCas: [], isPlaintext: false, user: 'u' },
      },
    },
    stage: 'address',
    tried: "TCP lake.example.com:50051 through Grafana's secure SOCKS proxy",
  },
  {
    name: 'a client certificate and a server name',
    settings: {
      server: { ...PLAINTEXT.server, tls: { skipVerify: false, clientCertificate: 'PEM', serverName: 'lake' } },
    },
    stage: 'tls',
    tried: 'TLS lake.example.com:50051 as lake, with a client certificate',
  },
  {
    name: 'an HTTP proxy of the settings',
    settings: { ...OAUTH, providerRoute: { tls: { skipVerify: false }, httpProxy: { url: 'http://proxy:3128' } } },
    stage: 'token',
    tried: 'POST https://idp/token through http://proxy:3128 (settings), client secret in the form',
  },
  {
    name: 'an HTTP proxy of the environment',
    settings: OAUTH,
    environment: { HTTPS_PROXY: 'http://proxy:3128' },
    stage: 'discovery',
    tried: 'GET https://idp/.well-known/openid-configuration through http://proxy:3128 (HTTPS_PROXY)',
  },
])('includes $name in what a stage tried', async ({ settings, environment, stage, tried }) => {
  const token = accessToken(SECRET_TOKEN, { requestedWith: message('used-secret-post') });
  const { result: found } = await check({ settings, environment, tokenSource: tokenSource(token) });
  expect(stageNamed(found, stage).tried).toBe(tried);
});

it('reports the claims of the token, and the identity in the audit trail', async () => {
  const { result: found } = await check(goodOAuth());
  expect(found.message).toBe(
    'Connected to lake.example.com:50051, signed in with OAuth as grafana@clients of https://idp/; 6 tables. ' +
      'The audit trail names grafana@clients as the user, and adds your name in Grafana (x-user-name): Ada <ada@example.com> (ada).'
  );
  expect(stageNamed(found, 'token').text).toContain('issuer https://idp/, subject grafana@clients, audience lake');
  expect(found.details.token?.serverConfig).toBe('{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}');
});

const SKIPPED = { skipVerify: true };
const warned: Array<{ name: string; setup: Setup; stage: string; message: string }> = [
  {
    name: 'credentials without TLS',
    setup: { settings: PLAINTEXT },
    stage: 'tls warning',
    message: 'the API key and all data cross the network',
  },
  {
    name: "a server's certificate that is not verified",
    setup: { settings: { server: { ...PLAINTEXT.server, tls: SKIPPED } } },
    stage: 'tls warning',
    message: "The server's certificate is not verified",
  },
  {
    name: "a provider's certificate that is not verified",
    setup: { ...goodOAuth(), settings: { ...OAUTH, providerRoute: { tls: SKIPPED } } },
    stage: 'discovery warning',
    message: "The identity provider's certificate is not verified",
  },
  {
    name: 'settings that are probably wrong',
    setup: { settings: { warnings: [atField('token', message('api-key-stored-in-plain-text'))] } },
    stage: 'settings warning',
    message: 'API Key: An older version of the plugin stored the key unencrypted.',
  },
  {
    name: 'a server without tables',
    setup: { getTables: () => result('table_name', []) },
    stage: 'tables warning',
    message: 'lists no tables',
  },
  {
    name: 'a server without a list of tables',
    setup: { getTables: () => failing(new ProxyError('tables_unsupported', { detail: 'Not yet implemented.' })) },
    stage: 'tables warning',
    message: 'cannot complete names of tables',
  },
  {
    name: 'an opaque token',
    setup: { settings: OAUTH, tokenSource: tokenSource(accessToken('opaque')) },
    stage: 'token warning',
    message: 'opaque',
  },
  {
    name: 'a provider whose clock differs',
    setup: { settings: OAUTH, tokenSource: tokenSource(accessToken(SECRET_TOKEN, { providerClockAheadMs: -45_000 })) },
    stage: 'token warning',
    message: 'is 45 s behind the clock of the machine that runs the plugin',
  },
  {
    name: 'a server without a sign-in',
    setup: { getTablesOpenly: () => result('table_name', ['log_entries']) },
    stage: 'server warning',
    message: 'also responds without a sign-in',
  },
];
it.each(warned)('warns about $name', async ({ setup, stage, message }) => {
  const { result: found } = await check(setup);
  expect(found.status).toBe('ok');
  expect(stagesOf(found)).toContain(stage);
  expect(found.message).toContain(message);
});

it('sends no key and no user in the call that tests whether the server requires a sign-in', async () => {
  const calls: unknown[] = [];
  await check({
    getTablesOpenly(call) {
      calls.push(call);
      return failing(new Error('Unauthenticated'));
    },
  });
  expect(calls).toEqual([expect.objectContaining({ attribution: 'off', origin: { entrypoint: 'health' } })]);
  expect(calls[0]).not.toHaveProperty('token');
  expect(calls[0]).not.toHaveProperty('user');
});

it.each<Setup>([
  { settings: { server: { host: 'localhost', port: 50051 } } },
  { settings: { ...PLAINTEXT, auth: { kind: 'none' } } },
])('does not warn about a connection without TLS if no secret crosses a network: %j', async (setup) => {
  expect(stagesOf((await check(setup)).result)).toContain('tls ok');
});

const denied = (code: 'api_key_refused' | 'query_failed' | 'query_timeout') => () => failing(new ProxyError(code));

it('blames no query for a silent server before a query runs', async () => {
  const { result: found } = await check({ probe: () => Promise.reject(new ProxyError('server_silent')) });
  expect(`${found.message} ${found.details.verboseMessage}`).not.toMatch(/query/i);
});

const CONNECTED = ['settings ok', 'address ok', 'tls ok'];
const failed: Array<{ name: string; setup: Setup; stages: string[]; code: keyof typeof ERRORS; advice?: string }> = [
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
    setup: { probe: () => Promise.reject(new ProxyError('connection_refused')) },
    stages: ['settings ok', 'address failed'],
    code: 'connection_refused',
  },
  {
    name: 'TLS',
    setup: {
      probe: (stage) => (stage === 'tls' ? Promise.reject(new ProxyError('tls_untrusted')) : Promise.resolve()),
    },
    stages: ['settings ok', 'address ok', 'tls failed'],
    code: 'tls_untrusted',
  },
  {
    name: 'address, because a server that has responded before is silent',
    setup: { probe: () => Promise.reject(new ProxyError('server_silent')) },
    stages: ['settings ok', 'address failed'],
    code: 'server_silent',
    advice: 'Wait a moment and test again.',
  },
  {
    name: 'TLS, because a server that has responded before is silent',
    setup: {
      probe: (stage) => (stage === 'tls' ? Promise.reject(new ProxyError('server_silent')) : Promise.resolve()),
    },
    stages: ['settings ok', 'address ok', 'tls failed'],
    code: 'server_silent',
    advice: 'Wait a moment and test again.',
  },
  {
    name: 'discovery',
    setup: {
      settings: OAUTH,
      tokenSource: tokenSource(accessToken('x'), {
        discover: () => Promise.reject(new ProxyError('provider_not_oidc')),
      }),
    },
    stages: [...CONNECTED, 'discovery failed'],
    code: 'provider_not_oidc',
  },
  {
    name: 'token',
    setup: {
      settings: OAUTH,
      tokenSource: tokenSource(accessToken('x'), { request: () => Promise.reject(new ProxyError('provider_refused')) }),
    },
    stages: [...CONNECTED, 'discovery ok', 'token failed'],
    code: 'provider_refused',
  },
  {
    name: 'server stage, because the server rejects the API key',
    setup: { execute: denied('api_key_refused') },
    stages: [...CONNECTED, 'server failed'],
    code: 'api_key_refused',
  },
  {
    name: 'server stage, because the server does not respond',
    setup: { execute: denied('query_timeout') },
    stages: [...CONNECTED, 'server failed'],
    code: 'query_timeout',
    advice: 'the test query SELECT 1 reads no data',
  },
  {
    name: 'query',
    setup: { execute: denied('query_failed') },
    stages: [...CONNECTED, 'server ok', 'query failed'],
    code: 'query_failed',
  },
  {
    name: 'query stage, in the middle of the result',
    setup: { execute: () => result('value', [1], new ProxyError('connection_lost')) },
    stages: [...CONNECTED, 'server ok', 'query failed'],
    code: 'connection_lost',
  },
  {
    name: 'tables',
    setup: { getTables: () => failing(new ProxyError('permission_denied')) },
    stages: [...CONNECTED, 'server ok', 'query ok', 'tables failed'],
    code: 'permission_denied',
  },
  {
    name: 'tables stage, because the names are missing',
    setup: { getTables: () => result('other', ['log_entries']) },
    stages: [...CONNECTED, 'server ok', 'query ok', 'tables failed'],
    code: 'result_malformed',
  },
];
it.each(failed)('ends at the first stage that fails: $name', async ({ setup, stages, code, advice }) => {
  const { result: found, counted, released } = await check(setup);
  expect(found.status).toBe('error');
  expect(stagesOf(found)).toEqual(stages);
  expect(found.message).toBe(ERRORS[code].message);
  expect(found.details.message).toContain(advice ?? new ProxyError(code).advice);
  expect(found.details.verboseMessage).toContain('✖');
  expect(counted).toEqual(['error']);
  expect(released).toBe(code === 'settings_invalid' ? 0 : 1);
});

it.each([{ rows: [] }, { rows: [1, 2] }])(
  'fails if the test query returns no row or several rows: $rows',
  async ({ rows }) => {
    const { result: found } = await check({ execute: () => result('value', rows) });
    expect(found.details.message).toContain(`SELECT 1 returned ${rows.length} rows instead of 1.`);
  }
);

it('logs an unexpected error, and does not show its message', async () => {
  const { result: found, log } = await check({ execute: () => failing(new Error('inner workings')) });
  expect(found.message).toContain(ERRORS.internal.message);
  expect(JSON.stringify(found)).not.toContain('inner workings');
  expect(log).toContain('inner workings');
});

it.each<Setup>([{ execute: denied('api_key_refused') }, goodOAuth()])(
  'keeps names and addresses of users out of the log, and secrets out of all output',
  async (setup) => {
    const { result: found, log } = await check(setup);
    expect(log).not.toMatch(/ada/i);
    for (const secret of ['the-key', 'the-secret', SECRET_TOKEN, SECRET_TOKEN.split('.')[1] ?? SECRET_TOKEN]) {
      expect(`${JSON.stringify(found)}${log}`).not.toContain(secret);
    }
  }
);

describe('users other than admins', () => {
  const words = /lake\.example|idp|grafana@clients|ada/i;
  const roles = [
    { user: { ...ADA, role: 'Viewer' } },
    { user: { ...ADA, role: 'None' } },
    { user: undefined },
    { user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } },
    { user: { login: 'service', name: '', email: '', role: 'Admin' } },
  ];

  it.each(roles)('see one line after a successful check: $user', async ({ user }) => {
    const { result: found, statements } = await check({ ...goodOAuth(), user });
    expect(found).toEqual({
      status: 'ok',
      message: 'The data source is connected, and queries run.',
      details: { message: '', verboseMessage: '', summary: [message('connected-briefly')], stages: [] },
    });
    expect(statements).toHaveLength(1);
  });

  it.each(roles)('see one sentence without details after a failed check: $user', async ({ user }) => {
    const source = tokenSource(accessToken('x'), {
      getToken: () => Promise.reject(new ProxyError('provider_refused', { detail: 'https://idp/ said no to ada.' })),
    });
    const { result: found } = await check({ settings: OAUTH, tokenSource: source, user });
    expect(found).toEqual({
      status: 'error',
      message: ERRORS.provider_refused.message,
      details: {
        message: '',
        code: 'provider_refused',
        verboseMessage: '',
        summary: [{ code: 'failure', values: { error: 'provider_refused', text: ERRORS.provider_refused.message } }],
        stages: [],
      },
    });
    expect(JSON.stringify(found)).not.toMatch(words);
  });

  it('use the cached token, while the check of an admin requests a new token', async () => {
    const asked: string[] = [];
    const token = accessToken(SECRET_TOKEN);
    const source = tokenSource(token, {
      request: () => Promise.resolve((asked.push('new'), token)),
      getToken: () => Promise.resolve((asked.push('kept'), token)),
    });
    for (const role of ['Viewer', 'Editor', 'Admin']) {
      await check({ settings: OAUTH, tokenSource: source, user: { ...ADA, role } });
    }
    expect(asked).toEqual(['kept', 'kept', 'new']);
  });
});
