import { ERRORS } from '../../errors/catalogue';
import { ProxyError } from '../../errors/proxy-error';
import { testToken } from '../../oidc/testing/test-provider';
import { type AccessToken, type TokenSource } from '../../oidc/token-source';
import { accessToken, check, CLAIMS, failing, OAUTH, stageNamed, tokenSource } from '../testing/health-bench';

const CONFIG = '{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}';

async function refuse(token: AccessToken, changes: Partial<TokenSource> = {}) {
  const execute = () => failing(new ProxyError('token_refused', { detail: 'invalid token.' }));
  const { result: found } = await check({ settings: OAUTH, tokenSource: tokenSource(token, changes), execute });
  expect(JSON.stringify(found)).not.toContain(token.secret.reveal());
  expect(stageNamed(found, 'server').status).toBe('failed');
  return found;
}

it('explains a token that looks right by what the server must be told', async () => {
  const found = await refuse(accessToken(testToken(CLAIMS)));
  expect(found.message).toBe(ERRORS.token_refused.message);
  expect(found.details.message).toContain('It said: invalid token.');
  expect(found.details.message).toContain('issuer https://idp/, subject grafana@clients, audience lake');
  expect(found.details.message).toContain(`must contain ${CONFIG}`);
  expect(found.details.message).toMatch(
    /\(1\) MICROMEGAS_OIDC_CONFIG .*\(2\) .*Failed to discover OIDC metadata.*\(4\) .*its keys/
  );
  expect(found.details.message).toContain('The provider lists the key of the token.');
  expect(found.details.token?.serverConfig).toBe(CONFIG);
});

it('says that the token had ended, where the clock of the provider is behind', async () => {
  const exp = CLAIMS.exp - 7_000;
  const found = await refuse(accessToken(testToken({ ...CLAIMS, exp }), { providerClockAheadMs: -7_200_000 }));
  expect(found.message).toBe(ERRORS.token_expired.message);
  expect(found.details.message).toMatch(/clock is 120 min behind .* the token ended \d+ min ago/);
});

it('says that the token names another issuer than the settings', async () => {
  const found = await refuse(accessToken(testToken({ ...CLAIMS, iss: 'https://idp' })));
  expect(found.details.message).toContain('The issuer in the token is https://idp, and the settings say https://idp/.');
  expect(found.details.message).toContain('{"issuer":"https://idp","audience":"lake"}');
});

it('lists the rules, and tells a problem once', async () => {
  const found = await refuse(accessToken(testToken({ ...CLAIMS, aud: undefined })));
  expect(found.details.token?.rules.filter(({ status }) => status === 'broken').map(({ name }) => name)).toEqual([
    'audience',
  ]);
  expect(found.details.token).not.toHaveProperty('serverConfig');
  expect(found.details.message.match(/names no audience/g)).toHaveLength(1);
});

it('says whether the provider still has the key of the token', async () => {
  const text = 'The provider no longer lists the key of the token.';
  const found = await refuse(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.resolve({ status: 'unknown', text }),
  });
  expect(found.details.message).toContain(text);
});

it('does without the key where looking for it fails', async () => {
  const found = await refuse(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.reject(new ProxyError('query_cancelled')),
  });
  expect(found.message).toBe(ERRORS.token_refused.message);
  expect(found.details.message).toContain(CONFIG);
  expect(found.details.message).toContain('may have changed its keys');
});

it.each(['api_key_refused', 'credentials_missing'] as const)('quotes the server for %s', async (code) => {
  const { result: found } = await check({
    execute: () => failing(new ProxyError(code, { detail: 'invalid token.' })),
  });
  expect(found.details.message).toBe(`It said: invalid token. ${ERRORS[code].advice}`);
});

it.each([
  {
    name: 'without an audience',
    token: testToken({ ...CLAIMS, aud: undefined }),
    text: /audience \(aud\).*audience mapper/,
  },
  { name: 'without a subject', token: testToken({ ...CLAIMS, sub: undefined }), text: /subject \(sub\).*write sub/ },
  { name: 'signed in another way', token: testToken(CLAIMS, { alg: 'HS256' }), text: /RS256/ },
  { name: 'that nobody can read', token: 'opaque-token', text: /opaque/ },
])('calls a token unusable $name', async ({ token, text }) => {
  const found = await refuse(accessToken(token));
  expect(found.message).toBe(ERRORS.token_unusable.message);
  expect(found.details.message).toMatch(text);
  expect(found.details.message).not.toContain('must contain');
});

it.each([
  { aheadMs: 90_000, text: "is 90 s ahead of this machine's" },
  { aheadMs: -120_000, text: "is 120 s behind this machine's" },
])('names a clock that may be the cause: $text', async ({ aheadMs, text }) => {
  const found = await refuse(accessToken(testToken(CLAIMS), { providerClockAheadMs: aheadMs }));
  expect(stageNamed(found, 'server').text).toContain(text);
});
