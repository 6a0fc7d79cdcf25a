import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { status } from '@grpc/grpc-js';
import { decodeJwt } from 'jose';
import { TestClient } from './lakehouse/test-client';
import { type ServicesAddress } from './services';

/** The issuer needs an ES module that Jest cannot load (`oidc-provider`), so all services run in a child process. */
let child: ChildProcessWithoutNullStreams;
let services: ServicesAddress;
let client: TestClient;

beforeAll(async () => {
  child = spawn(process.execPath, [require.resolve('tsx/cli'), path.join(__dirname, 'services.ts')]);
  child.stderr.pipe(process.stderr);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  services = JSON.parse(line) as ServicesAddress;
  client = new TestClient(services.lakehouse);
}, 60_000);

afterAll(async () => {
  client.close();
  const ended = once(child, 'exit');
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
});

function post(route: string): Promise<Response> {
  return fetch(services.control + route, { method: 'POST' });
}

interface TokenResponse {
  access_token?: string;
  error?: string;
  expires_in?: number;
}

async function askToken(fields: Record<string, string>): Promise<TokenResponse> {
  const { clientId: client_id, clientSecret: client_secret } = services;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, ...fields });
  const response = await fetch(`${services.issuer}/token`, { method: 'POST', body });
  return (await response.json()) as TokenResponse;
}

async function bearer(): Promise<{ authorization: string }> {
  const { access_token: token } = await askToken({ audience: services.audience });
  return { authorization: `Bearer ${token}` };
}

it('issues a JWT, which the lakehouse accepts, for a known audience', async () => {
  const token = await askToken({ audience: services.audience });
  expect(decodeJwt(token.access_token ?? '')).toMatchObject({
    iss: services.issuer,
    aud: services.audience,
    sub: services.clientId,
  });
  expect(token.expires_in).toBe(300);
  const headers = { authorization: `Bearer ${token.access_token}`, 'x-user-name': 'Ann' };
  await expect(client.rows('SELECT 1 AS one', headers)).resolves.toEqual([{ one: 1 }]);
  const records = (await (await fetch(`${services.control}/audit`)).json()) as unknown[];
  expect(records.at(-1)).toMatchObject({ sign_in: 'oidc', user: services.clientId, email: 'unknown', name: 'Ann' });
});

it('rejects a user who is not the user of the token', async () => {
  const failure = await client.failure('SELECT 1', { ...(await bearer()), 'x-user-id': 'ann' });
  expect(failure.code).toBe(status.PERMISSION_DENIED);
  expect(failure.details).toBe(
    `User impersonation not allowed: x-user-id 'ann' does not match authenticated subject '${services.clientId}'`
  );
});

it('issues an opaque token, which the lakehouse rejects, for a request without an audience', async () => {
  const { access_token: token = '' } = await askToken({});
  expect(token.split('.')).toHaveLength(1);
  const failure = await client.failure('SELECT 1', { authorization: `Bearer ${token}` });
  expect([failure.code, failure.details]).toEqual([status.UNAUTHENTICATED, 'invalid token']);
});

it.each([
  [{ audience: 'unheard-of' }, 'invalid_target'],
  [{ client_secret: 'wrong' }, 'invalid_client'],
  [{ grant_type: 'password' }, 'unsupported_grant_type'],
])('rejects a token request with %j', async (fields, error) => {
  expect(await askToken(fields)).toMatchObject({ error });
});

it('rejects a token for another API', async () => {
  const { access_token: token } = await askToken({ audience: 'another-api' });
  expect((await client.failure('SELECT 1', { authorization: `Bearer ${token}` })).code).toBe(status.UNAUTHENTICATED);
});

it('stops and starts the issuer, and accepts its tokens while it is stopped', async () => {
  const headers = await bearer();
  await post('/issuer/stop');
  await expect(askToken({})).rejects.toThrow();
  await expect(client.rows('SELECT 1 AS one', headers)).resolves.toEqual([{ one: 1 }]);
  await post('/issuer/start');
  await expect(client.rows('SELECT 1 AS one', await bearer())).resolves.toEqual([{ one: 1 }]);
});

it('revokes the tokens issued so far', async () => {
  const headers = await bearer();
  await client.rows('SELECT 1', headers);
  expect((await post('/revoke')).status).toBe(204);
  expect((await client.failure('SELECT 1', headers)).code).toBe(status.UNAUTHENTICATED);
  await expect(client.rows('SELECT 1 AS one', await bearer())).resolves.toEqual([{ one: 1 }]);
});

it('stops and starts the lakehouse at the same address', async () => {
  const headers = { authorization: `Bearer ${services.apiKey}` };
  await post('/lakehouse/stop');
  expect((await client.failure('SELECT 1', headers)).code).toBe(status.UNAVAILABLE);
  await post('/lakehouse/start');
  const fresh = new TestClient(services.lakehouse, headers);
  await expect(fresh.rows('SELECT 1 AS one')).resolves.toEqual([{ one: 1 }]);
  fresh.close();
});
