/**
 * Tests the diagnostics file. Only admins may read the file. It describes only one data source, and contains no secret,
 * no SQL and no name of a user.
 */
import { type DiagnosticsFile } from '../../contract/resources/diagnostics';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { generic } from '../fakes/providers/generic';
import { APPLICATION, CLIENT } from '../support/certificates';
import { onlyFrame } from '../support/frames';
import { ADA, pluginContext, runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd, secretWatch } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

/** Values of the operator that the file must not contain. */
const OPERATOR = {
  GF_PLUGIN_ALLOWED_FILE_FOLDERS: '/run/operator-folder',
  HTTPS_PROXY: 'http://u:operator-pass@proxy.invalid',
};

const lab = useSignInLab({ env: { GF_VERSION: '12.4.2', ...OPERATOR } });

expectNoSecretsAtEnd();

interface Response {
  status: number;
  body: string;
  /** Valid if the status is 200. */
  file: DiagnosticsFile;
  code?: string;
}

async function diagnostics(source: Source, method = 'GET'): Promise<Response> {
  const response = await lab.plugin.callResource({ context: pluginContext(source), path: 'diagnostics', method });
  const json = new TextDecoder().decode(response.body);
  const body: DiagnosticsFile & { code?: string } = JSON.parse(json);
  return { status: response.status, body: json, file: body, code: body.code };
}

const ask = (source: Source, query = 'SELECT 1 AS one', headers: Record<string, string> = {}) =>
  runQuery(lab.plugin, source, { query, version: 2 }, { headers });

const apiKey = (changes: Partial<Source> = {}) =>
  lab.source({ selectedAuthType: 'token' }, { token: API_KEY.key }, changes);

/** Names that do not occur elsewhere, so that the test can search for them. */
const ADMIN = { login: 'countess-login', name: 'Augusta King', email: 'king@lovelace.example', role: 'Admin' };
const GRACE = { login: 'grace-login', name: 'Grace Hopper', email: 'grace@navy.example', role: 'Viewer' };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the diagnostics file', () => {
  it.each([
    { name: 'a viewer', user: { ...ADA, role: 'Viewer' } },
    { name: 'an editor', user: { ...ADA, role: 'Editor' } },
    { name: 'an anonymous admin', user: { login: '', name: '', email: '', role: 'Admin' } },
    { name: 'an alert rule', user: { login: 'grafana_scheduler', name: '', email: '', role: 'Admin' } },
    { name: 'a public dashboard', user: { login: 'service', name: '', email: '', role: 'Admin' } },
    { name: 'a caller without a user', user: undefined },
  ])('is not sent to $name', async ({ user }) => {
    const { status, code, body } = await diagnostics(apiKey({ user }));
    expect({ status, code }).toEqual({ status: 403, code: 'admin_only' });
    expect(body).not.toContain('micromegas_');
  });

  it('is sent to a signed-in admin who requests it with GET', async () => {
    expect((await diagnostics(apiKey())).status).toBe(200);
    expect((await diagnostics(apiKey(), 'POST')).status).toBe(400);
  });
});

