import { ProxyError } from '../../base/errors/proxy-error';
import { EndpointHosts } from './endpoint-hosts';
import { rulesFor } from './provider-rules';

function hostsOf(issuer: string, named: string[] = []): EndpointHosts {
  const { discoveryUrl } = rulesFor({
    issuer,
    clientId: 'grafana',
    authentication: { kind: 'assertion-file', path: '/x' },
    parameters: [],
  });
  return new EndpointHosts({ issuer, discoveryUrl: discoveryUrl(issuer), named });
}

function codeOf(issuer: string, endpoint: unknown, named: string[] = []): string {
  try {
    hostsOf(issuer, named).checked('token_endpoint', endpoint);
    return 'ok';
  } catch (reason) {
    return ProxyError.from(reason).code;
  }
}

const ENTRA = 'https://login.microsoftonline.com/8f2b6a52-3c1d-4d6e-9d3a-2f1f7c0a9b11/v2.0';
const STS = 'https://sts.windows.net/8f2b6a52-3c1d-4d6e-9d3a-2f1f7c0a9b11/';
const COGNITO = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12';

it.each([
  ['the same host', 'https://idp.example/a', 'https://idp.example/token'],
  ['the same host in capitals, with a dot at the end', 'https://idp.example', 'https://IDP.Example./token'],
  ['the same port', 'https://idp.example:8443', 'https://idp.example:8443/token'],
  ['the default port instead of the port of the issuer', 'https://idp.example:8443', 'https://idp.example/token'],
  ['another spelling of the same loopback address', 'http://127.0.0.1:8080', 'http://127.1:8080/token'],
  ['the IDNA encoding of the same host', 'https://b\u00fccher.example', 'https://xn--bcher-kva.example/token'],
  ['the token endpoint of Google', 'https://accounts.google.com', 'https://oauth2.googleapis.com/token'],
  ['the key set of Google', 'https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs'],
  ['Cognito', COGNITO, 'https://lake.auth.eu-central-1.amazoncognito.com/oauth2/token'],
  [
    'Cognito in GovCloud',
    'https://cognito-idp.us-gov-west-1.amazonaws.com/x',
    'https://lake.auth-fips.us-gov-west-1.amazoncognito.com/oauth2/token',
  ],
  ['Entra ID', ENTRA, 'https://login.microsoftonline.com/t/oauth2/v2.0/token'],
  ['Entra ID v1', STS, 'https://login.microsoftonline.com/t/oauth2/token'],
  [
    'Entra ID for the US government',
    'https://login.microsoftonline.us/t/v2.0',
    'https://login.microsoftonline.us/t/oauth2/v2.0/token',
  ],
  ['Entra ID v1 for the US government', STS, 'https://login.microsoftonline.us/t/oauth2/token'],
  [
    'Entra ID v1 in China',
    'https://sts.chinacloudapi.cn/t/',
    'https://login.partner.microsoftonline.cn/t/oauth2/token',
  ],
  [
    'Entra ID in China by its older name',
    'https://login.chinacloudapi.cn/t/',
    'https://login.partner.microsoftonline.cn/t/oauth2/token',
  ],
  ['Entra External ID', 'https://8f2b6a52.ciamlogin.com/t/v2.0', 'https://contoso.ciamlogin.com/t/oauth2/v2.0/token'],
])('accepts %s', (_name, issuer, endpoint) => {
  expect(codeOf(issuer, endpoint)).toBe('ok');
});

it.each([
  ['another host', 'https://idp.example', 'https://other.example/token'],
  ['a subdomain', 'https://idp.example', 'https://token.idp.example/token'],
  ['the parent domain', 'https://idp.example', 'https://example/token'],
  ['a host with the issuer as prefix', 'https://idp.example', 'https://idp.example.evil.example/token'],
  ['another port', 'https://idp.example', 'https://idp.example:8443/token'],
  ['another port of this machine', 'http://127.0.0.1:8080', 'http://127.0.0.1:8081/token'],
  ['another name of this machine', 'http://127.0.0.1:8080', 'http://localhost:8080/token'],
  ['an IPv4 address written as IPv6', 'https://127.0.0.1', 'https://[::ffff:127.0.0.1]/token'],
  [
    'a user name that looks like the host',
    'https://idp.example',
    'https://idp.example%2f:443@other.example/token',
    'provider_no_token_endpoint',
  ],
  [
    'Google with the endpoint on another port',
    'https://accounts.google.com',
    'https://oauth2.googleapis.com:8443/token',
  ],
  ['Google with the issuer on another port', 'https://accounts.google.com:8443', 'https://oauth2.googleapis.com/token'],
  [
    'Google with the hosts of issuer and endpoint swapped',
    'https://oauth2.googleapis.com',
    'https://accounts.google.com/token',
  ],
  ['Cognito of another region', COGNITO, 'https://lake.auth.us-east-1.amazoncognito.com/oauth2/token'],
  [
    'a subdomain of a prefix domain of Cognito',
    COGNITO,
    'https://a.b.auth.eu-central-1.amazoncognito.com/oauth2/token',
  ],
  ['plain HTTP', 'https://idp.example', 'http://idp.example/token', 'provider_no_token_endpoint'],
  ['a relative URL', 'https://idp.example', '/token', 'provider_no_token_endpoint'],
  [
    'a value that is not a string',
    'https://idp.example',
    { href: 'https://idp.example/' },
    'provider_no_token_endpoint',
  ],
  ['a very long URL', 'https://idp.example', `https://idp.example/${'x'.repeat(2048)}`, 'provider_no_token_endpoint'],
])('rejects %s', (_name, issuer, endpoint, code = 'provider_endpoint_host') => {
  expect(codeOf(issuer, endpoint)).toBe(code);
});

it('accepts each host in the settings only with its port', () => {
  const named = ['back.example:8443', 'auth.example:443'];
  const accepted = ['https://back.example:8443/token', 'https://auth.example/token'];
  const rejected = ['https://back.example/token', 'https://auth.example:8443/token'];
  expect(accepted.map((endpoint) => codeOf('https://idp.example', endpoint, named))).toEqual(['ok', 'ok']);
  expect(rejected.map((endpoint) => codeOf('https://idp.example', endpoint, named))).toEqual([
    'provider_endpoint_host',
    'provider_endpoint_host',
  ]);
});

it('names a rejected host as it must be entered in Endpoint hosts', () => {
  const rejectionOf = (endpoint: string) => {
    try {
      return hostsOf('https://idp.example').checked('jwks_uri', endpoint);
    } catch (reason) {
      return ProxyError.from(reason).adminMessage;
    }
  };
  expect(rejectionOf('https://keys.example/jwks')).toContain(
    'jwks_uri of the discovery document is on keys.example, the'
  );
  expect(rejectionOf('https://keys.example:8443/jwks')).toContain('enter this address in Endpoint hosts');
  expect(rejectionOf('https://keys.example:8443/jwks')).toContain('If keys.example:8443 belongs');
});

it('rejects requests to other hosts', async () => {
  const asked: string[] = [];
  const fetch = hostsOf('https://idp.example').guard((url) => {
    asked.push(url);
    return Promise.resolve(new Response());
  });
  const init = { method: 'GET', headers: {}, signal: new AbortController().signal };
  await fetch('https://idp.example/token', init);
  await expect(fetch('https://other.example/token', init)).rejects.toMatchObject({ code: 'provider_endpoint_host' });
  expect(asked).toEqual(['https://idp.example/token']);
});
