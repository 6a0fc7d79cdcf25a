import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Metadata, status } from '@grpc/grpc-js';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { attribute } from './attribution';
import { SignIn } from './sign-in';

const NOW_MS = Date.parse('2026-11-24T12:00:00Z');
const NOW_S = NOW_MS / 1000;

let server: Server;
let issuer: string;
let key: CryptoKey;
let stranger: CryptoKey;
let clockMs: number;
let signIn: SignIn;
let requests: string[];

beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  key = pair.privateKey;
  stranger = (await generateKeyPair('RS256')).privateKey;
  const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'RS256' }] };
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}/jwks` },
      '/jwks': jwks,
    };
    response.end(JSON.stringify(documents[request.url ?? '']));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => server.close());

beforeEach(() => {
  clockMs = NOW_MS;
  requests = [];
  signIn = new SignIn({
    apiKeys: [{ name: 'ci', key: 'k-1' }],
    issuers: [{ issuer, audience: 'lake' }],
    now: () => clockMs,
  });
});

function headers(authorization?: string, more: Record<string, string> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries({ ...more, ...(authorization === undefined ? {} : { authorization }) })) {
    metadata.set(name, value);
  }
  return metadata;
}

interface TokenOptions {
  alg?: string;
  signWith?: CryptoKey | Uint8Array;
}

function token(claims: JWTPayload, { alg = 'RS256', signWith = key }: TokenOptions = {}): Promise<string> {
  const all = { iss: issuer, sub: 'svc', aud: 'lake', exp: NOW_S + 600, iat: NOW_S, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg, kid: 'one' }).sign(signWith);
}

it('accepts an API key', async () => {
  await expect(signIn.check(headers('Bearer k-1'))).resolves.toEqual({ kind: 'api_key', subject: 'ci' });
});

it.each([undefined, 'k-1', 'bearer k-1', 'Bearer  k-1', 'Bearer k-', 'Basic k-1', 'Bearer a.b.c'])(
  'rejects the authorization header %s',
  async (authorization) => {
    await expect(signIn.check(headers(authorization))).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
      message: 'invalid token',
    });
  }
);

it.each<[string, JWTPayload]>([
  ['a plain token', {}],
  ['a token with several audiences', { aud: ['other', 'lake'] }],
  ['a token with `nbf` in the future, because Micromegas ignores `nbf`', { nbf: NOW_S + 3600 }],
])('accepts %s', async (_name, claims) => {
  await expect(signIn.check(headers(`Bearer ${await token(claims)}`))).resolves.toEqual({
    kind: 'oidc',
    subject: 'svc',
  });
});

it.each<[string, JWTPayload]>([
  ['another audience', { aud: 'other' }],
  ['another issuer', { iss: `http://127.0.0.1/` }],
  ['an expiry in the past', { exp: NOW_S - 1 }],
  ['no subject', { sub: undefined }],
  ['no audience', { aud: undefined }],
  ['no expiry', { exp: undefined }],
])('rejects a token with %s', async (_name, claims) => {
  await expect(signIn.check(headers(`Bearer ${await token(claims)}`))).rejects.toMatchObject({
    message: 'invalid token',
  });
});

it('rejects tokens with an unknown signing key or another algorithm', async () => {
  const forged = await token({}, { signWith: stranger });
  const symmetric = await token({}, { alg: 'HS256', signWith: new Uint8Array(32).fill(7) });
  for (const each of [forged, symmetric]) {
    await expect(signIn.check(headers(`Bearer ${each}`))).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  }
});

it('fetches the keys of an issuer once', async () => {
  await signIn.check(headers(`Bearer ${await token({ jti: 'a' })}`));
  await signIn.check(headers(`Bearer ${await token({ jti: 'b' })}`));
  expect(requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

it('rejects a cached token after it has expired', async () => {
  const short = await token({ exp: NOW_S + 60 });
  await signIn.check(headers(`Bearer ${short}`));
  clockMs += 60_000;
  await expect(signIn.check(headers(`Bearer ${short}`))).rejects.toMatchObject({ message: 'invalid token' });
});

it('rejects revoked tokens and accepts new ones', async () => {
  const old = await token({ jti: 'old' });
  await signIn.check(headers(`Bearer ${old}`));
  signIn.revokeTokens();
  await expect(signIn.check(headers(`Bearer ${old}`))).rejects.toMatchObject({ message: 'invalid token' });
  await expect(signIn.check(headers(`Bearer ${await token({ jti: 'new' })}`))).resolves.toMatchObject({
    subject: 'svc',
  });
});

describe('the user headers of a caller with a token', () => {
  const caller = { kind: 'oidc', subject: 'sub1', email: 'u@x.y' } as const;

  it.each([
    [
      { 'x-user-id': 'bob' },
      `User impersonation not allowed: x-user-id 'bob' does not match authenticated subject 'sub1'`,
    ],
    [{ 'x-user-id': '' }, `User impersonation not allowed: x-user-id '' does not match authenticated subject 'sub1'`],
    [
      { 'x-user-email': 'U@x.y' },
      `User impersonation not allowed: x-user-email 'U@x.y' does not match authenticated email 'u@x.y'`,
    ],
  ])('are rejected if they differ from the token: %j', (more, message) => {
    expect(() => attribute(caller, headers(undefined, more))).toThrow(
      expect.objectContaining({ code: status.PERMISSION_DENIED, message })
    );
  });

  it('may contain the user of the token, and any display name', () => {
    const metadata = headers(undefined, {
      'x-user-id': 'sub1',
      'x-user-email': 'u%40x.y',
      'x-user-name': 'B%C3%B6b (bob)',
    });
    expect(attribute(caller, metadata)).toEqual({
      user: 'sub1',
      email: 'u@x.y',
      name: 'Böb (bob)',
      service_account: false,
    });
  });

  it('may contain any e-mail address if the token has none, but the address is ignored', () => {
    const nameless = { kind: 'oidc', subject: 'sub1' } as const;
    expect(attribute(nameless, headers(undefined, { 'x-user-email': 'any@x.y' }))).toMatchObject({ email: 'unknown' });
  });
});

it('if no keys and no issuers are configured, accepts every caller and every user', async () => {
  const open = new SignIn({ apiKeys: [], issuers: [], now: () => clockMs });
  const caller = await open.check(headers());
  expect(attribute(caller, headers(undefined, { 'x-user-id': 'ann' }))).toMatchObject({
    user: 'ann',
    email: 'unknown',
  });
});