it('describes the settings, the last check and the last requests', async () => {
  const source = apiKey();
  await lab.saveAndTest(source);
  const headers = { 'x-dashboard-uid': 'board', 'x-panel-id': '7' };
  onlyFrame(await ask(source, 'SELECT 1 AS one', headers));
  expect((await ask(source, 'SELECT nothing FROM nowhere')).error).not.toBe('');
  const { file } = await diagnostics(source);
  expect(Object.keys(file)).toEqual(['format', 'formatVersion', 'createdAt', 'plugin', 'dataSource']);
  expect(file).toMatchObject({
    format: 'micromegas-diagnostics',
    formatVersion: 1,
    plugin: { version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    dataSource: {
      uid: source.uid,
      orgId: 1,
      settings: { signIn: 'token', values: { host: lab.micromegas.address }, secrets: ['token'], problems: [] },
      lastCheck: { status: 'ok' },
    },
  });
  const { lastCheck, requests } = file.dataSource;
  expect(lastCheck?.stages.map(({ name, status }) => `${name} ${status}`)).toContain('query ok');
  expect(requests).toMatchObject([
    { refId: 'A', format: 'table', code: 'ok', rows: 1, entrypoint: 'dashboard', dashboardUid: 'board', panelId: '7' },
    { refId: 'A', rows: 0, bytes: 0, entrypoint: 'explore' },
  ]);
  expect(requests[1].code).not.toBe('ok');
  expect(requests[0].bytes).toBeGreaterThan(0);
});

it('does not contain an unknown `purpose` of a saved query', async () => {
  const source = apiKey({ uid: 'purposes' });
  const saved = { query: 'SELECT 1 AS one', version: 2 };
  onlyFrame(await runQuery(lab.plugin, source, { ...saved, purpose: 'annotation' }));
  onlyFrame(await runQuery(lab.plugin, source, { ...saved, purpose: 'SELECT secret_of_author' as 'annotation' }));
  const { file, body } = await diagnostics(source);
  expect(file.dataSource.requests.map(({ entrypoint }) => entrypoint)).toEqual(['annotation', 'explore']);
  expect(body).not.toContain('secret_of_author');
});

it('describes no other data source, even if it has the same uid in another organization', async () => {
  const uid = 'in-two-organizations';
  const [first, second] = [apiKey({ uid }), apiKey({ uid, orgId: 2n })];
  const other = apiKey({ uid: 'another-data-source' });
  await lab.saveAndTest(second);
  onlyFrame(await ask(second, 'SELECT 1 AS one', { 'x-dashboard-uid': 'board-of-second' }));
  onlyFrame(await ask(other, 'SELECT 1 AS one', { 'x-dashboard-uid': 'board-of-other' }));
  onlyFrame(await ask(first, 'SELECT 1 AS one', { 'x-dashboard-uid': 'board-of-first' }));
  const { file, body } = await diagnostics(first);
  expect(file.dataSource.requests.map(({ dashboardUid }) => dashboardUid)).toEqual(['board-of-first']);
  expect(file.dataSource.lastCheck).toBeUndefined();
  expect(body).not.toMatch(/board-of-second|board-of-other|another-data-source/);
  expect((await diagnostics(second)).file.dataSource).toMatchObject({ orgId: 2, lastCheck: { status: 'ok' } });
});

it('contains no secret of any kind, no SQL, and no name of a user or an account', async () => {
  const tested = await lab.provider(generic);
  const plain = {
    username: 'stored-user-name',
    metadata: [{ 'x-plain': 'plain-header-value' }],
    secureMetadataName1: 'x-secret',
    oauthParameterName1: 'plain_parameter',
    oauthParameterValue1: 'plain-parameter-value',
    oauthParameterName2: 'secret_parameter',
    oauthProxyUser: 'proxy-user-name',
    secureSocksProxyUsername: 'socks-user-name',
    oauthCertificate: APPLICATION.certificate,
    oauthKeyId: 'key-id-of-account',
    token: 'key-in-plain-text',
    serverName: 'a part of socks-password-1',
  } satisfies MicromegasSettings;
  const secrets: MicromegasSecrets = {
    ...tested.saved.secrets,
    token: API_KEY.key,
    password: 'stored-password-1',
    oauthPrivateKey: APPLICATION.key,
    tlsClientKey: CLIENT.key,
    oauthTlsClientKey: CLIENT.key,
    oauthProxyPassword: 'proxy-password-1',
    secureSocksProxyPassword: 'socks-password-1',
    secureMetadataValue1: 'secret-header-value',
    oauthParameterValue2: 'secret-parameter-value',
  };
  const source: Source = { ...lab.oauth(tested, plain), secureJsonData: secrets, user: ADMIN };
  const forwarded = { Authorization: 'Bearer forwarded-user-token-1', 'X-Id-Token': 'forwarded-id-token-1' };
  secretWatch.addAll(['forwarded-user-token-1', 'forwarded-id-token-1', 'operator-pass']);
  const headers = { ...forwarded, 'x-grafana-user': GRACE.login, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };

  // As many outcomes as possible: a check that passes, one that fails, responses, errors and a failed sign-in.
  await lab.saveAndTest(source, headers);
  onlyFrame(await ask({ ...source, user: GRACE }, "SELECT 'select_of_grace' AS one", headers));
  await ask({ ...source, user: GRACE }, 'SELECT column_of_grace FROM table_of_grace', headers);
  await ask(source, 'SELECT $__noSuchMacro(macro_of_admin)', headers);
  tested.provider.behaviour.fault = 'down';
  const withoutToken = { ...source, jsonData: { ...source.jsonData, oauthScope: 'another' }, updatedMs: 1 };
  await ask(withoutToken, 'SELECT 1 AS one', headers);
  await lab.saveAndTest(withoutToken, headers);
  const brokenIssuer = 'https://issuer-user:issuer-password@idp.invalid/path?code=issuer-code';
  const broken = {
    ...source,
    jsonData: { ...source.jsonData, oauthIssuer: brokenIssuer, host: 'u:host-password@lake:1' },
  };

  // The file also lists queries that fail because of wrong settings.
  await ask(broken, 'SELECT 1 AS one', headers);
  expect((await diagnostics(broken)).file.dataSource.requests.at(-1)).toMatchObject({ code: 'settings_invalid' });

  for (const each of [source, withoutToken, broken]) {
    const { status, body, file } = await diagnostics(each);
    expect(status).toBe(200);
    expect(file.dataSource.requests.length).toBeGreaterThanOrEqual(4);
    expect(file.dataSource.settings).toMatchObject({
      hidden: expect.arrayContaining(['username', 'oauthClientId', 'oauthKeyId', 'oauthCertificate', 'oauthProxyUser']),
      secrets: expect.arrayContaining(Object.keys(secrets)),
      headers: ['x-plain'],
      secretHeaders: ['x-secret'],
      parameters: ['plain_parameter', 'secret_parameter'],
      values: { serverName: '[secret]' },
    });
    const accounts = [
      tested.provider.client.id,
      ADMIN.login,
      ADMIN.name,
      ADMIN.email,
      GRACE.login,
      GRACE.name,
      GRACE.email,
    ];
    const statements = [
      'SELECT',
      'select_of_grace',
      'column_of_grace',
      'table_of_grace',
      'macro_of_admin',
      'noSuchMacro',
    ];
    const values = [
      plain.username,
      'plain-header-value',
      'plain-parameter-value',
      'proxy-user-name',
      'socks-user-name',
    ];
    const others = ['key-id-of-account', 'key-in-plain-text', 'CERTIFICATE', 'operator-folder', 'proxy.invalid'];
    const addresses = ['issuer-user', 'issuer-password', 'issuer-code', 'host-password'];
    const words = [...accounts, ...statements, ...values, ...others, ...addresses];
    expect(words.filter((word) => word !== undefined && body.includes(word))).toEqual([]);
  }
  // The responses are searched for the secrets in all their encodings.
  expect(secretWatch.size.needles).toBeGreaterThan(50);
  expect(secretWatch.findings()).toEqual([]);
});
