/**
 * TLS and proxies between the plugin, the server and the identity provider, over the plugin protocol, with real
 * handshakes on loopback.
 */
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { startHttpProxy } from '../../proxy/lakehouse/network/testing/http-proxy-server';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { startSocksServer } from '../../proxy/lakehouse/network/testing/socks-server';
import { startMicromegas, type Micromegas, type MicromegasOptions } from '../fakes/micromegas';
import { generic } from '../fakes/providers/generic';
import { AUTHORITY, CLIENT, EXPIRED_CLIENT, LAKE_TEST, LOCALHOST, STRANGER } from '../support/certificates';
import { onlyFrame } from '../support/frames';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd, secretWatch } from '../support/secret-watch';
import { API_KEY, healthOf, useSignInLab, type TestedProvider } from '../support/sign-in-lab';

const lab = useSignInLab();
const servers: Micromegas[] = [];

async function server(options: MicromegasOptions): Promise<Micromegas> {
  const started = await startMicromegas({ apiKeys: [API_KEY], ...options });
  servers.push(started);
  return started;
}

afterAll(async () => {
  await Promise.all(servers.map((each) => each.close()));
});

afterEach(endLoopback);

interface TlsCase {
  name: string;
  jsonData: MicromegasSettings;
  secrets?: MicromegasSecrets;
  /** Expected error code. Undefined: the check passes. */
  code?: ErrorCode;
  /** Matches the message that the administrator sees. */
  word?: RegExp;
}

const OWN_CA: TlsCase = {
  name: 'accepts a certificate of the CA in the settings',
  jsonData: { tlsAuthWithCACert: true },
  secrets: { tlsCACert: AUTHORITY },
};

async function expectOutcome(source: Source, { code, word }: TlsCase): Promise<void> {
  const outcome = await lab.saveAndTest(source);
  expect(`${outcome.code}: ${outcome.report}`).toMatch(new RegExp(`^${code}: `));
  expect(outcome.report).toMatch(word ?? /./);
}

describe('TLS to the server', () => {
  let plain: Micromegas;

  beforeAll(async () => {
    plain = await server({ tls: { certificate: LOCALHOST.certificate, key: LOCALHOST.key } });
  });

  const cases: TlsCase[] = [
    OWN_CA,
    {
      name: 'rejects a certificate of an unknown CA',
      jsonData: {},
      code: 'tls_untrusted',
      word: /trusted\. The authority that signed the certificate is not trusted/,
    },
    {
      name: 'accepts every certificate if verification is off',
      jsonData: { tlsSkipVerify: true },
      word: /not verified|verification/i,
    },
    {
      name: 'rejects a certificate of another CA than the one in the settings',
      jsonData: { tlsAuthWithCACert: true },
      secrets: { tlsCACert: STRANGER.certificate },
      code: 'tls_untrusted',
    },
    {
      name: 'rejects a certificate for another server name',
      jsonData: { tlsAuthWithCACert: true, serverName: 'lake.test' },
      secrets: { tlsCACert: AUTHORITY },
      code: 'tls_untrusted',
      word: /names in the certificate: DNS:localhost.*or enter one of its names as Server Name\./,
    },
    {
      name: "rejects the server's own certificate as CA",
      jsonData: { tlsAuthWithCACert: true },
      secrets: { tlsCACert: LOCALHOST.certificate },
      code: 'settings_invalid',
      word: /Paste the certificate of the authority "CN=Test authority, O=Test only", which signed it/,
    },
    {
      name: 'rejects a CA that is not a certificate',
      jsonData: { tlsAuthWithCACert: true },
      secrets: { tlsCACert: 'not a certificate' },
      code: 'settings_invalid',
      word: /CA Cert|certificate/i,
    },
  ];

  it.each(cases)('$name', async (row) => {
    const jsonData = { host: plain.address, secure: true, selectedAuthType: 'token' as const, ...row.jsonData };
    await expectOutcome(lab.source(jsonData, { token: API_KEY.key, ...row.secrets }), row);
  });
});

