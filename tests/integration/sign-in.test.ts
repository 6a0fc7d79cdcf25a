/**
 * Signing in with correct and with wrong settings, over the plugin protocol, against the demo's lakehouse and issuer.
 */
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HealthDetails } from '../../contract/resources/health';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { TEST_CERTIFICATE, TEST_KEY } from '../../proxy/lakehouse/flight-sql/testing/tls-fixture';
import { startDemoServices, type DemoServices } from '../support/demo-services';
import { onlyFrame } from '../support/frames';
import { ADA, pluginContext, runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';

let demo: DemoServices;
let plugin: PluginProcess;
let uid = 0;

beforeAll(async () => {
  [demo, plugin] = await Promise.all([startDemoServices(), startBuiltPlugin()]);
}, 60_000);

afterAll(async () => {
  await plugin?.shutdown();
  await demo?.stop();
});

/** A data source with a uid of its own. */
function source(jsonData: MicromegasSettings, secureJsonData: MicromegasSecrets = {}): Source {
  uid++;
  return { uid: `sign-in-${uid}`, jsonData: { host: demo.lakehouse, ...jsonData }, secureJsonData, user: ADA };
}

const apiKey = (changes: MicromegasSettings = {}) =>
  source({ selectedAuthType: 'token', ...changes }, { token: demo.apiKey });

const oauth = (changes: MicromegasSettings = {}, secrets: MicromegasSecrets = {}) =>
  source(
    {
      selectedAuthType: 'oauth2',
      oauthIssuer: demo.issuer,
      oauthClientId: demo.clientId,
      oauthAudience: demo.audience,
      ...changes,
    },
    { oauthClientSecret: demo.clientSecret, ...secrets }
  );

async function saveAndTest(from: Source) {
  const response = await plugin.checkHealth({ pluginContext: pluginContext(from) });
  const details: HealthDetails = JSON.parse(new TextDecoder().decode(response.jsonDetails));
  return {
    ok: response.status === 1,
    message: response.message,
    details,
    stages: details.stages.map(({ name }) => name),
  };
}

describe('Save & test', () => {
  it('passes with an API key, and lists its stages', async () => {
    const { ok, message, stages, details } = await saveAndTest(apiKey());
    expect(message).toMatch(/Connected to .*API key.*6 tables/s);
    expect(ok).toBe(true);
    expect(stages).toEqual(['settings', 'address', 'tls', 'server', 'query', 'tables', 'audiences']);
    expect(details.verboseMessage).toMatch(/login/);
  });

  it('passes with OAuth, and shows the identity of the token', async () => {
    const { ok, message, stages, details } = await saveAndTest(oauth());
    expect(message).toContain(demo.clientId);
    expect(ok).toBe(true);
    expect(stages).toEqual([
      'settings',
      'address',
      'tls',
      'discovery',
      'token',
      'server',
      'query',
      'tables',
      'audiences',
    ]);
    expect(details.verboseMessage).toContain(demo.issuer);
    expect(details.verboseMessage).toContain(demo.audience);
    expect(details.verboseMessage).toMatch(/x-user-name|by name/i);
  });

  it('passes without attribution', async () => {
    const { ok, details } = await saveAndTest(oauth({ enableUserAttribution: false }));
    expect(ok).toBe(true);
    expect(details.verboseMessage).toMatch(/service account/i);
  });

  const failing: Array<[name: string, make: () => Source, stage: string, text: RegExp]> = [
    ['a missing host', () => ({ uid: 'no-host', jsonData: {}, user: ADA }), 'settings', /Host/],
    ['a host without port', () => apiKey({ host: 'lakehouse' }), 'settings', /Add the port/],
    ['a host with a scheme', () => apiKey({ host: 'https://lakehouse:50051' }), 'settings', /Leave out "https:\/\/"/],
    ['an unknown host name', () => apiKey({ host: 'lakehouse.invalid:50051' }), 'address', /cannot be resolved/],
    ['TLS to a server without TLS', () => apiKey({ secure: true }), 'tls', /does not speak TLS/],
    ['a wrong key', () => source({ selectedAuthType: 'token' }, { token: 'wrong-key' }), 'server', /API key/],
    [
      'no authentication for a server that requires it',
      () => source({ selectedAuthType: 'none' }),
      'server',
      /requires a sign-in/,
    ],
    [
      'the unsupported sign-in with user and password',
      () => source({ selectedAuthType: 'username/password', username: 'ada' }),
      'settings',
      /API Key/,
    ],
    [
      'a wrong secret',
      () => oauth({}, { oauthClientSecret: 'wrong-secret' }),
      'token',
      /rejected the client credentials/,
    ],
    ['an unknown client', () => oauth({ oauthClientId: 'nobody' }), 'token', /rejected the client credentials/],
    ['an unknown audience', () => oauth({ oauthAudience: 'https://other.example.com' }), 'token', /Audience/],
    ['a token for another audience', () => oauth({ oauthAudience: 'another-api' }), 'server', /MICROMEGAS_OIDC_CONFIG/],
    [
      'an issuer without a discovery document',
      () => oauth({ oauthIssuer: `${demo.issuer}/other` }),
      'discovery',
      /discovery document/,
    ],
    ['an issuer over http', () => oauth({ oauthIssuer: 'http://login.example.com' }), 'settings', /https/],
    ['a missing secret', () => ({ ...oauth(), secureJsonData: {} }), 'settings', /Client Secret/],
  ];

  it.each(failing)('explains %s', async (_name, make, stage, expected) => {
    const { ok, message, details, stages } = await saveAndTest(make());
    expect(ok).toBe(false);
    expect(stages.at(-1)).toBe(stage);
    expect(details.stages.at(-1)?.status).toBe('failed');
    expect(`${message} ${details.message}`).toMatch(expected);
  });

  it('passes with an additional slash in the issuer, and advises to remove it', async () => {
    const { ok, message } = await saveAndTest(oauth({ oauthIssuer: `${demo.issuer}/` }));
    expect(ok).toBe(true);
    expect(message).toMatch(/Enter the issuer without the slash at the end/);
  });

  it('if no audience is set, warns at the stage `token` about the opaque token, which the server rejects later', async () => {
    const { ok, details } = await saveAndTest(oauth({ oauthAudience: '' }));
    expect(ok).toBe(false);
    expect(details.verboseMessage).toMatch(/opaque|JWT/);
    expect(details.stages.find(({ name }) => name === 'token')?.status).toBe('warning');
  });

  it('explains a port where nothing listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const { stages, message } = await saveAndTest(apiKey({ host: `127.0.0.1:${port}` }));
    expect(stages.at(-1)).toBe('address');
    expect(message).toMatch(/Nothing listens/);
  });

  it('explains a server that is not a Flight SQL server', async () => {
    const web = createHttpServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const { port } = web.address() as AddressInfo;
    const { ok, message } = await saveAndTest(apiKey({ host: `127.0.0.1:${port}` }));
    web.closeAllConnections();
    web.close();
    expect(ok).toBe(false);
    expect(message).toMatch(/not a Flight SQL server/);
  });

  it('explains an issuer that does not return JSON', async () => {
    const web = createHttpServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await new Promise((resolve) => web.once('listening', resolve));
    const { port } = web.address() as AddressInfo;
    const { stages, message } = await saveAndTest(oauth({ oauthIssuer: `http://127.0.0.1:${port}` }));
    web.closeAllConnections();
    web.close();
    expect(stages.at(-1)).toBe('discovery');
    expect(message).toMatch(/another web server, probably responded in place of the identity provider/);
  });
});

