/** Save & test of a data source that forwards the OAuth identity of its users. */
import { ERRORS } from '../../base/errors/catalogue';
import { ProxyError } from '../../base/errors/proxy-error';
import { testToken } from '../../lakehouse/oidc/testing/test-provider';
import {
  accessToken,
  check,
  CLAIMS,
  failing,
  forwarding,
  result,
  type Setup,
  stageNamed,
  stagesOf,
  tokenSource,
} from '../testing/health-bench';

const OWN = testToken({ ...CLAIMS, sub: 'ada-1', email: 'ada@example.com' });
const HEADERS = { authorization: `Bearer ${OWN}` };
const service = () => tokenSource(accessToken(testToken(CLAIMS)));
const CONNECTED = ['settings ok', 'address ok', 'tls ok'];
const ENDING = ['tables ok'];

it("tries the user's own identity without requesting a token", async () => {
  const { result: found } = await check({ settings: forwarding(false), headers: HEADERS });
  expect(stagesOf(found)).toEqual([...CONNECTED, 'token ok', 'server ok', 'query ok', ...ENDING]);
  expect(stageNamed(found, 'token')).toMatchObject({
    title: 'Your OAuth identity',
    text: expect.stringContaining('issuer https://idp/, subject ada-1, audience lake'),
  });
  expect(found.message).toContain('signed in with your own OAuth identity as ada-1 of https://idp/; 6 tables.');
  expect(found.details.whoAmI?.recorded).toMatchObject({ user: 'ada-1', email: 'ada@example.com' });
  expect(JSON.stringify(found)).not.toContain(OWN);
});

it('tries the identity of the user and the service account if the settings allow both', async () => {
  const { result: found, statements } = await check({
    settings: forwarding(true),
    tokenSource: service(),
    headers: HEADERS,
  });
  expect(stagesOf(found)).toEqual([
    ...CONNECTED,
    ...['token ok', 'server ok', 'query ok'],
    ...['discovery ok', 'token ok', 'server ok', 'query ok'],
    ...ENDING,
  ]);
  expect(statements.slice(0, 2).map(({ call }) => call.forwarded !== undefined)).toEqual([true, false]);
  expect(found.message).toMatch(
    /your own OAuth identity as ada-1 .*, and with OAuth as grafana@clients .* where a user has no token; 6 tables/
  );
  expect(found.details.whoAmI?.recorded.user).toBe('ada-1');
});

it('fails if the sign-in of the service account fails, even if the sign-in of the user succeeds', async () => {
  const source = tokenSource(accessToken('x'), { request: () => Promise.reject(new ProxyError('provider_refused')) });
  const { result: found } = await check({ settings: forwarding(true), tokenSource: source, headers: HEADERS });
  expect(found.message).toBe(ERRORS.provider_refused.message);
  expect(stagesOf(found).slice(-2)).toEqual(['discovery ok', 'token failed']);
});

it("reports that the server rejects the user's token, and still tries the service account", async () => {
  const { result: found } = await check({
    settings: forwarding(true),
    tokenSource: service(),
    headers: { authorization: 'Bearer opaque-token' },
    execute: (_sql, call) =>
      call.forwarded === undefined ? result('value', [1]) : failing(new ProxyError('identity_refused')),
  });
  expect(found.message).toBe(ERRORS.identity_refused.message);
  expect(stagesOf(found).slice(3)).toEqual([
    ...['token warning', 'server failed'],
    ...['discovery ok', 'token ok', 'server ok', 'query ok'],
  ]);
  expect(found.details.token?.rules).toEqual([
    {
      name: 'readable',
      status: 'broken',
      text: [{ code: 'token-opaque' }],
    },
  ]);
});

it('describes the ID token if the server rejects the access token and accepts the ID token', async () => {
  const idToken = testToken({ ...CLAIMS, sub: 'ada-1', aud: 'grafana' });
  let isKnown = false;
  const { result: found, statements } = await check({
    settings: forwarding(false),
    headers: {
      authorization: `Bearer ${testToken({ ...CLAIMS, sub: 'ada-1', aud: 'account' })}`,
      'x-id-token': idToken,
    },
    prefersId: () => isKnown,
    execute: () => {
      isKnown = true;
      return result('value', [1]);
    },
  });
  expect(stagesOf(found)).toEqual([...CONNECTED, 'token ok', 'server ok', 'query ok', ...ENDING]);
  expect(stageNamed(found, 'token').text).toMatch(/audience grafana.*This is the ID token/);
  expect(statements[0]?.sql).toBe('SELECT 1');
});

it('warns that the service account is used for a user without a token', async () => {
  const { result: found } = await check({ settings: forwarding(true), tokenSource: service() });
  expect(stagesOf(found)).toEqual([...CONNECTED, 'discovery ok', 'token warning', 'server ok', 'query ok', ...ENDING]);
  expect(found.message).toContain('Grafana sent no OAuth token of yours');
});

it('fails with identity_missing if there is no token of the user', async () => {
  const { result: found } = await check({ settings: forwarding(false) });
  expect(stagesOf(found)).toEqual([...CONNECTED, 'token failed']);
  expect(found.message).toBe(ERRORS.identity_missing.message);
  expect(found.details.message).toMatch(/sign in with OAuth/);
});

const rejected: Array<{ name: string; token: string; message: RegExp; setup?: Setup }> = [
  {
    name: 'made for another audience',
    token: testToken({ ...CLAIMS, aud: 'grafana' }),
    message:
      /\(1\) MICROMEGAS_OIDC_CONFIG .* this entry in issuers: \{"issuer":"https:\/\/idp\/","audience":"grafana"\}/,
  },
  { name: 'that is opaque', token: 'opaque-token', message: /^The access token is opaque.*Forwarded token\.$/ },
  {
    name: 'that has expired',
    token: testToken({ ...CLAIMS, exp: CLAIMS.exp - 7200 }),
    message:
      /^The access token expired 60 min ago by the clock of the machine that runs the plugin \(exp\)\. Sign out of Grafana and sign in again\.$/,
  },
];
it.each(rejected)("explains why the server rejected a user's token $name", async ({ token, message }) => {
  const cause = new ProxyError('token_refused', { detail: 'invalid token.' });
  const { result: found } = await check({
    settings: forwarding(false),
    headers: { authorization: `Bearer ${token}` },
    execute: () => failing(new ProxyError('identity_refused', { cause })),
  });
  expect(found.message).toBe(ERRORS.identity_refused.message);
  expect(found.details.message).toMatch(message);
  expect(JSON.stringify(found)).not.toContain(token);
});

it('uses the API key, not the identity of the user, if the settings do not forward identities', async () => {
  const { result: found } = await check({ headers: HEADERS, execute: () => result('value', [1]) });
  expect(found.message).toContain('signed in with API key');
});
