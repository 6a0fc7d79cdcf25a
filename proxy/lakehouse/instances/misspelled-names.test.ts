import { misspelledNames } from './misspelled-names';
import { readSavedFields } from './saved-fields';

const KNOWN = ['host', 'maxRows', 'maxStatements', 'oauthIssuer', 'resultAgeSeconds', 'secure', 'token', 'oauthScope'];

it.each([
  ['maxStatement', 'maxStatements'],
  ['max_statements', 'maxStatements'],
  ['MaxRows', 'maxRows'],
  ['maxRow', 'maxRows'],
  ['Host', 'host'],
  ['resutlAgeSeconds', 'resultAgeSeconds'],
  ['oauthIsuer', 'oauthIssuer'],
  ['issuer', 'oauthIssuer'],
  ['isuer', 'oauthIssuer'],
  ['tls', 'secure'],
  ['use_tls', 'secure'],
  ['apiKey', 'token'],
  ['tokn', 'token'],
  ['tokens', 'token'],
  ['scopes', 'oauthScope'],
])('finds the misspelled name %s', (name, meant) => {
  expect(misspelledNames({ [name]: 1 }, KNOWN)).toEqual([{ name, meant }]);
});

it.each(['host', 'port', 'hosts', 'maxLines', 'constructor', '__proto__', ''])('accepts %j', (name) => {
  expect(misspelledNames(JSON.parse(`{${JSON.stringify(name)}: 1}`), KNOWN)).toEqual([]);
});

it('reports at most 5 of many names', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => [index < 10 ? `maxRows${index}` : `key${index}`, 1]);
  expect(misspelledNames(Object.fromEntries(names), KNOWN)).toHaveLength(5);
  expect(misspelledNames({ ['maxRows'.repeat(100_000)]: 1 }, KNOWN)).toEqual([]);
});

// Settings that Grafana, its forms and its extensions save for data sources of any type.
const GRAFANA_NAMES = [
  'access,alertmanagerUid,allowAsRecordingRulesTarget,authType,azureAuthType,azureCredentials,cacheLevel,connMaxLifetime',
  'customQueryParameters,database,dataLinks,defaultRegion,disableGrafanaCache,disableMetricsLookup,esVersion,exemplars',
  'httpHeaderName1,httpMethod,httpMode,implementation,incrementalQuerying,keepCookies,manageAlerts,maxConcurrentShardRequests',
  'maxIdleConns,maxIdleConnsAuto,maxLines,maxOpenConns,oauth2,pdcInjected,prometheusType,sigV4Auth,sslmode,teamHttpHeaders',
  'timeField,timeInterval,timeout,timescaledb,tlsConfigurationMethod,tlsSkipVerify,tlsAuth,tlsAuthWithCACert,serverName',
  'oauthPassThru,enableSecureSocksProxy,secureSocksProxyUsername,username,user,url,version,withCredentials,basicAuth',
];

it.each([
  ...GRAFANA_NAMES,
  // Settings of this plugin in numbered fields, and secrets that were saved as settings.
  'oauthParameterName1,oauthParameterValue1,secureMetadataName1,token,password,tlsCACert,tlsClientCert,oauthClientSecret',
])('accepts names of Grafana, numbered names and names of secrets: %s', (names) => {
  const jsonData = Object.fromEntries(names.split(',').map((name) => [name, 'x']));
  expect(readSavedFields(Buffer.from(JSON.stringify(jsonData))).misspelled).toEqual([]);
});

it('does not mistake names of Grafana for secrets', () => {
  const jsonData = Object.fromEntries(GRAFANA_NAMES.flatMap((names) => names.split(',')).map((name) => [name, 'x']));
  expect(readSavedFields(Buffer.from(JSON.stringify(jsonData))).readableSecrets).toEqual([]);
});

describe('secrets in jsonData', () => {
  const read = (jsonData: object) => readSavedFields(Buffer.from(JSON.stringify(jsonData)));

  it.each([
    ['apiKey', 'token'],
    ['api_token', 'token'],
    ['api-key', 'token'],
    ['Token', 'token'],
    ['accessToken', 'token'],
    ['oauthClientSecret', 'oauthClientSecret'],
    ['oauthClientSecrets', 'oauthClientSecret'],
    ['clientSecret', 'oauthClientSecret'],
    ['clientSecrets', 'oauthClientSecret'],
    ['client_secrets', 'oauthClientSecret'],
    ['client_secret', 'oauthClientSecret'],
    ['privateKey', 'oauthPrivateKey'],
    ['tlsClientKeys', 'tlsClientKey'],
    ['proxyPassword', 'oauthProxyPassword'],
  ])('are not reported as misspelled names of settings: %s', (name, meant) => {
    const { misspelled, readableSecrets } = read({ [name]: 'k' });
    expect({ misspelled, readableSecrets }).toEqual({ misspelled: [], readableSecrets: [{ name, meant }] });
  });

  it.each([
    { name: '`token`, the name under which very old versions saved the API key', jsonData: { token: 'k' } },
    { name: 'a password, which is never read', jsonData: { password: 'k' } },
    { name: 'an empty value', jsonData: { apiKey: ' ' } },
  ])('do not include $name', ({ jsonData }) => {
    const { misspelled, readableSecrets } = read(jsonData);
    expect({ misspelled, readableSecrets }).toEqual({ misspelled: [], readableSecrets: [] });
  });

  it('do not include misspelled names of settings', () => {
    // `tokens` resembles the secret, too.
    const names = Object.keys(read({}))
      .filter((name) => name !== 'token')
      .map((name) => `${name}s`);
    expect(read(Object.fromEntries(names.map((name) => [name, 'x']))).readableSecrets).toEqual([]);
  });
});
