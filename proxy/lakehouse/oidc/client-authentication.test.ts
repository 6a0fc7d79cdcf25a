import { render } from '../../../contract/messages/message';
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, type JWTVerifyResult } from 'jose';
import { APPLICATION, CLIENT } from '../../../tests/support/certificates';
import { Secret } from '../../observe/logging/secret';
import { type PrivateKeyAuthentication } from './client-assertion';
import { createTestBench, failureOf, oauthError, SECRET, signal, START_MS, type TestBench } from './testing/test-bench';
import { type TokenRequest } from './testing/test-provider';

import { type AccessToken } from './token-source';

const renderedAuthentication = ({ requestedWith }: AccessToken) => render(requestedWith ?? '');

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
});

afterEach(() => bench.provider.close());

const isBasic = ({ authorization }: TokenRequest) => authorization?.startsWith('Basic ') ?? false;
const good = { body: { access_token: 'good', token_type: 'bearer', expires_in: 100 } };

describe('a client secret', () => {
  const secret = new Secret(SECRET);

  it.each([
    { style: 'post' as const, basic: undefined, words: 'client secret in the form' },
    {
      style: 'basic' as const,
      basic: 'grafana:p%2Bss+w%2Frd%26%C3%BC',
      words: 'client secret in the Authorization header',
    },
    {
      style: 'basic_unencoded' as const,
      basic: `grafana:${SECRET}`,
      words: 'client secret in the Authorization header, without form encoding',
    },
  ])('is sent with the method in the settings: $style', async ({ style, basic, words }) => {
    const token = await bench.source({ authentication: { kind: 'secret', secret, style } }).getToken(signal);
    const [request] = bench.provider.tokenRequests;
    expect(renderedAuthentication(token)).toBe(words);
    expect(request?.form.get('client_secret')).toBe(basic === undefined ? SECRET : null);
    expect(request?.authorization).toBe(basic && `Basic ${Buffer.from(basic).toString('base64')}`);
  });

  it.each(['basic', 'basic_unencoded'] as const)('is removed from errors that echo the header: %s', async (style) => {
    bench.provider.onToken = ({ authorization }) => oauthError(400, 'invalid_request', `got ${authorization}`);
    const failure = await failureOf(
      bench.source({ authentication: { kind: 'secret', secret, style } }).getToken(signal)
    );
    expect(failure.adminMessage).toContain('got Basic [removed]');
  });

  it.each([
    { name: 'the whole header', value: 'a-b_1~2.3', echo: (header: string) => header },
    {
      name: 'the encoded password in the header',
      value: 'a-b_1~2.3',
      echo: (header: string) => Buffer.from(header.slice(6), 'base64').toString().split(':')[1],
    },
    { name: 'the secret with percent encoding in lower case', value: 'a+b/1c2d3', echo: () => 'a%2bb%2f1c2d3' },
    { name: 'the secret escaped for HTML', value: 'a&b<1c2d3', echo: () => 'a&amp;b&lt;1c2d3' },
  ])('is removed from errors that quote $name', async ({ value, echo }) => {
    bench.provider.onToken = ({ authorization = '' }) =>
      oauthError(400, 'invalid_request', `got ${echo(authorization)}`);
    const authentication = { kind: 'secret', secret: new Secret(value), style: 'basic' } as const;
    const failure = await failureOf(bench.source({ authentication }).getToken(signal));
    expect(failure.detail).toMatch(/got (?:Basic )?\[removed\] \(HTTP 400\)/);
  });

  it('with the value "client" stays in the error code invalid_client, so the other method is tried', async () => {
    bench.provider.onToken = (request) => (isBasic(request) ? good : oauthError(401, 'invalid_client'));
    const authentication = { kind: 'secret', secret: new Secret('client'), style: 'auto' } as const;
    expect((await bench.source({ authentication }).getToken(signal)).secret.reveal()).toBe('good');
  });

  it('is sent with the other method after access_denied of Auth0', async () => {
    bench.provider.onToken = (request) => (isBasic(request) ? good : oauthError(401, 'access_denied', 'Unauthorized'));
    expect((await bench.source().getToken(signal)).secret.reveal()).toBe('good');
  });

  it('is sent with a single method if the settings choose the method', async () => {
    bench.provider.onToken = () => oauthError(401, 'invalid_client');
    await failureOf(bench.source({ authentication: { kind: 'secret', secret, style: 'basic' } }).getToken(signal));
    expect(bench.provider.tokenRequests.map(isBasic)).toEqual([true]);
  });

  it('that is rejected with both methods causes the first error, with the names of both methods', async () => {
    bench.provider.onToken = (request) => oauthError(401, 'invalid_client', isBasic(request) ? 'second' : 'first');
    const failure = await failureOf(bench.source().getToken(signal));
    expect(failure.code).toBe('provider_refused');
    expect(failure.detail).toBe('Its response: invalid_client: first (HTTP 401).');
    expect(failure.moreMessages.map(({ code }) => code)).toEqual([
      'allow-client-credentials',
      'double-dollars',
      'methods-tried',
    ]);
    expect(render(failure.moreMessages.at(-1) ?? [])).toBe(
      'Tried: client secret in the form, client secret in the Authorization header.'
    );
  });

  it('fails with provider_rejected_request if the provider accepts the second method, but not the scope', async () => {
    bench.provider.onToken = (request) =>
      isBasic(request) ? oauthError(400, 'invalid_scope') : oauthError(401, 'invalid_client');
    expect((await failureOf(bench.source().getToken(signal))).code).toBe('provider_rejected_request');
  });

  it('is sent with both methods again when the remembered method stops working', async () => {
    let basicWorks = false;
    bench.provider.onToken = (request) => (isBasic(request) === basicWorks ? good : oauthError(401, 'invalid_client'));
    const tokens = bench.source();
    await tokens.getToken(signal);
    basicWorks = true;
    bench.nowMs += 101_000;
    await failureOf(tokens.getToken(signal));
    bench.nowMs += 5_000;
    await tokens.getToken(signal);
    expect(bench.provider.tokenRequests.map(isBasic)).toEqual([false, false, false, true]);
  });

  it('is first sent to Okta in the header', async () => {
    const fetchOkta = bench.fetchAt('https://lake.okta.com');
    const issuer = 'https://lake.okta.com/oauth2/default';
    bench.provider.onDiscovery = () => bench.provider.document({ issuer });
    await bench.source({ issuer }, { fetch: fetchOkta }).getToken(signal);
    expect(bench.provider.tokenRequests.map(isBasic)).toEqual([true]);
  });
});