describe('mutual TLS with a server name in the settings', () => {
  let strict: Micromegas;
  const base: MicromegasSettings = {
    secure: true,
    selectedAuthType: 'token',
    tlsAuthWithCACert: true,
    serverName: 'lake.test',
  };

  beforeAll(async () => {
    strict = await server({ tls: { certificate: LAKE_TEST.certificate, key: LAKE_TEST.key, clientCa: AUTHORITY } });
  });

  const cases: TlsCase[] = [
    {
      name: 'accepts a client certificate that the server trusts',
      jsonData: { tlsAuth: true },
      secrets: { tlsClientCert: CLIENT.certificate, tlsClientKey: CLIENT.key },
    },
    {
      name: 'fails without a client certificate',
      jsonData: {},
      code: 'tls_client_certificate',
      word: /TLS client authentication/i,
    },
    {
      name: 'fails with a client certificate that is not trusted',
      jsonData: { tlsAuth: true },
      secrets: { tlsClientCert: STRANGER.certificate, tlsClientKey: STRANGER.key },
      code: 'tls_client_certificate',
      word: /client certificate in the settings is for "CN=.*which authority must sign client certificates/,
    },
    {
      name: 'fails with an expired client certificate, and says so',
      jsonData: { tlsAuth: true },
      secrets: { tlsClientCert: EXPIRED_CLIENT.certificate, tlsClientKey: EXPIRED_CLIENT.key },
      code: 'tls_client_certificate',
      word: /for "CN=expired-client, O=Test only".* It expired on 2021-01-01\. .*Get a new certificate, and enter it.* as Client Certificate and Client Key\./,
    },
    {
      name: 'rejects a client certificate without its key',
      jsonData: { tlsAuth: true },
      secrets: { tlsClientCert: CLIENT.certificate },
      code: 'settings_invalid',
      word: /key/i,
    },
    {
      name: 'rejects a key of another certificate',
      jsonData: { tlsAuth: true },
      secrets: { tlsClientCert: CLIENT.certificate, tlsClientKey: STRANGER.key },
      code: 'settings_invalid',
      word: /key/i,
    },
  ];

  it.each(cases)('$name', async (row) => {
    const source = lab.source(
      { host: strict.address, ...base, ...row.jsonData },
      { token: API_KEY.key, tlsCACert: AUTHORITY, ...row.secrets }
    );
    await expectOutcome(source, row);
    if (row.code === undefined) {
      expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
    }
  });
});

