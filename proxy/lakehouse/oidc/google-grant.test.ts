import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { Secret } from '../../observe/logging/secret';
import { type ClientCredentials, type ServiceAccountKey } from './client-credentials';
import { createTestBench, failureOf, oauthError, signal, START_MS, type TestBench } from './testing/test-bench';
import { testToken } from './testing/test-provider';

const EMAIL = 'lake@project.iam.gserviceaccount.com';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = new Secret(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const idToken = testToken({ iss: 'https://accounts.google.com', aud: 'lake', exp: START_MS / 1000 + 3600 });

let bench: TestBench;

beforeEach(async () => {
  bench = await createTestBench();
  bench.provider.onToken = () => ({ body: { id_token: idToken } });
});

afterEach(() => bench.provider.close());

function service(
  key: Partial<ServiceAccountKey> = {},
  changes: Partial<ClientCredentials> = {}
): Partial<ClientCredentials> {
  const googleKey = { email: EMAIL, keyId: 'abc123', privateKey, ...key };
  return { clientId: EMAIL, audience: 'lake', authentication: { kind: 'google-key', key: googleKey }, ...changes };
}

it('sends a signed JWT and returns the ID token, which expires at its claim `exp`', async () => {
  const token = await bench.source(service()).getToken(signal);
  const [request] = bench.provider.tokenRequests;
  expect([...(request?.form.keys() ?? [])].sort()).toEqual(['assertion', 'grant_type']);
  expect(request?.form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  expect(request?.authorization).toBeUndefined();
  const currentDate = new Date(START_MS);
  const { payload, protectedHeader } = await jwtVerify(request?.form.get('assertion') ?? '', keys.publicKey, {
    currentDate,
  });
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'abc123' });
  expect(payload).toEqual({
    iss: EMAIL,
    sub: EMAIL,
    aud: `${bench.provider.issuer}/token`,
    target_audience: 'lake',
    iat: START_MS / 1000,
    exp: START_MS / 1000 + 300,
  });
  expect(token.secret.reveal()).toBe(idToken);
  expect(token.expiresAtMs).toBe(START_MS + 3600_000);
});

it("uses the key's token_uri as URL and as audience of the assertion", async () => {
  const tokenUri = `${bench.provider.issuer}/elsewhere`;
  await bench.source(service({ tokenUri, keyId: undefined })).getToken(signal);
  const [request] = bench.provider.tokenRequests;
  expect(request?.path).toBe('/elsewhere');
  const { payload } = await jwtVerify(request?.form.get('assertion') ?? '', keys.publicKey, {
    audience: tokenUri,
    currentDate: new Date(START_MS),
  });
  expect(payload.aud).toBe(tokenUri);
});

const failures = [
  {
    name: 'a token_uri in plain http',
    credentials: service({ tokenUri: 'http://oauth2.googleapis.com/token' }),
    code: 'provider_no_token_endpoint',
    message: 'not https',
  },
  {
    name: 'no audience',
    credentials: service({}, { audience: '' }),
    code: 'settings_invalid',
    message: 'Target audience: Enter',
  },
  {
    name: 'half of a key',
    credentials: service({ privateKey: new Secret('-----BEGIN PRIVATE KEY-----') }),
    code: 'settings_invalid',
    message: 'Private Key',
  },
];
it.each(failures)('sends no request with $name', async ({ credentials, code, message }) => {
  const failure = await failureOf(bench.source(credentials).getToken(signal));
  expect(failure.code).toBe(code);
  expect(failure.message).toContain(message);
  expect(bench.provider.tokenRequests).toHaveLength(0);
});

it('does not accept an access token instead of an ID token', async () => {
  bench.provider.onToken = () => ({ body: { access_token: 'ya29.opaque', expires_in: 3599, token_type: 'Bearer' } });
  const failure = await failureOf(bench.source(service()).getToken(signal));
  expect(failure.code).toBe('provider_bad_answer');
  expect(failure.message).toContain('contains no id_token, only access_token');
});

it('reports the difference of the clocks when Google rejects the time', async () => {
  await bench.provider.close();
  bench = await createTestBench(4_000_000);
  bench.provider.onToken = () =>
    oauthError(400, 'invalid_grant', 'Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.');
  const failure = await failureOf(bench.source(service()).getToken(signal));
  expect(failure.code).toBe('provider_clock');
  expect(failure.message).toContain(
    "The provider's clock is 67 min ahead of the clock of the machine that runs the plugin."
  );
});
