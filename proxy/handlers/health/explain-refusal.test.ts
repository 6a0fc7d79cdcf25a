import { message, render } from '../../../contract/messages/message';
import { ERRORS } from '../../errors/catalogue';
import { ProxyError } from '../../errors/proxy-error';
import { testToken } from '../../oidc/testing/test-provider';
import { type AccessToken, type TokenSource } from '../../oidc/token-source';
import { refusalCauses, type RefusalSigns } from './explain-refusal';
import { accessToken, check, CLAIMS, failing, OAUTH, stageNamed, tokenSource } from '../testing/health-bench';

const CONFIG = '{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}';

async function refuse(token: AccessToken, changes: Partial<TokenSource> = {}) {
  const execute = () => failing(new ProxyError('token_refused', { detail: 'invalid token.' }));
  const { result: found } = await check({ settings: OAUTH, tokenSource: tokenSource(token, changes), execute });
  expect(JSON.stringify(found)).not.toContain(token.secret.reveal());
  expect(stageNamed(found, 'server').status).toBe('failed');
  return found;
}

it('lists the configuration of the server and other causes for a token that breaks no rule', async () => {
  const found = await refuse(accessToken(testToken(CLAIMS)));
  expect(found.message).toBe(ERRORS.token_refused.message);
  expect(found.details.message).toContain('The server returned: invalid token.');
  expect(found.details.message).toContain('issuer https://idp/, subject grafana@clients, audience lake');
  expect(found.details.message).toContain(`must contain exactly ${CONFIG}`);
  expect(found.details.message).toMatch(
    /\(1\) MICROMEGAS_OIDC_CONFIG .*\(2\) .*Failed to discover OIDC metadata.*\(4\) .*its keys/
  );
  expect(found.details.message).toContain("The token's key k1 is among the keys that the provider publishes");
  expect(found.details.token?.serverConfig).toBe(CONFIG);
});

it('reports that the token had expired if the clock of the provider is behind', async () => {
  const exp = CLAIMS.exp - 7_000;
  const found = await refuse(accessToken(testToken({ ...CLAIMS, exp }), { providerClockAheadMs: -7_200_000 }));
  expect(found.message).toBe(ERRORS.token_expired.message);
  expect(found.details.message).toMatch(/clock is 120 min behind .* the token expired \d+ min ago/);
});

it('reports an issuer in the token that differs from the settings', async () => {
  const found = await refuse(accessToken(testToken({ ...CLAIMS, iss: 'https://idp' })));
  expect(found.details.message).toContain(
    'The issuer in the token is https://idp, but the issuer in the settings is https://idp/.'
  );
  expect(found.details.message).toContain('{"issuer":"https://idp","audience":"lake"}');
});

it('lists the rules, and reports the problem only once', async () => {
  const found = await refuse(accessToken(testToken({ ...CLAIMS, aud: undefined })));
  expect(found.details.token?.rules.filter(({ status }) => status === 'broken').map(({ name }) => name)).toEqual([
    'audience',
  ]);
  expect(found.details.token).not.toHaveProperty('serverConfig');
  expect(found.details.message.match(/has no audience/g)).toHaveLength(1);
});

it('reports a key that the provider no longer publishes', async () => {
  const text = message('token-key-unpublished', { key: 'k1', url: 'https://idp/keys' });
  const found = await refuse(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.resolve({ status: 'unknown', text }),
  });
  expect(found.details.message).toContain(render(text));
});

it('explains the token without its key if the look-up of the keys fails', async () => {
  const found = await refuse(accessToken(testToken(CLAIMS)), {
    checkKey: () => Promise.reject(new ProxyError('query_cancelled')),
  });
  expect(found.message).toBe(ERRORS.token_refused.message);
  expect(found.details.message).toContain(CONFIG);
  expect(found.details.message).toContain('may have changed its keys');
});

it.each(['api_key_refused', 'credentials_missing'] as const)('quotes the text of the server for %s', async (code) => {
  const { result: found } = await check({
    execute: () => failing(new ProxyError(code, { detail: 'invalid token.' })),
  });
  expect(found.details.message).toBe(`The server returned: invalid token. ${ERRORS[code].advice}`);
});