describe('TLS to the identity provider', () => {
  const PAIR = { cert: LOCALHOST.certificate, key: LOCALHOST.key };

  /** Starts a provider over HTTPS. The server gets the provider's documents in this process, without a connection. */
  async function secureProvider(
    tls: object,
    host?: string
  ): Promise<TestedProvider & { source: (row: TlsCase) => Source }> {
    let tested: TestedProvider | undefined;
    const micromegas = await server({ issuers: [], fetchJson: async (url) => tested?.provider.document(url) });
    tested = await lab.provider(generic, { tls: { ...PAIR, ...tls }, host });
    const { provider, saved } = tested;
    micromegas.issuers.push({ issuer: provider.issuer, audience: saved.serverAudience });
    const source = ({ jsonData, secrets }: TlsCase) => {
      const from = lab.oauth({ saved }, { host: micromegas.address, ...jsonData });
      return { ...from, secureJsonData: { ...from.secureJsonData, ...secrets } };
    };
    return { provider, saved, source };
  }

  describe('if the provider does not require client certificates', () => {
    let source: (row: TlsCase) => Source;
    beforeAll(async () => {
      ({ source } = await secureProvider({}));
    });
    const cases: TlsCase[] = [
      {
        name: 'accepts a certificate of the CA in the settings',
        jsonData: { oauthTlsAuthWithCACert: true },
        secrets: { oauthTlsCACert: AUTHORITY },
      },
      { name: 'rejects a certificate of an unknown CA', jsonData: {}, code: 'provider_untrusted', word: /certificate/ },
      {
        name: 'accepts every certificate if verification is off',
        jsonData: { oauthTlsSkipVerify: true },
        word: /not verified/,
      },
      {
        name: 'rejects a certificate for another server name',
        jsonData: { oauthTlsAuthWithCACert: true, oauthServerName: 'idp.test' },
        secrets: { oauthTlsCACert: AUTHORITY },
        code: 'provider_untrusted',
      },
      {
        name: "rejects the provider's own certificate as CA",
        jsonData: { oauthTlsAuthWithCACert: true },
        secrets: { oauthTlsCACert: LOCALHOST.certificate },
        code: 'settings_invalid',
        word: /This is the certificate of "CN=localhost, O=Test only" itself/,
      },
    ];
    it.each(cases)('$name', (row) => expectOutcome(source(row), row));
  });

  describe('if the provider requires client certificates', () => {
    let source: (row: TlsCase) => Source;
    beforeAll(async () => {
      ({ source } = await secureProvider({ ca: AUTHORITY, requestCert: true, rejectUnauthorized: true }));
    });
    const trusting: MicromegasSettings = { oauthTlsAuthWithCACert: true };
    const cases: TlsCase[] = [
      {
        name: 'accepts a client certificate that the provider trusts',
        jsonData: { ...trusting, oauthTlsAuth: true },
        secrets: {
          oauthTlsCACert: AUTHORITY,
          oauthTlsClientCert: CLIENT.certificate,
          oauthTlsClientKey: CLIENT.key,
        },
      },
      {
        name: 'fails with a client certificate that is not trusted',
        jsonData: { ...trusting, oauthTlsAuth: true },
        secrets: {
          oauthTlsCACert: AUTHORITY,
          oauthTlsClientCert: STRANGER.certificate,
          oauthTlsClientKey: STRANGER.key,
        },
        code: 'tls_client_certificate',
        word: /identity provider.*The client certificate in the settings is for "CN=.*which authority must sign/,
      },
      {
        name: 'fails with an expired client certificate, and says so',
        jsonData: { ...trusting, oauthTlsAuth: true },
        secrets: {
          oauthTlsCACert: AUTHORITY,
          oauthTlsClientCert: EXPIRED_CLIENT.certificate,
          oauthTlsClientKey: EXPIRED_CLIENT.key,
        },
        code: 'tls_client_certificate',
        word: /It expired on 2021-01-01\..*as Client Certificate \(identity provider\)/,
      },
      {
        name: 'fails without a client certificate',
        jsonData: trusting,
        secrets: { oauthTlsCACert: AUTHORITY },
        code: 'tls_client_certificate',
        word: /identity provider/i,
      },
    ];
    it.each(cases)('$name', (row) => expectOutcome(source(row), row));
  });

  it('connects through an HTTP proxy that requires a password', async () => {
    // The proxy connects `idp.test` to this machine. The certificate is for `localhost`.
    const { source, provider } = await secureProvider({}, 'idp.test');
    const authorization = `Basic ${Buffer.from('grafana:proxy-pass-word').toString('base64')}`;
    secretWatch.add(authorization);
    const proxy = await startHttpProxy({ authorization });
    const jsonData = {
      oauthTlsAuthWithCACert: true,
      oauthServerName: 'localhost',
      oauthProxyUrl: `http://127.0.0.1:${proxy.port}`,
      oauthProxyUser: 'grafana',
    };
    const secrets = { oauthTlsCACert: AUTHORITY, oauthProxyPassword: 'proxy-pass-word' };
    await expectOutcome(source({ name: '', jsonData, secrets }), { name: '', jsonData });
    expect(new Set(proxy.targets)).toEqual(new Set([new URL(provider.issuer).host]));
    const wrong = { name: '', jsonData, secrets: { ...secrets, oauthProxyPassword: 'another-pass-word' } };
    await expectOutcome(source(wrong), { ...wrong, code: 'proxy_unreachable', word: /407|password|sign/i });
  });
});

