import { type TokenRule } from '../../contract/health';
import { describeToken } from './read-token';
import { testToken } from './testing/test-provider';
import { explainToken, issuerDifference, tokenProblem } from './token-problems';

const NOW_MS = Date.UTC(2026, 0, 1);
const TENANT = '11111111-2222-3333-4444-555555555555';
const V1 = `https://sts.windows.net/${TENANT}/`;
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const GOOD = { iss: 'https://idp.example', sub: 'grafana', aud: 'lake', exp: NOW_MS / 1000 + 3000 };

function explain(claims: Record<string, unknown>, issuer = 'https://idp.example', clockAheadMs = 0, alg = 'RS256') {
  return explainToken(describeToken(testToken({ ...GOOD, ...claims }, { alg })), {
    issuer,
    nowMs: NOW_MS,
    clockAheadMs,
  });
}

function ruleOf(rules: readonly TokenRule[], name: TokenRule['name']): TokenRule {
  const rule = rules.find((candidate) => candidate.name === name);
  if (rule === undefined) {
    throw new Error(`no rule ${name}`);
  }
  return rule;
}

it('finds nothing wrong with a good token, and gives the line of the server', () => {
  const { rules, serverConfig } = explain({});
  expect(rules.map(({ name, text }) => `${name}: ${text}`)).toEqual([
    'readable: The token is a JWT that anyone can read.',
    'algorithm: Signed with RS256.',
    'issuer: The issuer is https://idp.example.',
    'subject: The subject is grafana.',
    'audience: The audience is lake.',
    'expiry: It ends in 50 min.',
    'groups: The claim groups is missing or a list of texts.',
  ]);
  expect(new Set(rules.map(({ status }) => status))).toEqual(new Set(['ok']));
  expect(serverConfig).toBe('{"issuers":[{"issuer":"https://idp.example","audience":"lake"}]}');
});

const broken = [
  { name: 'audience', claims: { aud: undefined }, issuer: 'https://kc.example/realms/lake', text: 'audience mapper' },
  {
    name: 'audience',
    claims: { aud: undefined },
    issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/p',
    text: 'Cognito',
  },
  { name: 'audience', claims: { aud: undefined }, issuer: undefined, text: 'write aud' },
  {
    name: 'subject',
    claims: { sub: undefined },
    issuer: 'https://kc.example/realms/lake',
    text: 'Use refresh tokens for client credentials grant',
  },
  { name: 'issuer', claims: { iss: undefined }, issuer: undefined, text: '(iss)' },
  { name: 'expiry', claims: { exp: undefined }, issuer: undefined, text: '(exp)' },
  { name: 'expiry', claims: { exp: NOW_MS / 1000 - 300 }, issuer: undefined, text: 'ended 5 min ago' },
  { name: 'groups', claims: { groups: { a: 1 } }, issuer: undefined, text: 'list of texts' },
] as const;
it.each(broken)('says what to change where: $name, $text', ({ name, claims, issuer, text }) => {
  const { rules, serverConfig } = explain(claims, issuer);
  const rule = ruleOf(rules, name);
  expect(rule.status).toBe('broken');
  expect(rule.text).toContain(text);
  expect(rules.filter(({ status }) => status === 'broken')).toEqual([rule]);
  expect(serverConfig).toBeUndefined();
});

it.each([
  { alg: 'HS256', issuer: 'https://lake.eu.auth0.com/', text: 'In Auth0, choose RS256' },
  { alg: 'ES256', issuer: 'https://kc.example/realms/lake', text: 'In Keycloak, choose RS256' },
  { alg: 'PS256', issuer: 'https://idp.example', text: 'signed with PS256' },
])('explains $alg at $issuer', ({ alg, issuer, text }) => {
  expect(ruleOf(explain({ iss: issuer }, issuer, 0, alg).rules, 'algorithm')).toMatchObject({
    status: 'broken',
    text: expect.stringContaining(text),
  });
});

