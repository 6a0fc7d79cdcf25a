/**
 * Tests an untrusted identity provider: its discovery document and its redirects point to a server in the internal
 * network. That server must not receive a request, and its responses must not be shown.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { testToken } from '../../proxy/lakehouse/oidc/testing/test-provider';
import { generic } from '../fakes/providers/generic';
import { codeOf } from '../support/error-code';
import { ADA, runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab } from '../support/sign-in-lab';

const MARKER = 'internal-server-says-4711';
const lab = useSignInLab();

interface LoopbackServer {
  origin: string;
  host: string;
  port: number;
  requests: string[];
  response: (request: IncomingMessage, response: ServerResponse) => void;
  server: Server;
}

async function listen(): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    loopback.requests.push(`${request.method} ${request.url}`);
    loopback.response(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const loopback: LoopbackServer = {
    origin: `http://${host}`,
    host,
    port,
    requests: [],
    response: (_request, response) => response.writeHead(404).end(),
    server,
  };
  return loopback;
}

let issuer: LoopbackServer;
let internal: LoopbackServer;

beforeEach(async () => {
  [issuer, internal] = await Promise.all([listen(), listen()]);
  internal.response = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: MARKER, error_description: MARKER, access_token: MARKER, keys: [] }));
  };
});

afterEach(() => {
  issuer.server.closeAllConnections();
  internal.server.closeAllConnections();
  issuer.server.close();
  internal.server.close();
});

interface Responses {
  /** Members of the discovery document, or the target of a redirect. */
  discovery?: Record<string, unknown> | string;
  /** Target of a redirect of the key set. */
  keys?: string;
  /** Response of the token endpoint: the target of a redirect, or status, content type and body. */
  token?: string | readonly [status: number, contentType: string, body: string];
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(307, { location }).end(MARKER);
}

/** Sets the responses of the issuer. By default, all endpoints are on the issuer's host. */
function respondWith({ discovery = {}, keys, token = [200, 'application/json', '{}'] }: Responses): void {
  const { origin } = issuer;
  issuer.response = (request, response) => {
    if (request.method === 'POST') {
      if (typeof token === 'string') {
        redirect(response, token);
        return;
      }
      const [status, contentType, body] = token;
      response.writeHead(status, contentType === '' ? {} : { 'content-type': contentType }).end(body);
    } else if (keys !== undefined && request.url === '/keys') {
      redirect(response, keys);
    } else if (typeof discovery === 'string') {
      redirect(response, discovery);
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ issuer: origin, token_endpoint: `${origin}/token`, jwks_uri: `${origin}/keys`, ...discovery })
      );
    }
  };
}

function source(changes: Partial<Source['jsonData']> = {}): Source {
  const jsonData = {
    selectedAuthType: 'oauth2',
    oauthIssuer: issuer.origin,
    oauthClientId: 'grafana',
    ...changes,
  } as const;
  return lab.source(jsonData, { oauthClientSecret: 'secret-of-the-service-account' });
}

describe('a token endpoint on another host', () => {
  const spellings: Array<{ name: string; address: (port: number) => string; code?: string }> = [
    { name: 'as an IPv4 address', address: (port) => `http://127.0.0.1:${port}/token` },
    { name: 'as a host name', address: (port) => `http://localhost:${port}/token` },
    { name: 'with a dot at the end', address: (port) => `http://localhost.:${port}/token` },
    { name: 'as a decimal number', address: (port) => `http://2130706433:${port}/token` },
    { name: 'as a short hexadecimal number', address: (port) => `http://0x7f.1:${port}/token` },
    { name: 'in full-width digits', address: (port) => `http://１２７.0.0.1:${port}/token` },
    { name: 'with TLS', address: (port) => `https://127.0.0.1:${port}/token` },
    { name: 'as an IPv6 address', address: (port) => `http://[0:0:0:0:0:0:0:1]:${port}/token` },
    { name: 'as an IPv4-mapped IPv6 address', address: (port) => `https://[::ffff:127.0.0.1]:${port}/token` },
    { name: 'with white space around it', address: (port) => ` http://127.0.0.1:${port}/token\t` },
    { name: 'with backslashes', address: (port) => `http:\\\\127.0.0.1:${port}\\token` },
  ];

  it.each(spellings)('receives no request if its address is written $name', async ({ address }) => {
    respondWith({ discovery: { token_endpoint: address(internal.port) } });
    const { code, report } = await lab.saveAndTest(source());
    expect(`${code} ${report}`).toMatch(/^(provider_endpoint_host|provider_no_token_endpoint) /);
    expect(internal.requests).toEqual([]);
    expect(report).not.toContain(MARKER);
  });

  it('is named in the error, with the setting that allows it', async () => {
    respondWith({ discovery: { token_endpoint: `http://LOCALHOST:${internal.port}/token` } });
    const { code, report } = await lab.saveAndTest(source());
    expect(code).toBe('provider_endpoint_host');
    expect(report).toContain(`is on localhost:${internal.port}`);
    expect(report).toContain('enter this address in Endpoint hosts');
  });

  it.each(['user', 'user:password', ''])('receives no request if the part before @ in its URL is %p', async (user) => {
    respondWith({ discovery: { token_endpoint: `http://${user}${user && '@'}127.0.0.1:${internal.port}/token` } });
    const { code } = await lab.saveAndTest(source());
    expect(code).toBe(user === '' ? 'provider_endpoint_host' : 'provider_no_token_endpoint');
    expect(internal.requests).toEqual([]);
  });

  it('is not named in the error for a viewer', async () => {
    respondWith({ discovery: { token_endpoint: `${internal.origin}/token` } });
    const { error } = await runQuery(
      lab.plugin,
      { ...source(), user: { ...ADA, role: 'Viewer' } },
      { query: 'SELECT 1' }
    );
    expect(codeOf(error)).toBe('provider_endpoint_host');
    expect(error).not.toMatch(new RegExp(`${internal.port}|${issuer.port}|127\\.0`));
  });

  it.each<{ name: string; setting: () => string | string[] }>([
    { name: 'a string', setting: () => `other.example.com, ${internal.host}` },
    { name: 'a list', setting: () => ['other.example.com', internal.host] },
  ])('is accepted if the setting is $name that contains the host', async ({ setting }) => {
    respondWith({ discovery: { token_endpoint: `${internal.origin}/token` } });
    await lab.saveAndTest(source({ oauthEndpointHosts: setting() }));
    expect(internal.requests).toContain('POST /token');
  });

  it('is rejected if the setting names another port', async () => {
    respondWith({ discovery: { token_endpoint: `${internal.origin}/token` } });
    const { code } = await lab.saveAndTest(source({ oauthEndpointHosts: `127.0.0.1:${internal.port - 1}, 127.0.0.1` }));
    expect(code).toBe('provider_endpoint_host');
    expect(internal.requests).toEqual([]);
  });

  it('is rejected if the setting is not a list of hosts', async () => {
    respondWith({});
    const { code, report } = await lab.saveAndTest(source({ oauthEndpointHosts: `${internal.origin}/token` }));
    expect(code).toBe('settings_invalid');
    expect(report).toMatch(/Endpoint hosts: .*host:port/);
  });

  it('is accepted for a working provider if the setting names the host', async () => {
    const tested = await lab.provider(generic);
    tested.provider.behaviour.isTokenHostOther = true;
    const oauthEndpointHosts = new URL(tested.provider.tokenEndpoint).host;
    const { ok, report } = await lab.saveAndTest(lab.oauth(tested, { oauthEndpointHosts }));
    expect(ok ? '' : report).toBe('');
  });
});