it.each([
  {
    name: 'without an audience',
    token: testToken({ ...CLAIMS, aud: undefined }),
    text: /audience \(aud\).*audience mapper/,
  },
  { name: 'without a subject', token: testToken({ ...CLAIMS, sub: undefined }), text: /subject \(sub\).*write sub/ },
  { name: 'signed with another algorithm', token: testToken(CLAIMS, { alg: 'HS256' }), text: /RS256/ },
  { name: 'that is opaque', token: 'opaque-token', text: /opaque/ },
])('fails with token_unusable for a token $name', async ({ token, text }) => {
  const found = await refuse(accessToken(token));
  expect(found.message).toBe(ERRORS.token_unusable.message);
  expect(found.details.message).toMatch(text);
  expect(found.details.message).not.toContain('must contain');
});

it.each([
  { aheadMs: 90_000, text: 'is 90 s ahead of the clock of the machine that runs the plugin' },
  { aheadMs: -120_000, text: 'is 120 s behind the clock of the machine that runs the plugin' },
])('reports a clock that may be the cause: $text', async ({ aheadMs, text }) => {
  const found = await refuse(accessToken(testToken(CLAIMS), { providerClockAheadMs: aheadMs }));
  expect(stageNamed(found, 'server').text).toContain(text);
});

/** What the proxy observes about a token that breaks no rule. */
const SIGNS: RefusalSigns = {
  issuer: 'https://idp.example',
  audiences: ['lake'],
  config: '{"issuers":[{"issuer":"https://idp.example","audience":"lake"}]}',
  key: 'known',
  serverHost: 'lake.example.com',
  hasOwnAuthority: false,
  isServerTimeRight: false,
};

const LOCAL = { issuer: 'http://localhost:8080/realms/lake' };
const [CONFIGURATION, ACCESS, CLOCK, KEYS] = ['cause-configuration', 'cause-issuer-access', 'cause-server-clock', 'cause-old-keys']; // prettier-ignore

it.each<{ name: string; signs: Partial<RefusalSigns>; codes: Array<string | undefined> }>([
  { name: 'no particular sign', signs: {}, codes: [CONFIGURATION, ACCESS, CLOCK, KEYS] },
  { name: 'a server whose clock is right', signs: { isServerTimeRight: true }, codes: [CONFIGURATION, ACCESS, KEYS] },
  { name: 'a key that is not published', signs: { key: 'unknown' }, codes: ['cause-key-unlisted', CONFIGURATION, ACCESS, CLOCK] }, // prettier-ignore
  { name: 'an issuer on loopback', signs: LOCAL, codes: ['cause-issuer-access-loopback', CONFIGURATION, CLOCK, KEYS] },
  { name: 'issuer and server on loopback', signs: { ...LOCAL, serverHost: '127.0.0.1' }, codes: [CONFIGURATION, ACCESS, CLOCK, KEYS] }, // prettier-ignore
  { name: 'several audiences', signs: { config: undefined, audiences: ['a', 'b'] }, codes: ['cause-configuration-several', ACCESS, CLOCK, KEYS] }, // prettier-ignore
  { name: 'a certificate authority in the settings', signs: { hasOwnAuthority: true }, codes: [CONFIGURATION, 'cause-issuer-access-authority', CLOCK, KEYS] }, // prettier-ignore
])('lists the most likely cause first for $name', ({ signs, codes }) => {
  expect(refusalCauses({ ...SIGNS, ...signs }).map(({ code }) => code)).toEqual(codes);
});

it.each<{ name: string; signs: Partial<RefusalSigns>; text: RegExp }>([
  { name: 'the value of the configuration', signs: {}, text: /must contain exactly \{"issuers"/ },
  { name: 'the audiences', signs: { config: undefined, audiences: ['a', 'b'] }, text: /audiences a, b that only/ },
  { name: 'the URL that the server reads', signs: { issuer: 'https://idp.example/' }, text: /read https:\/\/idp\.example\/\.well-known\/openid-configuration and/ }, // prettier-ignore
])('names $name among the causes', ({ signs, text }) => {
  expect(render(refusalCauses({ ...SIGNS, ...signs }))).toMatch(text);
});