it('trusts the certificate authorities in SSL_CERT_FILE when it connects to an identity provider', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorities-'));
  const bundle = join(folder, 'bundle.pem');
  writeFileSync(bundle, TEST_CERTIFICATE);
  const provider = createHttpsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (_request, response) => {
    const issuer = `https://localhost:${(provider.address() as AddressInfo).port}`;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
  }).listen(0);
  await new Promise((resolve) => provider.once('listening', resolve));
  const stagesWith = async (env: Record<string, string>) => {
    const own = await startBuiltPlugin(env);
    const oauthIssuer = `https://localhost:${(provider.address() as AddressInfo).port}`;
    const response = await own.checkHealth({ pluginContext: pluginContext(oauth({ oauthIssuer })) });
    await own.shutdown();
    const details: HealthDetails = JSON.parse(new TextDecoder().decode(response.jsonDetails));
    return details.stages.map(({ name, status }) => `${name} ${status}`);
  };
  expect(await stagesWith({})).toContain('discovery failed');
  expect(await stagesWith({ SSL_CERT_FILE: bundle })).toContain('discovery ok');
  provider.closeAllConnections();
  provider.close();
  rmSync(folder, { recursive: true });
});

describe('credentials', () => {
  it.each([
    ['API key', () => apiKey()],
    ['OAuth', () => oauth()],
  ])('sends credentials with query, tables and columns: %s', async (_name, make) => {
    const from = make();
    const frame = onlyFrame(await runQuery(plugin, from, { query: 'SELECT 1 AS one', version: 2 }));
    expect(frame.column('one').map(Number)).toEqual([1]);
    const tables = await plugin.callResource({ context: pluginContext(from), path: 'tables' });
    const listed = JSON.parse(new TextDecoder().decode(tables.body));
    expect(tables.status).toBe(200);
    expect(listed.tables.map((table: { name: string }) => table.name)).toContain('log_entries');
    const columns = await plugin.callResource({
      context: pluginContext(from),
      path: 'columns',
      url: 'columns?table=processes',
    });
    expect(JSON.parse(new TextDecoder().decode(columns.body)).columns).toContainEqual({
      name: 'exe',
      type: expect.stringMatching(/Utf8/),
    });
  });

  it('gets a new token after the server rejects the old one', async () => {
    const from = oauth();
    onlyFrame(await runQuery(plugin, from, { query: 'SELECT 1 AS one' }));
    await demo.post('/revoke');
    onlyFrame(await runQuery(plugin, from, { query: 'SELECT 2 AS two' }));
  });

  it('uses the cached token while the issuer is down', async () => {
    const from = oauth();
    onlyFrame(await runQuery(plugin, from, { query: 'SELECT 1 AS one' }));
    await demo.post('/issuer/stop');
    try {
      onlyFrame(await runQuery(plugin, from, { query: 'SELECT 2 AS two' }));
    } finally {
      await demo.post('/issuer/start');
    }
  });
});

