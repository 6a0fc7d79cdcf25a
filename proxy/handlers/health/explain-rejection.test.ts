import { message, render } from '../../../contract/messages/message';
import { ERRORS } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { testToken } from '../../lakehouse/oidc/testing/test-provider';
import { type AccessToken, type TokenSource } from '../../lakehouse/oidc/token-source';
import { accessToken, check, CLAIMS, failing, OAUTH, stageNamed, tokenSource } from '../testing/health-bench';

const ENTRY = '{"issuer":"https://idp/","audience":"lake"}';

async function reject(token: AccessToken, changes: Partial<TokenSource> = {}) {
  const execute = () => failing(new ProxyError('token_refused', { detail: 'invalid token.' }));
  const { result: found } = await check({ settings: OAUTH, tokenSource: tokenSource(token, changes), execute });
  expect(JSON.stringify(found)).not.toContain(token.secret.reveal());
  expect(stageNamed(found, 'server').status).toBe('failed');
  return found;
}

it('names possible causes, first the configuration of the server, if the token breaks no rule', async () => {
  const found = await reject(accessToken(testToken(CLAIMS)));
  expect(found.message).toBe(ERRORS.token_refused.message);
  const { text, more } = stageNamed(found, 'server');
  expect(text).toMatch(
    /Checked here, without a finding: Micromegas's rules for tokens, the expiry, .*, the key, which/
  );
  expect(text).toContain(`(1) MICROMEGAS_OIDC_CONFIG on the server must contain this entry in issuers: ${ENTRY}, and`);
  expect(text).toMatch(/\(server log: "Unknown issuer", "Token audience mismatch"\)/);
  expect(more).toContain('The server returned: invalid token.');
  expect(more).toContain('issuer https://idp/, subject grafana@clients, audience lake');
  expect(more).toMatch(
    /\(3\) .*header Authorization.*\(server log: "missing bearer token".*\(4\) .*clock.*\(5\) .*its keys/
  );
  expect(more).toContain("The token's key k1 is among the keys that the provider publishes");
  expect(found.details.token?.serverConfig).toBe(`{"issuers":[${ENTRY}]}`);
});

it('reports that the token had expired if the clock of the provider is behind', async () => {
  const exp = CLAIMS.exp - 7_000;
  const found = await reject(accessToken(testToken({ ...CLAIMS, exp }), { providerClockAheadMs: -7_200_000 }));
  expect(found.message).toBe(ERRORS.token_expired.message);
  expect(found.details.message).toMatch(/the token expired \d+ min ago\. .* clock is 120 min behind/);
});

it('reports an issuer in the token that differs from the settings', async () => {
  const found = await reject(accessToken(testToken({ ...CLAIMS, iss: 'https://idp' })));
  expect(found.details.message).toContain(
    'The issuer in the token is https://idp, but the issuer in the settings is https://idp/: they differ only by the slash at the end.'
  );
  expect(found.details.message).toContain('{"issuer":"https://idp","audience":"lake"}');
});

it('lists the broken rule, and reports its problem only once', async () => {
  const found = await reject(accessToken(testToken({ ...CLAIMS, aud: undefined })));
  expect(found.details.token?.rules.filter(({ status }) => status === 'broken').map(({ name }) => name)).toEqual([
    'audience',
  ]);
  expect(found.details.token).not.toHaveProperty('serverConfig');
  expect(found.details.message.match(/has no audience/g)).toHaveLength(1);
});

it('reports a key that the provider no longer publishes', async () => {
  const warning = message('token-key-unpublished', { key: 'k1', url: 'https://idp/keys' });
  const found = await reject(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.resolve({ status: 'unknown', message: warning }),
  });
  expect(found.details.message).toContain(render(warning));
});

it('still explains the rejection if the look-up of keys at the provider fails', async () => {
  const found = await reject(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.reject(new ProxyError('query_cancelled')),
  });
  expect(found.message).toBe(ERRORS.token_refused.message);
  expect(found.details.message).toContain(ENTRY);
  expect(stageNamed(found, 'server').more).toContain('may have changed its keys');
});

it.each(['api_key_refused', 'credentials_missing'] as const)(
  'quotes the message of the server for %s',
  async (code) => {
    const { result: found } = await check({
      execute: () => failing(new ProxyError(code, { detail: 'invalid token.' })),
    });
    expect(found.details.message).toBe(`The server returned: invalid token. ${ERRORS[code].advice}`);
  }
);

it.each([
  {
    name: 'without an audience',
    token: testToken({ ...CLAIMS, aud: undefined }),
    message: /audience \(aud\).*audience mapper/,
  },
  { name: 'without a subject', token: testToken({ ...CLAIMS, sub: undefined }), message: /subject \(sub\).*write sub/ },
  { name: 'signed with another algorithm', token: testToken(CLAIMS, { alg: 'HS256' }), message: /RS256/ },
  { name: 'that is opaque', token: 'opaque-token', message: /opaque/ },
])('fails with token_unusable for a token $name', async ({ token, message }) => {
  const found = await reject(accessToken(token));
  expect(found.message).toBe(ERRORS.token_unusable.message);
  expect(found.details.message).toMatch(message);
  expect(found.details.message).not.toContain('must contain');
});

it.each([
  { aheadMs: 90_000, message: 'is 90 s ahead of the clock of the machine that runs the plugin' },
  { aheadMs: -120_000, message: 'is 120 s behind the clock of the machine that runs the plugin' },
])('reports a clock difference as a detail: $message', async ({ aheadMs, message }) => {
  const found = await reject(accessToken(testToken(CLAIMS), { providerClockAheadMs: aheadMs }));
  expect(stageNamed(found, 'server').more).toContain(message);
});