describe('the key set, which is read to explain a rejected token', () => {
  const rejectedToken = (): Responses['token'] => {
    const claims = { iss: issuer.origin, sub: 'a', aud: 'micromegas', exp: 4_000_000_000 };
    const access_token = testToken(claims, { alg: 'RS256', kid: 'k' });
    return [200, 'application/json', JSON.stringify({ access_token, token_type: 'Bearer' })];
  };

  it('is not fetched from another host', async () => {
    respondWith({ discovery: { jwks_uri: `${internal.origin}/keys` }, token: rejectedToken() });
    const { ok, report } = await lab.saveAndTest(source());
    expect(ok).toBe(false);
    expect(issuer.requests).toContain('POST /token');
    expect(internal.requests).toEqual([]);
    expect(report).not.toContain(MARKER);
  });

  it('is not fetched through a redirect', async () => {
    respondWith({ keys: `${internal.origin}/keys`, token: rejectedToken() });
    const { report } = await lab.saveAndTest(source());
    expect(issuer.requests).toContain('GET /keys');
    expect(internal.requests).toEqual([]);
    expect(report).not.toContain(MARKER);
  });
});

it.each(['discovery', 'token'] as const)('does not follow redirects of the %s endpoint', async (which) => {
  respondWith({ [which]: `${internal.origin}/elsewhere` });
  const { ok, report } = await lab.saveAndTest(source());
  expect(ok).toBe(false);
  expect(report).toMatch(/redirects are not followed/);
  expect(internal.requests).toEqual([]);
  expect(report).not.toContain(MARKER);
});

describe('the response of the token endpoint', () => {
  const json = (body: unknown) => JSON.stringify(body);
  const cases: Array<{ name: string; token: NonNullable<Responses['token']>; shown: string }> = [
    { name: 'text', token: [400, 'text/plain; charset=utf-8', MARKER], shown: 'HTTP 400, text/plain' },
    { name: 'an HTML page', token: [502, 'text/html', `<html><title>${MARKER}</title>`], shown: 'HTTP 502, text/html' },
    { name: 'JSON that is not an OAuth error', token: [403, 'application/json', json({ message: MARKER, code: MARKER })], shown: 'HTTP 403, application/json' }, // prettier-ignore
    { name: 'an object in place of the error code', token: [400, 'application/json', json({ error: { detail: MARKER } })], shown: 'HTTP 400, application/json' }, // prettier-ignore
    { name: 'no content type', token: [500, '', MARKER], shown: 'HTTP 500' },
    { name: 'an invalid content type', token: [400, `x-${MARKER}`, MARKER], shown: 'HTTP 400' },
    { name: 'success without a token', token: [200, 'application/json', json({ [MARKER]: MARKER })], shown: 'no access_token' }, // prettier-ignore
  ];

  it.each(cases)('is not shown if it is not an OAuth error: $name', async ({ token, shown }) => {
    respondWith({ token });
    const { ok, report } = await lab.saveAndTest(source());
    expect(ok).toBe(false);
    expect(report).toContain(shown);
    expect(report).not.toContain(MARKER);
  });

  it('is truncated and shown if it is an OAuth error', async () => {
    const body = json({ error: 'invalid_scope', error_description: `the scope ${'x '.repeat(10_000)}`, more: MARKER });
    respondWith({ token: [400, 'application/json', body] });
    const { report } = await lab.saveAndTest(source());
    expect(report).toContain('invalid_scope: the scope x x');
    expect(report.length).toBeLessThan(5000);
    expect(report).not.toContain(MARKER);
  });
});

expectNoSecretsAtEnd();