describe('attribution in the audit trail', () => {
  const panel = { 'http_X-Dashboard-Uid': 'board', 'http_X-Panel-Id': '7', 'http_X-Query-Group-Id': 'group' };

  async function recordOf(from: Source, marker: string, model: object = {}, headers: Record<string, string> = panel) {
    const sql = `SELECT '${marker}' AS marker`;
    onlyFrame(await runQuery(plugin, from, { query: sql, ...model }, { headers }));
    const record = (await demo.audit()).findLast((candidate) => candidate.sql.includes(marker));
    if (record === undefined) {
      throw new Error(`No audit record of ${marker}`);
    }
    return record;
  }

  it('records login, e-mail and name of the user with an API key', async () => {
    const from = {
      ...apiKey(),
      user: { login: 'zoe', name: 'Zoë Ångström', email: 'zoe@example.com', role: 'Viewer' },
    };
    expect(await recordOf(from, 'full')).toMatchObject({
      user: 'zoe',
      email: 'zoe@example.com',
      name: 'Zoë Ångström',
      service_account: true,
      client: 'grafana',
      entrypoint: 'dashboard',
      notebook: 'board',
      cell: '7',
    });
  });

  it('records only the name of the user with OAuth', async () => {
    expect(await recordOf(oauth(), 'by-name')).toMatchObject({
      user: demo.clientId,
      name: 'Ada Lovelace <ada@example.com> (ada)',
      client: 'grafana',
      notebook: 'board',
    });
  });

  it('records no user if attribution is off', async () => {
    for (const unattributed of [oauth({ enableUserAttribution: false }), apiKey({ enableUserAttribution: false })]) {
      const record = await recordOf(unattributed, `off-${unattributed.uid}`);
      expect(record.name).toBeUndefined();
      expect(record.user).not.toBe('ada');
      expect(record).toMatchObject({ client: 'grafana' });
      expect(record.notebook).toBeUndefined();
    }
  });

  it.each([
    ['alerting', {}, { FromAlert: 'true', 'http_X-Rule-Uid': 'rule1' }],
    ['explore', {}, { 'http_X-Query-Group-Id': 'group' }],
    ['variable', { purpose: 'variable' }, panel],
  ])('records the entrypoint %s', async (entrypoint, model, headers) => {
    expect(await recordOf(apiKey(), `from-${entrypoint}`, model, headers)).toMatchObject({ entrypoint });
  });

  it('does not record the scheduler of alert rules as a user', async () => {
    const from = { ...apiKey(), user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } };
    const record = await recordOf(from, 'scheduler', {}, { FromAlert: 'true' });
    expect(record.user).not.toBe('grafana_scheduler');
    expect(record.entrypoint).toBe('alerting');
  });
});

it('writes no secrets to the log, and no personal data above debug level', async () => {
  const secrets = [demo.apiKey, demo.clientSecret, 'wrong-secret', 'wrong-key'];
  const written = plugin.logs.map((line) => line.raw).join('\n');
  expect(written.length).toBeGreaterThan(0);
  for (const secret of secrets) {
    expect(written).not.toContain(secret);
  }
  const aboveDebug = plugin.logs.filter((line) => line.level !== 'debug' && line.level !== 'trace');
  for (const line of aboveDebug) {
    expect(line.raw).not.toMatch(/ada@example\.com|Ada Lovelace|zoe@example\.com/);
  }
  // Grafana can parse every line.
  expect(plugin.logs.filter((line) => !line.raw.startsWith('{"@level"'))).toEqual([]);
});

expectNoSecretsAtEnd();