const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`;
it.each([
  { name: 'an opaque token of Auth0', token: 'opaque', issuer: 'https://lake.auth0.com/', text: 'Fill in Audience' },
  {
    name: 'an opaque token of Okta',
    token: 'opaque',
    issuer: 'https://lake.okta.com',
    text: 'custom authorization server',
  },
  {
    name: 'an encrypted token',
    token: encrypted,
    issuer: 'https://lake.auth0.com/',
    text: 'switch off token encryption',
  },
])('has one thing to say about $name', ({ token, issuer, text }) => {
  const { rules, serverConfig } = explainToken(describeToken(token), { issuer, nowMs: NOW_MS, clockAheadMs: 0 });
  expect(rules).toEqual([{ name: 'readable', status: 'broken', text: expect.stringContaining(text) }]);
  expect(serverConfig).toBeUndefined();
});

it("reads the token's end by the provider's clock", () => {
  expect(ruleOf(explain({}, undefined, 3_000_000).rules, 'expiry').status).toBe('broken');
  expect(ruleOf(explain({ exp: NOW_MS / 1000 - 60 }, undefined, -120_000).rules, 'expiry').text).toContain('60 s');
});

describe('an issuer that is not the one of the settings', () => {
  it.each([
    {
      name: 'v1 tokens of Entra ID',
      found: V1,
      issuer: V2,
      text: 'asks for v1 tokens',
      advice: 'accessTokenAcceptedVersion to 2',
    },
    {
      name: 'v2 tokens of Entra ID',
      found: V2,
      issuer: V1,
      text: 'asks for v2 tokens',
      advice: 'accessTokenAcceptedVersion to 1',
    },
    {
      name: 'a slash',
      found: 'https://a/',
      issuer: 'https://a',
      text: 'slash',
      advice: 'Name https://a/ as the issuer',
    },
    { name: 'another host', found: 'https://b', issuer: 'https://a', text: 'https://b', advice: 'Name https://b as' },
  ])('is named, with what the server must be told: $name', ({ found, issuer, text, advice }) => {
    const difference = issuerDifference(describeToken(testToken({ iss: found })), issuer);
    expect(difference?.text).toContain(text);
    expect(difference?.advice).toContain(advice);
    const { rules, serverConfig } = explain({ iss: found }, issuer);
    expect(ruleOf(rules, 'issuer')).toMatchObject({ status: 'ok', text: expect.stringContaining(advice) });
    expect(serverConfig).toContain(`"${found}"`);
  });

  it('is nothing to speak of when it is the same', () => {
    expect(issuerDifference(describeToken(testToken({ iss: V1 })), V1)).toBeUndefined();
  });
});

it("leaves out the audience of Keycloak's own account client", () => {
  const issuer = 'https://kc.example/realms/lake';
  const { rules, serverConfig } = explain({ iss: issuer, aud: ['account', 'lake'] }, issuer);
  expect(ruleOf(rules, 'audience')).toMatchObject({
    status: 'ok',
    text: expect.stringMatching(/^The audience is lake\. The token also names account.*do not configure it\.$/),
  });
  expect(serverConfig).toBe(`{"issuers":[{"issuer":"${issuer}","audience":"lake"}]}`);
});

it('offers no line for a shared audience, and says what to do instead', () => {
  const issuer = 'https://kc.example/realms/lake';
  const { rules, serverConfig } = explain({ iss: issuer, aud: 'account' }, issuer);
  expect(ruleOf(rules, 'audience')).toMatchObject({
    status: 'broken',
    text: expect.stringMatching(/account, which belongs to Keycloak.*Do not configure account.*audience mapper/),
  });
  expect(serverConfig).toBeUndefined();
});

it('offers no line when several audiences could be meant, unless the settings name one', () => {
  const aud = ['reports', 'lake'];
  expect(explain({ aud }).serverConfig).toBeUndefined();
  const token = describeToken(testToken({ ...GOOD, aud }));
  const context = { issuer: GOOD.iss, nowMs: NOW_MS, clockAheadMs: 0, audience: 'lake' };
  expect(explainToken(token, context).serverConfig).toContain('"audience":"lake"');
});

it('counts an ended token as a problem only when it is told the time', () => {
  const ended = describeToken(testToken({ ...GOOD, exp: 1 }));
  expect(tokenProblem(ended)).toBeUndefined();
  expect(tokenProblem(ended, { nowMs: NOW_MS })?.text).toContain('ended');
});
