/**
 * Tests how the plugin explains responses of a server, or of a proxy in front of the server: HTTP statuses without a
 * gRPC status, a missing list of tables, and timeouts. The tests use the plugin protocol.
 */
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo } from 'node:net';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { generic } from '../fakes/providers/generic';
import { oauthError, type ProviderRules } from '../fakes/providers/rules';
import { eventually } from '../support/eventually';
import { onlyFrame, readFrames } from '../support/frames';
import { runQuery, type Source } from '../support/plugin';
import { startRelay } from '../support/relay';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

const lab = useSignInLab();
const servers: Http2Server[] = [];

afterAll(() => servers.forEach((server) => server.close()));

/** An HTTP/2 server without gRPC. @returns Its address. */
async function startHttp2(response: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void) {
  const server = createServer();
  servers.push(server);
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    response(stream, headers);
  });
  server.on('sessionError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const SQL = { query: 'SELECT 1', version: 2 };
const LARGE_KEY = 'k'.repeat(15_900);

const withKey = (host: string, token = 'mmk_some-key', changes: object = {}): Source =>
  lab.source({ host, selectedAuthType: 'token', ...changes }, { token });

/** Runs a query that fails. @returns Error code, message and HTTP status. */
async function failedQuery(source: Source): Promise<{ code: unknown; error: string; status: number }> {
  const response = await runQuery(lab.plugin, source, SQL);
  const { code } = Object(readFrames(response)[0]?.meta.custom);
  return { code, error: response.error, status: response.status };
}

describe('a response with an HTTP status and no gRPC status', () => {
  const cases: Array<[status: number, code: ErrorCode, text: RegExp]> = [
    [302, 'server_intercepted', /is a redirect/],
    [400, 'not_flight_sql', /did not understand the gRPC request/],
    [401, 'server_intercepted', /proxy in front of the server rejected the sign-in/],
    [403, 'server_intercepted', /proxy in front of the server rejected the call/],
    [404, 'not_flight_sql', /nothing at the path/],
    [413, 'request_too_large', /SQL/],
    [415, 'not_flight_sql', /application\/grpc/],
    [429, 'server_rate_limited', /gateway/],
    [431, 'headers_too_large', /16 KiB/],
    [500, 'server_unavailable', /internal error/],
    [502, 'server_unavailable', /cannot reach it/],
    [503, 'server_unavailable', /no healthy server/],
    [504, 'gateway_timeout', /Raise the timeout of that proxy/],
  ];

  it.each(cases)('reports HTTP status %d as %s', async (status, code, message) => {
    const { host } = await startHttp2((stream) => {
      stream.respond({ ':status': status, 'content-type': 'text/plain' }, { endStream: true });
    });
    const failed = await failedQuery(withKey(host));
    expect(failed.code).toBe(code);
    expect(failed.error).toContain(`HTTP status ${status}`);
    expect(failed.error).toMatch(message);
  });

  it('names the size of the token for HTTP status 431, in a query and in Save & test', async () => {
    const { host } = await startHttp2((stream) => {
      stream.respond({ ':status': 431, 'content-length': '0' }, { endStream: true });
    });
    const source = withKey(host, LARGE_KEY);
    const { error } = await runQuery(lab.plugin, source, SQL);
    expect(error).toMatch(/of which the token takes 15900.*Roles and groups/s);
    const { code, report } = await lab.saveAndTest(source);
    expect(code).toBe('headers_too_large');
    expect(report).toMatch(/of which the token takes 15900/);
  });

  it('does not name the configuration of Micromegas as the cause of HTTP status 401 from a proxy', async () => {
    const { host } = await startHttp2((stream) => {
      stream.respond({ ':status': 401, 'content-type': 'text/html' }, { endStream: true });
    });
    const { code, report } = await lab.saveAndTest(lab.oauth(await lab.provider(generic), { host }));
    expect(code).toBe('server_intercepted');
    expect(report).toMatch(/proxy in front of the server rejected the sign-in/);
    expect(report).not.toContain('MICROMEGAS_OIDC_CONFIG');
  });
});

it.each([
  { name: 'an access proxy', status: 403, headers: { 'content-type': 'text/html', server: 'cloudflare' }, report: /HTTP status 403 \(text\/html, Server: cloudflare\)/ },
  { name: 'a proxy that wants a sign-in', status: 407, headers: { via: '1.1 egress' }, report: /407 \(Via: 1\.1 egress\).*requires a sign-in/s },
  { name: 'a proxy that drops trailers', status: 200, headers: { 'content-type': 'application/grpc', via: '1.1 edge' }, report: /ends without the gRPC status \(the trailers\).*Via: 1\.1 edge/s },
])('names the evidence of $name', async ({ status, headers, report }) => {
  const { host } = await startHttp2((stream) => stream.respond({ ':status': status, ...headers }, { endStream: true }));
  const outcome = await lab.saveAndTest(withKey(host));
  expect(outcome.code).toBe('server_intercepted');
  expect(outcome.report).toMatch(report);
}); // prettier-ignore

describe('a server that quotes the headers of the call', () => {
  const VIEWER = { login: 'vera', name: 'Vera', email: 'vera@example.com', role: 'Viewer' };

  it('does not reveal the API key or secret metadata to a viewer', async () => {
    const { host } = await startHttp2((stream, { authorization = '', 'x-gateway-key': gatewayKey = '' }) => {
      const encoded = Buffer.from(authorization).toString('base64');
      const message = encodeURIComponent(`refused ${authorization} (${encoded}) behind ${String(gatewayKey)}`);
      const status = { 'grpc-status': '13', 'grpc-message': message };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
    });
    const source = lab.source(
      { host, selectedAuthType: 'token', secureMetadataName1: 'x-gateway-key' },
      { token: 'mmk_quoted-key-5f1b', secureMetadataValue1: 'gateway-key-77ac' },
      { user: VIEWER }
    );
    const { error } = await failedQuery(source);
    expect(error).toMatch(/refused Bearer \[removed\] \(.*\) behind \[removed\]/);
  });

  expectNoSecretsAtEnd();
});

it('does not log or show the client secret, even if a provider quotes the secret in another form', async () => {
  const forms = (secret: string) => [secret.toUpperCase(), [...secret].reverse().join(''), [...secret].join(' ')];
  const quoting: ProviderRules = {
    ...generic,
    grant: (_request, { client }) =>
      Promise.resolve(oauthError(401, 'invalid_client', `Not the secret: ${forms(client.secret).join(', ')}.`)),
  };
  const tested = await lab.provider(quoting);
  const outcome = await lab.saveAndTest(lab.oauth(tested));
  expect(outcome.code).toBe('provider_refused');
  expect(outcome.report).toMatch(/Not the secret: (\[removed\][^a-z0-9]*){3} \(HTTP 401\)/i);
  const warning = await eventually('The line of the failed token request', 10_000, () =>
    Promise.resolve(lab.plugin.logs.findLast(({ message }) => message === 'no access token from the identity provider'))
  );
  expect(warning.fields).toMatchObject({ code: 'provider_refused', reason: 'invalid_client, HTTP 401' });
  const output = [outcome.report, ...lab.plugin.logs.map(({ raw }) => raw)].join('\n');
  for (const form of forms(tested.provider.client.secret)) {
    expect(output).not.toContain(form);
  }
  expect(lab.plugin.logs.filter(({ raw }) => raw.includes('Not the secret'))).toEqual([]);
});

describe('a server without a list of tables', () => {
  afterEach(() => {
    delete lab.micromegas.behaviour.tablesError;
  });

  it.each([
    { name: 'UNIMPLEMENTED', code: 12, details: 'Not yet implemented' },
    {
      name: 'an unknown command',
      code: 3,
      details: 'get_flight_info: The defined request is invalid: CommandGetTables',
    },
  ])('passes Save & test with a warning: $name', async ({ code, details }) => {
    lab.micromegas.behaviour.tablesError = { code, details };
    const source = lab.source({ selectedAuthType: 'token' }, { token: API_KEY.key });
    const outcome = await lab.saveAndTest(source);
    expect(outcome.ok ? '' : outcome.report).toBe('');
    expect(outcome.details.stages.find(({ name }) => name === 'tables')).toMatchObject({
      status: 'warning',
      text: expect.arrayContaining([{ code: 'no-table-list' }]),
    });
    expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one', version: 2 })).rowCount).toBe(1);
  });

  it('fails Save & test for other errors', async () => {
    lab.micromegas.behaviour.tablesError = { code: 7, details: 'no tables for you' };
    const outcome = await lab.saveAndTest(lab.source({ selectedAuthType: 'token' }, { token: API_KEY.key }));
    expect(outcome.code).toBe('permission_denied');
  });
});

describe('a query that reaches its time limit', () => {
  it('is reported as a timeout if the server acknowledges PINGs', async () => {
    const { host } = await startHttp2(() => undefined);
    const source = withKey(host, 'mmk_some-key', { queryTimeoutSeconds: 1 });
    const { code, error, status } = await failedQuery(source);
    expect([code, status]).toEqual(['query_timeout', 504]);
    expect(error).toMatch(/limit 1 s; the server can be reached, but has not finished the query.*raise Query timeout/s);
    const outcome = await lab.saveAndTest(source);
    expect(outcome.code).toBe('query_timeout');
    expect(outcome.report).toMatch(/Query timeout/);
    expect(outcome.report).not.toMatch(/Narrow the time range/);
  });

  it('is reported as a silent server if the server does not acknowledge PINGs', async () => {
    const started = Promise.withResolvers<void>();
    const { host } = await startHttp2(() => started.resolve());
    const relay = await startRelay(Number(host.split(':')[1]));
    const source = withKey(`127.0.0.1:${relay.port}`, 'mmk_some-key', { queryTimeoutSeconds: 1 });
    const response = failedQuery(source);
    await started.promise;
    relay.freeze();
    const { code, error, status } = await response;
    await relay.close();
    expect([code, status]).toEqual(['server_silent', 504]);
    expect(error).toMatch(
      /has stopped responding: it may be busy\..*limit of 1 s.*did not respond to an HTTP\/2 PING either\. The last response of the server arrived \d+(\.\d)? s ago\..*Perhaps the server is busy with this query: .*narrow the time range/s
    );
    expect(error).not.toMatch(/127\.0\.0\.1|[Aa]sk an administrator/);
  });
});
