import { type TokenRule } from '../../../contract/resources/health';
import { render } from '../../../contract/messages/message';
import { Secret } from '../../observe/logging/secret';
import { describeToken } from './read-token';
import { testToken } from './testing/test-provider';
import {
  explainToken,
  issuerDifference,
  serverConfigFor,
  type TokenContext,
  tokenParts,
  tokenProblem,
} from './token-rules';

const NOW_MS = Date.UTC(2026, 0, 1);
const TENANT = '11111111-2222-3333-4444-555555555555';
const V1 = `https://sts.windows.net/${TENANT}/`;
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const GOOD = { iss: 'https://idp.example', sub: 'grafana', aud: 'lake', exp: NOW_MS / 1000 + 3000 };

/** An explanation with rendered messages. */
function explainRules(token: string, context: TokenContext & { issuer: string }) {
  const { rules, serverConfig } = explainToken(describeToken(token), { nowMs: NOW_MS, clockAheadMs: 0, ...context });
  return { rules: rules.map((rule) => ({ ...rule, text: render(rule.text) })), serverConfig };
}

function explain(claims: Record<string, unknown>, issuer = 'https://idp.example', clockAheadMs = 0, alg = 'RS256') {
  return explainRules(testToken({ ...GOOD, ...claims }, { alg }), { issuer, clockAheadMs });
}

function ruleOf(rules: ReturnType<typeof explain>['rules'], name: TokenRule['name']) {
  const rule = rules.find((candidate) => candidate.name === name);
  if (rule === undefined) {
    throw new Error(`no rule ${name}`);
  }
  return rule;
}

it('explains a token that meets all rules, and proposes the configuration of the server', () => {
  const { rules, serverConfig } = explain({});
  expect(rules.map(({ name, text }) => `${name}: ${text}`)).toEqual([
    'readable: The token is a JWT and is not encrypted.',
    'algorithm: Signed with RS256.',
    'issuer: The issuer is https://idp.example.',
    'subject: The subject is grafana.',
    'audience: The audience is lake.',
    'expiry: The token expires in 50 min.',
    'groups: The claim "groups" is absent, or is a string or a list of strings.',
  ]);
  expect(new Set(rules.map(({ status }) => status))).toEqual(new Set(['ok']));
  expect(serverConfig).toBe('{"issuers":[{"issuer":"https://idp.example","audience":"lake"}]}');
});

it.each([{ a: 1 }, ['RS256'], null])('explains a token whose algorithm is not a string: %j', (alg) => {
  const { rules } = explainRules(testToken(GOOD, { alg }), { issuer: GOOD.iss });
  expect(ruleOf(rules, 'algorithm').status).not.toBe('ok');
});

const broken = [
  {
    name: 'audience',
    claims: { aud: undefined },
    issuer: 'https://kc.example/realms/lake',
    message: 'audience mapper',
  },
  {
    name: 'audience',
    claims: { aud: undefined },
    issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/p',
    message: 'Cognito',
  },
  { name: 'audience', claims: { aud: undefined }, issuer: undefined, message: 'write aud' },
  {
    name: 'subject',
    claims: { sub: undefined },
    issuer: 'https://kc.example/realms/lake',
    message: 'Use refresh tokens for client credentials grant',
  },
  { name: 'issuer', claims: { iss: undefined }, issuer: undefined, message: '(iss)' },
  { name: 'expiry', claims: { exp: undefined }, issuer: undefined, message: '(exp)' },
  { name: 'expiry', claims: { exp: NOW_MS / 1000 - 300 }, issuer: undefined, message: 'expired 5 min ago' },
  { name: 'groups', claims: { groups: { a: 1 } }, issuer: undefined, message: 'list of strings' },
] as const;
it.each(broken)('advises what to change for a broken rule: $name, $message', ({ name, claims, issuer, message }) => {
  const { rules, serverConfig } = explain(claims, issuer);
  const rule = ruleOf(rules, name);
  expect(rule.status).toBe('broken');
  expect(rule.text).toContain(message);
  expect(rules.filter(({ status }) => status === 'broken')).toEqual([rule]);
  expect(serverConfig).toBeUndefined();
});