it("connects to the identity provider through the proxy in Grafana's environment", async () => {
  const tested = await lab.provider(generic, {
    tls: { cert: LOCALHOST.certificate, key: LOCALHOST.key },
    host: 'idp.test',
  });
  const proxy = await startHttpProxy();
  const own = await startBuiltPlugin({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  const changes: MicromegasSettings = { oauthTlsAuthWithCACert: true, oauthServerName: 'localhost' };
  const from = lab.oauth(tested, changes);
  const source = { ...from, secureJsonData: { ...from.secureJsonData, oauthTlsCACert: AUTHORITY } };
  const { details } = await healthOf(own, source);
  await own.shutdown();
  expect(details.stages.find(({ name }) => name === 'token')?.status).toBe('ok');
  expect(new Set(proxy.targets)).toEqual(new Set([new URL(tested.provider.issuer).host]));
});

describe("Grafana's secure SOCKS proxy", () => {
  const PREFIX = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';
  const config = (port: number): Record<string, string> => ({
    [`${PREFIX}SERVER_ENABLED`]: 'true',
    [`${PREFIX}PROXY_ADDRESS`]: `localhost:${port}`,
    [`${PREFIX}SERVER_NAME`]: 'localhost',
    [`${PREFIX}ROOT_CA_CERT_VALS`]: AUTHORITY,
    [`${PREFIX}CLIENT_CERT_VAL`]: CLIENT.certificate,
    [`${PREFIX}CLIENT_KEY_VAL`]: CLIENT.key,
  });
  const TLS = {
    cert: LOCALHOST.certificate,
    key: LOCALHOST.key,
    ca: AUTHORITY,
    requestCert: true,
    rejectUnauthorized: true,
  };

  it('connects to the server and to the provider', async () => {
    secretWatch.add(CLIENT.key);
    const socks = await startSocksServer({ tls: TLS, user: { name: 'team-a', password: 'socks-pass-word' } });
    const tested = await lab.provider(generic);
    const from = lab.oauth(tested, { enableSecureSocksProxy: true, secureSocksProxyUsername: 'team-a' });
    const source = {
      ...from,
      secureJsonData: { ...from.secureJsonData, secureSocksProxyPassword: 'socks-pass-word' },
      grafanaConfig: config(socks.port),
    };
    const response = await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' });
    expect(onlyFrame(response).rowCount).toBe(1);
    const asked = [lab.micromegas.address, new URL(tested.provider.issuer).host];
    expect([...new Set(socks.targets)].sort()).toEqual(asked.sort());
    expect((await lab.saveAndTest(source)).ok).toBe(true);
  });

  it('is named in the error if it rejects the password', async () => {
    const socks = await startSocksServer({ tls: TLS, user: { name: 'team-a', password: 'socks-pass-word' } });
    const source = lab.source(
      { selectedAuthType: 'token', enableSecureSocksProxy: true, secureSocksProxyUsername: 'team-a' },
      { token: API_KEY.key, secureSocksProxyPassword: 'a-wrong-pass-word' },
      { grafanaConfig: config(socks.port) }
    );
    await expectOutcome(source, { name: '', jsonData: {}, code: 'proxy_unreachable', word: /SOCKS/ });
    expect(socks.targets).toEqual([]);
  });

  it('is reported as missing if Grafana does not configure it', async () => {
    const source = lab.source({ selectedAuthType: 'token', enableSecureSocksProxy: true }, { token: API_KEY.key });
    await expectOutcome(source, { name: '', jsonData: {}, code: 'settings_invalid', word: /secure SOCKS proxy/i });
  });
});

it('sends secret metadata with every call', async () => {
  const source = lab.source(
    { selectedAuthType: 'token', secureMetadataName1: 'x-gateway-key', metadata: [{ 'x-team': 'blue' }] },
    { token: API_KEY.key, secureMetadataValue1: 'gateway-key-0123456789' }
  );
  const before = lab.micromegas.calls.length;
  expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
  const calls = lab.micromegas.calls.slice(before);
  expect(calls.length).toBeGreaterThan(0);
  for (const { headers } of calls) {
    expect(headers).toMatchObject({ 'x-gateway-key': 'gateway-key-0123456789', 'x-team': 'blue' });
  }
});

expectNoSecretsAtEnd();