describe('a file', () => {
  const authentication = { kind: 'secret-file', path: '/secrets/lake', style: 'post' } as const;

  it('is read for each token', async () => {
    let content = 'one';
    const tokens = bench.source(
      { authentication },
      { readFile: (path) => Promise.resolve(path === authentication.path ? content : '') }
    );
    expect(renderedAuthentication(await tokens.getToken(signal))).toBe('client secret from a file, in the form');
    content = 'two';
    bench.nowMs += 3600_000;
    await tokens.getToken(signal);
    expect(bench.provider.tokenRequests.map(({ form }) => form.get('client_secret'))).toEqual(['one', 'two']);
  });

  it('may contain an assertion of another provider', async () => {
    const tokens = bench.source(
      { authentication: { kind: 'assertion-file', path: '/secrets/jwt' } },
      { readFile: () => Promise.resolve('a.b.c') }
    );
    expect(renderedAuthentication(await tokens.getToken(signal))).toBe('assertion from a file');
    expect(Object.fromEntries(bench.provider.tokenRequests[0]?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'grafana',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'a.b.c',
    });
  });

  it.each([
    { name: 'forbidden', readFile: undefined, code: 'file_not_allowed', message: '/secrets/lake' },
    {
      name: 'missing',
      readFile: () => Promise.reject(new Error('ENOENT')),
      code: 'file_unreadable',
      message: 'A file with a secret',
    },
    {
      name: 'on a disk that does not respond',
      readFile: () => new Promise<string>(() => undefined),
      code: 'file_unreadable',
      message: 'too long',
    },
  ])('causes a failure when it is $name', async ({ readFile, code, message }) => {
    const tokens = bench.source({ authentication }, { ...(readFile && { readFile }), limits: { requestMs: 1 } });
    // The time limit of `getToken` includes discovery, so discovery must be complete before the call.
    await tokens.discover(signal);
    const failure = await failureOf(tokens.getToken(signal));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
    expect(bench.provider.tokenRequests).toHaveLength(0);
  });

  it('with a secret is read, and the secret is removed from errors', async () => {
    bench.provider.onToken = ({ form }) => oauthError(400, 'invalid_request', `you sent ${form.get('client_secret')}`);
    const tokens = bench.source({ authentication }, { readFile: () => Promise.resolve('mounted-secret') });
    const failure = await failureOf(tokens.getToken(signal));
    expect(failure.adminMessage).toContain('you sent [removed]');
  });
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pkcs8 = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = rsa.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const sec1 = ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString();

function keyAuthentication(pem: string, changes: Partial<PrivateKeyAuthentication> = {}): PrivateKeyAuthentication {
  return { kind: 'private-key', key: new Secret(pem), ...changes };
}

describe('a private key', () => {
  function verified(request: TokenRequest | undefined, key = rsa.publicKey): Promise<JWTVerifyResult> {
    return jwtVerify(request?.form.get('client_assertion') ?? '', key, { currentDate: new Date(bench.nowMs) });
  }

  it.each([
    { name: 'PKCS #8', authentication: keyAuthentication(pkcs8), key: rsa.publicKey, alg: 'RS256' },
    { name: 'PKCS #1', authentication: keyAuthentication(pkcs1), key: rsa.publicKey, alg: 'RS256' },
    { name: 'SEC 1', authentication: keyAuthentication(sec1), key: ec.publicKey, alg: 'ES256' },
    {
      name: 'PS256 in the settings',
      authentication: keyAuthentication(pkcs8, { algorithm: 'PS256' }),
      key: rsa.publicKey,
      alg: 'PS256',
    },
    {
      name: 'PKCS #8 with literal line breaks',
      authentication: keyAuthentication(pkcs8.replaceAll('\n', '\\n')),
      key: rsa.publicKey,
      alg: 'RS256',
    },
    {
      name: 'PKCS #8 on one line',
      authentication: keyAuthentication(pkcs8.replaceAll('\n', ' ')),
      key: rsa.publicKey,
      alg: 'RS256',
    },
  ])('signs an assertion with $alg: $name', async ({ authentication, key, alg }) => {
    const token = await bench.source({ authentication: { ...authentication, keyId: 'key-1' } }).getToken(signal);
    const [request] = bench.provider.tokenRequests;
    const { payload, protectedHeader } = await verified(request, key);
    expect(protectedHeader).toEqual({ alg, typ: 'JWT', kid: 'key-1' });
    expect(payload).toEqual({
      iss: 'grafana',
      sub: 'grafana',
      aud: bench.provider.issuer,
      iat: START_MS / 1000,
      nbf: START_MS / 1000,
      exp: START_MS / 1000 + 60,
      jti: expect.any(String),
    });
    expect(renderedAuthentication(token)).toContain(`assertion signed with ${alg}`);
    expect(request?.form.get('client_id')).toBe('grafana');
    expect(request?.form.get('client_secret')).toBeNull();
  });

  it('signs a new assertion for each request, and keeps the token endpoint as audience if that succeeded', async () => {
    bench.provider.onToken = ({ path }) =>
      bench.provider.tokenRequests.length === 1 ? oauthError(401, 'invalid_client') : { body: { ...good.body, path } };
    const tokens = bench.source({ authentication: keyAuthentication(pkcs8) });
    await tokens.getToken(signal);
    bench.nowMs += 101_000;
    await tokens.getToken(signal);
    const payloads = bench.provider.tokenRequests.map(({ form }) => form.get('client_assertion') ?? '');
    const claims = payloads.map((jwt): Record<string, unknown> =>
      JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
    );
    const { issuer } = bench.provider;
    expect(claims.map(({ aud }) => aud)).toEqual([issuer, `${issuer}/token`, `${issuer}/token`]);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
  });

  const tenant = '11111111-2222-3333-4444-555555555555';
  const providers = [
    { issuer: 'https://lake.eu.auth0.com/', aud: 'https://lake.eu.auth0.com/', lifeS: 60, alg: 'RS256' },
    {
      issuer: 'https://lake.okta.com/oauth2/x',
      aud: 'https://lake.okta.com/oauth2/x/v1/token',
      lifeS: 60,
      alg: 'RS256',
    },
    {
      issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
      aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
      lifeS: 300,
      alg: 'PS256',
    },
  ];
  it.each(providers)(
    'signs with the audience, lifetime and algorithm that $issuer requires',
    async ({ issuer, aud, lifeS, alg }) => {
      const { origin } = new URL(issuer);
      const endpoint = aud === issuer ? `${origin}/oauth/token` : aud;
      bench.provider.onDiscovery = () => bench.provider.document({ issuer, token_endpoint: endpoint });
      const { certificate, key } = APPLICATION;
      await bench
        .source({ issuer, authentication: keyAuthentication(key, { certificate }) }, { fetch: bench.fetchAt(origin) })
        .getToken(signal);
      const [request] = bench.provider.tokenRequests;
      const { payload, protectedHeader } = await verified(request, createPublicKey(key));
      expect(payload).toMatchObject({ aud, exp: START_MS / 1000 + lifeS });
      const sha256 = new X509Certificate(certificate).fingerprint256.replaceAll(':', '');
      expect(protectedHeader).toEqual({
        alg,
        typ: 'JWT',
        'x5t#S256': Buffer.from(sha256, 'hex').toString('base64url'),
      });
      expect(request?.path).toBe(new URL(endpoint).pathname);
    }
  );

  it('sends the SHA-1 thumbprint to Entra ID with RS256', async () => {
    const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
    bench.provider.onDiscovery = () => bench.provider.document({ issuer });
    const authentication = keyAuthentication(APPLICATION.key, {
      certificate: APPLICATION.certificate,
      algorithm: 'RS256',
    });
    const fetch = bench.fetchAt('https://login.microsoftonline.com');
    await bench.source({ issuer, authentication }, { fetch }).getToken(signal);
    const header = decodeProtectedHeader(bench.provider.tokenRequests[0]?.form.get('client_assertion') ?? '');
    const sha1 = new X509Certificate(APPLICATION.certificate).fingerprint.replaceAll(':', '');
    expect(header).toMatchObject({ alg: 'RS256', x5t: Buffer.from(sha1, 'hex').toString('base64url') });
  });

  const locked = rsa.privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
    .toString();
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export({ type: 'sec1', format: 'pem' });
  const pemOf = ({ privateKey }: { privateKey: KeyObject }) =>
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  it.each([
    { name: 'text that is not a key', authentication: keyAuthentication('hunter2'), problem: 'key-not-pem' },
    { name: 'half a key', authentication: keyAuthentication(pkcs8.slice(0, 400)), problem: 'key-damaged' },
    { name: 'a key with a passphrase', authentication: keyAuthentication(locked), problem: 'key-with-passphrase' },
    { name: 'a certificate', authentication: keyAuthentication(CLIENT.certificate), problem: 'key-is-certificate' },
    { name: 'a public key', authentication: keyAuthentication(publicPem), problem: 'key-is-public' },
    {
      name: 'an EC key on another curve',
      authentication: keyAuthentication(p384.toString()),
      problem: 'signing-key-other',
    },
    {
      name: 'an Ed25519 key',
      authentication: keyAuthentication(pemOf(generateKeyPairSync('ed25519'))),
      problem: 'signing-key-other',
    },
    {
      name: 'an RSA key of 1024 bits',
      authentication: keyAuthentication(pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))),
      problem: 'signing-key-short',
    },
    {
      name: 'an RSA-PSS key',
      authentication: keyAuthentication(pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }))),
      problem: 'signing-key-pss',
    },
    {
      name: 'ES256 with an RSA key',
      authentication: keyAuthentication(pkcs8, { algorithm: 'ES256' }),
      problem: 'algorithm-needs-p256',
    },
    {
      name: 'RS256 with an EC key',
      authentication: keyAuthentication(sec1, { algorithm: 'RS256' }),
      problem: 'algorithm-needs-rsa',
    },
    {
      name: 'a certificate that is not PEM',
      authentication: keyAuthentication(pkcs8, { certificate: 'x' }),
      problem: 'certificate-not-pem',
    },
    {
      name: 'the certificate of another key',
      authentication: keyAuthentication(pkcs8, { certificate: CLIENT.certificate }),
      problem: 'certificate-of-other-key',
    },
  ])('that cannot be used causes $problem at its field: $name', async ({ authentication, problem }) => {
    const failure = await failureOf(bench.source({ authentication }).getToken(signal));
    expect(failure.code).toBe('settings_invalid');
    const [, found] = failure.failureMessages;
    expect(found?.code).toBe(problem);
    expect(found?.field).toMatch(/^oauth(?:PrivateKey|SigningAlgorithm|Certificate)$/);
    expect(failure.adminMessage).not.toContain('hunter2');
    expect(bench.provider.tokenRequests).toHaveLength(0);
  });

  it('is not the reported cause when the clocks differ', async () => {
    await bench.provider.close();
    bench = await createTestBench(-120_000);
    bench.provider.onToken = () => oauthError(401, 'invalid_client', 'assertion rejected');
    const failure = await failureOf(bench.source({ authentication: keyAuthentication(pkcs8) }).getToken(signal));
    expect(failure.code).toBe('provider_clock');
    expect(failure.message).toContain(
      "The provider's clock is 120 s behind the clock of the machine that runs the plugin."
    );
  });
});