it.each([
  { alg: 'HS256', issuer: 'https://lake.eu.auth0.com/', message: 'In Auth0, select RS256' },
  { alg: 'ES256', issuer: 'https://kc.example/realms/lake', message: 'In Keycloak, select RS256' },
  { alg: 'PS256', issuer: 'https://idp.example', message: 'signed with PS256' },
])('explains a token of $issuer that is signed with $alg', ({ alg, issuer, message }) => {
  expect(ruleOf(explain({ iss: issuer }, issuer, 0, alg).rules, 'algorithm')).toMatchObject({
    status: 'broken',
    text: expect.stringContaining(message),
  });
});

const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`;
it.each([
  {
    name: 'an opaque token of Auth0',
    token: 'opaque',
    issuer: 'https://lake.auth0.com/',
    message: 'as Audience: without this audience, Auth0 issues opaque tokens',
  },
  {
    name: 'an opaque token of Okta',
    token: 'opaque',
    issuer: 'https://lake.okta.com',
    message: 'custom authorization server',
  },
  {
    name: 'an encrypted token',
    token: encrypted,
    issuer: 'https://lake.auth0.com/',
    message: 'switch off token encryption',
  },
])('reports only that the token cannot be read: $name', ({ token, issuer, message }) => {
  const { rules, serverConfig } = explainRules(token, { issuer });
  expect(rules).toEqual([{ name: 'readable', status: 'broken', text: expect.stringContaining(message) }]);
  expect(serverConfig).toBeUndefined();
});

it("compares the expiry time with the provider's clock", () => {
  expect(ruleOf(explain({}, undefined, 3_000_000).rules, 'expiry').status).toBe('broken');
  expect(ruleOf(explain({ exp: NOW_MS / 1000 - 60 }, undefined, -120_000).rules, 'expiry').text).toContain('60 s');
});

describe('an issuer that differs from the settings', () => {
  it.each([
    {
      name: 'v1 tokens of Entra ID',
      found: V1,
      issuer: V2,
      message: 'requests v1 tokens',
      advice: 'accessTokenAcceptedVersion to 2',
    },
    {
      name: 'v2 tokens of Entra ID',
      found: V2,
      issuer: V1,
      message: 'requests v2 tokens',
      advice: 'accessTokenAcceptedVersion to 1',
    },
    {
      name: 'a slash',
      found: 'https://a/',
      issuer: 'https://a',
      message: 'slash',
      advice: 'Enter exactly https://a/ as the issuer',
    },
    {
      name: 'another host',
      found: 'https://b',
      issuer: 'https://a',
      message: 'https://b',
      advice: 'Enter exactly https://b as',
    },
  ])('is reported with the configuration that the server needs: $name', ({ found, issuer, message, advice }) => {
    const difference = issuerDifference(describeToken(testToken({ iss: found })), issuer);
    expect(render(difference?.messages ?? [])).toContain(message);
    expect(render(difference?.advice ?? [])).toContain(advice);
    const { rules, serverConfig } = explain({ iss: found }, issuer);
    expect(ruleOf(rules, 'issuer')).toMatchObject({ status: 'ok', text: expect.stringContaining(advice) });
    expect(serverConfig).toContain(`"${found}"`);
  });

  it('is not reported if both issuers are equal', () => {
    expect(issuerDifference(describeToken(testToken({ iss: V1 })), V1)).toBeUndefined();
  });
});

it("proposes `lake` as the audience for the server, and not Keycloak's own client `account`", () => {
  const issuer = 'https://kc.example/realms/lake';
  const { rules, serverConfig } = explain({ iss: issuer, aud: ['account', 'lake'] }, issuer);
  expect(ruleOf(rules, 'audience')).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(
      /^The audience is lake\. The token also has the audiences account\. .*do not enter them in the server's configuration\.$/
    ),
  });
  expect(serverConfig).toBe(`{"issuers":[{"issuer":"${issuer}","audience":"lake"}]}`);
});

it('shows advice and no server configuration for a shared audience', () => {
  const issuer = 'https://kc.example/realms/lake';
  const { rules, serverConfig } = explain({ iss: issuer, aud: 'account' }, issuer);
  expect(ruleOf(rules, 'audience')).toMatchObject({
    status: 'broken',
    text: expect.stringMatching(/account, which belongs to Keycloak.*Do not configure account.*audience mapper/),
  });
  expect(serverConfig).toBeUndefined();
});

it('shows a server configuration for several audiences only if the settings contain one of them', () => {
  const aud = ['reports', 'lake'];
  expect(explain({ aud }).serverConfig).toBeUndefined();
  const token = describeToken(testToken({ ...GOOD, aud }));
  const context = { issuer: GOOD.iss, nowMs: NOW_MS, clockAheadMs: 0, audience: 'lake' };
  expect(explainToken(token, context).serverConfig).toContain('"audience":"lake"');
});

it('reports an expired token only if the current time is given', () => {
  const ended = describeToken(testToken({ ...GOOD, exp: 1 }));
  expect(tokenProblem(ended)).toBeUndefined();
  expect(tokenProblem(ended, { nowMs: NOW_MS })?.messages).toMatchObject([{ code: 'token-expired-here' }]);
});

const SIMPLE = { iss: 'https://idp/', sub: 'grafana@clients', aud: 'lake', exp: 2_000_000_000 };

const cases: Array<{ name: string; token: string; message: string | undefined }> = [
  { name: 'a good token', token: testToken(SIMPLE), message: undefined },
  { name: 'a list of audiences', token: testToken({ ...SIMPLE, aud: ['a', 'b'] }), message: undefined },
  { name: 'a list of groups', token: testToken({ ...SIMPLE, groups: ['a'] }), message: undefined },
  { name: 'an empty list of groups', token: testToken({ ...SIMPLE, groups: [] }), message: undefined },
  { name: 'an opaque token', token: 'abcdef', message: 'opaque' },
  { name: 'three parts that are not a JWT', token: 'a.b.c', message: 'opaque' },
  {
    name: 'an encrypted token',
    token: `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`,
    message: 'encrypted',
  },
  { name: 'HS256', token: testToken(SIMPLE, { alg: 'HS256' }), message: 'RS256' },
  { name: 'PS256', token: testToken(SIMPLE, { alg: 'PS256' }), message: 'RS256' },
  { name: 'no issuer', token: testToken({ ...SIMPLE, iss: undefined }), message: '(iss)' },
  { name: 'no subject', token: testToken({ ...SIMPLE, sub: undefined }), message: '(sub)' },
  { name: 'no audience', token: testToken({ ...SIMPLE, aud: undefined }), message: '(aud)' },
  { name: 'an audience that is a number', token: testToken({ ...SIMPLE, aud: 7 }), message: '(aud)' },
  { name: 'no expiry time', token: testToken({ ...SIMPLE, exp: undefined }), message: '(exp)' },
  { name: 'groups as a string', token: testToken({ ...SIMPLE, groups: 'a,b' }), message: undefined },
  { name: 'groups as a number', token: testToken({ ...SIMPLE, groups: 7 }), message: 'groups' },
];

it.each(cases)('checks the rules: $name', ({ token, message }) => {
  const problem = tokenProblem(describeToken(token));
  if (message === undefined) {
    expect(problem).toBeUndefined();
  } else {
    expect(render(problem?.messages ?? [])).toContain(message);
  }
});

it.each([
  { name: 'the first claim that Micromegas reads', claims: { email: 'a@x', upn: 'b@x' }, email: 'a@x' },
  {
    name: "Keycloak's service account",
    claims: { preferred_username: 'service-account-g' },
    email: 'service-account-g',
  },
  { name: 'no claim', claims: {}, email: undefined },
])('takes the e-mail from $name', ({ claims, email }) => {
  expect(describeToken(testToken({ ...SIMPLE, ...claims })).email).toBe(email);
});

it('lists the parts of a token, and returns the configuration of the server for the token', () => {
  const description = describeToken(testToken(SIMPLE));
  const token = { secret: new Secret('x'), receivedAtMs: 0, expiresAtMs: 3_600_000, description };
  expect(
    tokenParts(token, 0)
      .map((part) => render(part))
      .join(', ')
  ).toBe('issuer https://idp/, subject grafana@clients, audience lake, signed with RS256, 60 min left');
  expect(serverConfigFor(description)).toBe('{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}');
  expect(serverConfigFor(describeToken('opaque'))).toBeUndefined();
});

it.each([
  { leftMs: -1, words: '0 s left' },
  { leftMs: 90_000, words: '90 s left' },
  { leftMs: 86_400_000, words: '24 h left' },
])('rounds the time left: $words', ({ leftMs, words }) => {
  const token = { secret: new Secret('x'), receivedAtMs: 0, expiresAtMs: leftMs, description: { isJwt: false } };
  expect(render(tokenParts(token, 0))).toBe(words);
});
