/** Settings of the routes to server and provider, secret metadata, and the operator's limits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_CERTIFICATE, TEST_KEY } from '../flight-sql/testing/tls-fixture';
import { Secret } from '../../observe/logging/secret';
import { problemOf, saved, settingsOf } from './testing/settings-bench';

const OAUTH = { host: 'lake.example:50051', oauthIssuer: 'https://idp.example/', oauthClientId: 'grafana' };
const SECRET = { oauthClientSecret: 's' };
const PEMS = { tlsCACert: TEST_CERTIFICATE, tlsClientCert: TEST_CERTIFICATE, tlsClientKey: TEST_KEY };
const PROVIDER_PEMS = {
  oauthTlsCACert: TEST_CERTIFICATE,
  oauthTlsClientCert: TEST_CERTIFICATE,
  oauthTlsClientKey: TEST_KEY,
};

describe('TLS to the server', () => {
  it('uses stored values if their switches are on', () => {
    const json = { host: 'a:1', secure: true, tlsAuth: true, tlsAuthWithCACert: true, serverName: 'lake' };
    const { server, warnings } = settingsOf(saved(json, PEMS));
    expect(server.tls).toEqual({
      skipVerify: false,
      ca: TEST_CERTIFICATE,
      clientCertificate: TEST_CERTIFICATE,
      clientKey: expect.any(Secret),
      serverName: 'lake',
    });
    expect(warnings).toEqual([]);
  });

  it('ignores stored values if their switches are off', () => {
    expect(settingsOf(saved({ host: 'a:1', secure: true }, PEMS)).server.tls).toEqual({
      skipVerify: false,
      hasUnusedCa: true,
    });
  });

  it('is undefined when TLS is off', () => {
    const json = { host: 'a:1', tlsAuth: true, tlsAuthWithCACert: true, tlsSkipVerify: true };
    const { server, warnings } = settingsOf(saved(json));
    expect({ tls: server.tls, warnings }).toEqual({ tls: undefined, warnings: [] });
  });

  it('warns when verification is off', () => {
    const { server, warnings } = settingsOf(saved({ host: 'a:1', secure: true, tlsSkipVerify: true }));
    expect(server.tls?.skipVerify).toBe(true);
    expect(warnings).toEqual([
      expect.stringMatching(/^Skip TLS verification: .*does not check the certificate of the server/),
    ]);
  });

  it.each<{ name: string; json: object; secrets: Record<string, string>; problems: RegExp[] }>([
    {
      name: 'a missing certificate authority',
      json: { tlsAuthWithCACert: true },
      secrets: {},
      problems: [/^CA Certificate: /],
    },
    { name: 'a missing certificate and key', json: { tlsAuth: true }, secrets: {}, problems: [/Client Certificate: /, /Client Key: /] }, // prettier-ignore
    { name: 'a certificate as key', json: { tlsAuth: true }, secrets: { ...PEMS, tlsClientKey: TEST_CERTIFICATE }, problems: [/Client Key: /] }, // prettier-ignore
    { name: 'a damaged certificate authority', json: { tlsAuthWithCACert: true }, secrets: { tlsCACert: 'x' }, problems: [/CA Certificate: /] }, // prettier-ignore
    { name: 'a URL as server name', json: { serverName: 'https://lake' }, secrets: {}, problems: [/Server Name: /] },
  ])('is rejected for $name', ({ json, secrets, problems }) => {
    const { code, detail } = problemOf(saved({ host: 'a:1', secure: true, ...json }, secrets));
    expect(code).toBe('settings_invalid');
    problems.forEach((problem) => expect(detail).toMatch(problem));
  });
});

describe('the route to the provider', () => {
  it('has its own TLS settings and proxy', () => {
    const json = {
      ...OAUTH,
      oauthTlsAuth: true,
      oauthTlsAuthWithCACert: true,
      oauthServerName: 'idp',
      oauthProxyUrl: 'http://proxy.example:3128/',
      oauthProxyUser: 'ada',
    };
    const secrets = { ...SECRET, ...PROVIDER_PEMS, oauthProxyPassword: ' p ' };
    const { providerRoute } = settingsOf(saved(json, secrets));
    expect(providerRoute).toEqual({
      tls: {
        skipVerify: false,
        ca: TEST_CERTIFICATE,
        clientCertificate: TEST_CERTIFICATE,
        clientKey: expect.any(Secret),
        serverName: 'idp',
      },
      httpProxy: { url: 'http://proxy.example:3128', user: 'ada', password: expect.any(Secret) },
    });
    expect(providerRoute.httpProxy?.password?.reveal()).toBe(' p ');
  });

  it.each([
    { json: { oauthTlsAuthWithCACert: true }, problem: /CA Certificate \(identity provider\): / },
    { json: { oauthTlsAuth: true }, problem: /Client Key \(identity provider\): / },
    { json: { oauthProxyUrl: 'proxy:3128' }, problem: /HTTP proxy: .*http:\/\// },
    { json: { oauthProxyUrl: 'http://ada:p@proxy:3128' }, problem: /HTTP proxy: Remove the user name/ },
    { json: { oauthProxyUrl: 'http://proxy:3128/path' }, problem: /HTTP proxy: .*no path/ },
  ])('is rejected: $problem', ({ json, problem }) => {
    expect(problemOf(saved({ ...OAUTH, ...json }, SECRET)).detail).toMatch(problem);
    // With an API key, the route to the provider is not used, so its problems are not reported.
    expect(settingsOf(saved({ host: 'a:1', ...json }, { token: 'key' })).warnings).toEqual([]);
  });
});

describe('the SOCKS proxy of Grafana', () => {
  const KEY = 'GF_SECURE_SOCKS_DATASOURCE_PROXY_';
  const prefixed = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${KEY}${name}`, value]));
  const JSON_ON = { ...OAUTH, enableSecureSocksProxy: true };
  const VALUES = {
    SERVER_ENABLED: 'true',
    PROXY_ADDRESS: 'socks.example:1080',
    SERVER_NAME: 'pdc',
    CLIENT_CERT_VAL: TEST_CERTIFICATE,
    CLIENT_KEY_VAL: TEST_KEY,
    ROOT_CA_CERT_VALS: `${TEST_CERTIFICATE},${TEST_CERTIFICATE}`,
  };

  it('is used for both routes, with the uid as user', () => {
    const { server, providerRoute } = settingsOf(
      saved(JSON_ON, { ...SECRET, secureSocksProxyPassword: 'p' }, prefixed(VALUES))
    );
    expect(server.socks).toEqual({
      host: 'socks.example',
      port: 1080,
      serverName: 'pdc',
      rootCas: [TEST_CERTIFICATE, TEST_CERTIFICATE],
      clientCertificate: TEST_CERTIFICATE,
      clientKey: expect.any(Secret),
      isPlaintext: false,
      user: 'u1',
      password: expect.any(Secret),
    });
    expect(providerRoute.socks).toBe(server.socks);
  });

  it('is read from files, and from the environment variables of older versions of Grafana', () => {
    const folder = mkdtempSync(join(tmpdir(), 'socks-'));
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const environment = prefixed({
      SERVER_ENABLED: 'true',
      PROXY_ADDRESS: '[::1]:1080',
      CLIENT_CERT: file('cert', TEST_CERTIFICATE),
      CLIENT_KEY: file('key', TEST_KEY),
      ROOT_CA_CERT: `${file('a', TEST_CERTIFICATE)} ${file('b', TEST_CERTIFICATE)}`,
    });
    const { server } = settingsOf(saved({ ...JSON_ON, secureSocksProxyUsername: 'ada' }, SECRET), environment);
    rmSync(folder, { recursive: true });
    expect(server.socks).toMatchObject({ host: '::1', port: 1080, serverName: '::1', user: 'ada' });
    expect(server.socks?.rootCas).toHaveLength(2);
    expect(server.socks?.clientKey?.reveal()).toContain('PRIVATE KEY');
  });

  it('may be used without TLS, for tests', () => {
    const { server } = settingsOf(saved(JSON_ON, SECRET, prefixed({ ...VALUES, ALLOW_INSECURE: 'true' })));
    expect(server.socks).toMatchObject({ isPlaintext: true, rootCas: [] });
    expect(server.socks?.clientKey).toBeUndefined();
  });

  it('is not read when the data source does not use it', () => {
    const { server } = settingsOf(saved(OAUTH, SECRET, prefixed({ ...VALUES, PROXY_ADDRESS: 'x' })));
    expect(server.socks).toBeUndefined();
  });

  it('has priority over an HTTP proxy, with a warning', () => {
    const { providerRoute, warnings } = settingsOf(
      saved({ ...JSON_ON, oauthProxyUrl: 'http://proxy:1' }, SECRET, prefixed(VALUES))
    );
    expect(providerRoute.httpProxy).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/^HTTP proxy: /)]);
  });

  it.each([
    { name: 'Grafana has none', values: {}, problem: /This Grafana has no secure SOCKS proxy/ },
    {
      name: 'its address is invalid',
      values: { ...VALUES, PROXY_ADDRESS: 'socks.example' },
      problem: /no usable address/,
    },
    {
      name: 'the port of its address is too large',
      values: { ...VALUES, PROXY_ADDRESS: 'socks.example:65536' },
      problem: /port from 1 to 65535/,
    },
    {
      name: 'the port of its address is 0',
      values: { ...VALUES, PROXY_ADDRESS: 'socks.example:0' },
      problem: /port from 1 to 65535/,
    },
    { name: 'a file is missing', values: { ...VALUES, CLIENT_KEY_VAL: '', CLIENT_KEY: '/nowhere/key' }, problem: /\/nowhere\/key/ }, // prettier-ignore
  ])('is rejected when $name', ({ values, problem }) => {
    expect(problemOf(saved(JSON_ON, SECRET, prefixed(values))).detail).toMatch(problem);
  });
});

describe('secret metadata', () => {
  it('is sent after the other metadata, in the order of the numbers in its keys', () => {
    const json = { host: 'a:1', metadata: [{ 'x-a': '1' }], secureMetadataName2: 'X-B', secureMetadataName1: 'x-c' };
    const { metadata } = settingsOf(saved(json, { secureMetadataValue1: 'one', secureMetadataValue2: 'two' }));
    expect(metadata.map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value])).toEqual([
      ['x-a', '1'],
      ['x-c', 'one'],
      ['x-b', 'two'],
    ]);
  });

  it('is left out if it has no value, and causes a warning', () => {
    const { metadata, warnings } = settingsOf(saved({ host: 'a:1', secureMetadataName1: 'x-c' }));
    expect(metadata).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/^Metadata: "x-c" has no value/)]);
  });

  it.each(['authorization', 'x-user-id', 'limit', 'Transfer-Encoding', 'x b', 'x-bin'])(
    'is rejected for the name %s',
    (name) => {
      const { detail } = problemOf(saved({ host: 'a:1', secureMetadataName1: name }, { secureMetadataValue1: 'hush' }));
      expect(detail).toMatch(/^Metadata: /);
      expect(detail).not.toContain('hush');
    }
  );

  it('is rejected for an invalid header value, without quoting it', () => {
    const { detail } = problemOf(saved({ host: 'a:1', secureMetadataName1: 'x' }, { secureMetadataValue1: 'hüsh' }));
    expect(detail).toMatch(/printable ASCII/);
    expect(detail).not.toContain('hüsh');
  });
});

describe('the operator', () => {
  const HOSTS = { GF_PLUGIN_ALLOWED_HOSTS: 'lake.example:50051, idp.example, proxy.example' };

  it.each([
    {
      name: 'a server that is not allowed',
      json: { ...OAUTH, host: 'other.example:50051' },
      detail: /^Host: other\.example:50051/,
    },
    { name: 'another port', json: { ...OAUTH, host: 'lake.example:1' }, detail: /^Host: lake\.example:1/ },
    { name: 'an IP address', json: { ...OAUTH, host: '[::1]:50051' }, detail: /^Host: \[::1\]:50051/ },
    { name: 'a provider that is not allowed', json: { ...OAUTH, oauthIssuer: 'https://evil.example/' }, detail: /^OIDC Issuer: evil\.example:443/ }, // prettier-ignore
    { name: 'a proxy that is not allowed', json: { ...OAUTH, oauthProxyUrl: 'http://evil.example' }, detail: /^HTTP proxy: evil\.example:80/ }, // prettier-ignore
  ])('rejects $name', ({ json, detail }) => {
    expect(problemOf(saved(json, SECRET), HOSTS)).toMatchObject({
      code: 'host_not_allowed',
      detail: expect.stringMatching(detail),
    });
    expect(settingsOf(saved(json, SECRET)).auth.kind).toBe('oauth2');
  });

  it('allows listed hosts', () => {
    const json = { ...OAUTH, oauthProxyUrl: 'http://proxy.example:3128' };
    expect(settingsOf(saved(json, SECRET), HOSTS).server.host).toBe('lake.example');
  });

  it.each<{ name: string; json: object; secrets?: Record<string, string>; isRejected: boolean }>([
    { name: 'an API key', json: {}, secrets: { token: 'k' }, isRejected: true },
    { name: 'a service account', json: OAUTH, secrets: SECRET, isRejected: true },
    { name: 'a forwarded identity', json: { selectedAuthType: 'oauth2', oauthPassThru: true }, isRejected: true },
    { name: 'secret metadata', json: { secureMetadataName1: 'x' }, secrets: { secureMetadataValue1: 'v' }, isRejected: true }, // prettier-ignore
    { name: 'an `authorization` header in the metadata', json: { selectedAuthType: 'none', metadata: [{ authorization: 'Bearer k' }] }, isRejected: true }, // prettier-ignore
    { name: 'no sign-in', json: { selectedAuthType: 'none' }, isRejected: false },
    { name: 'an API key with TLS', json: { secure: true }, secrets: { token: 'k' }, isRejected: false },
    {
      name: 'a server on the same machine',
      json: { host: 'localhost:50051' },
      secrets: { token: 'k' },
      isRejected: false,
    },
  ])(
    'decides whether to reject plaintext to the server: $name, rejected: $isRejected',
    ({ json, secrets = {}, isRejected }) => {
      const source = saved({ host: 'lake.example:50051', ...json }, secrets);
      const environment = { GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'true' };
      if (isRejected) {
        expect(problemOf(source, environment).code).toBe('plaintext_refused');
      } else {
        expect(settingsOf(source, environment).orgId).toBe(1);
      }
      expect(settingsOf(source).orgId).toBe(1);
    }
  );
});
