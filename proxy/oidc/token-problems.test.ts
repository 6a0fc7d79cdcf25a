import { Secret } from '../logging/secret';
import { describeToken } from './read-token';
import { testToken } from './testing/test-provider';
import { serverConfigFor, tokenInWords, tokenProblem } from './token-problems';

const GOOD = { iss: 'https://idp/', sub: 'grafana@clients', aud: 'lake', exp: 2_000_000_000 };

const cases: Array<{ name: string; token: string; text: string | undefined }> = [
  { name: 'a good token', token: testToken(GOOD), text: undefined },
  { name: 'a list of audiences', token: testToken({ ...GOOD, aud: ['a', 'b'] }), text: undefined },
  { name: 'groups as Micromegas reads them', token: testToken({ ...GOOD, groups: ['a'] }), text: undefined },
  { name: 'no groups in the list', token: testToken({ ...GOOD, groups: [] }), text: undefined },
  { name: 'opaque text', token: 'abcdef', text: 'opaque' },
  { name: 'three parts that are no JWT', token: 'a.b.c', text: 'opaque' },
  {
    name: 'an encrypted token',
    token: `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`,
    text: 'encrypted',
  },
  { name: 'HS256', token: testToken(GOOD, { alg: 'HS256' }), text: 'RS256' },
  { name: 'PS256', token: testToken(GOOD, { alg: 'PS256' }), text: 'RS256' },
  { name: 'no issuer', token: testToken({ ...GOOD, iss: undefined }), text: '(iss)' },
  { name: 'no subject', token: testToken({ ...GOOD, sub: undefined }), text: '(sub)' },
  { name: 'no audience', token: testToken({ ...GOOD, aud: undefined }), text: '(aud)' },
  { name: 'an audience of another type', token: testToken({ ...GOOD, aud: 7 }), text: '(aud)' },
  { name: 'no end', token: testToken({ ...GOOD, exp: undefined }), text: '(exp)' },
  { name: 'groups as a text', token: testToken({ ...GOOD, groups: 'a,b' }), text: 'groups' },
];

it.each(cases)('explains $name', ({ token, text }) => {
  const problem = tokenProblem(describeToken(token));
  if (text === undefined) {
    expect(problem).toBeUndefined();
  } else {
    expect(problem?.text).toContain(text);
  }
});

it.each([
  { name: 'the first claim that Micromegas looks at', claims: { email: 'a@x', upn: 'b@x' }, email: 'a@x' },
  {
    name: "Keycloak's service account",
    claims: { preferred_username: 'service-account-g' },
    email: 'service-account-g',
  },
  { name: 'none', claims: {}, email: undefined },
])('takes the e-mail from $name', ({ claims, email }) => {
  expect(describeToken(testToken({ ...GOOD, ...claims })).email).toBe(email);
});

it('puts a token into words and says what the server must be told', () => {
  const description = describeToken(testToken(GOOD));
  const token = { secret: new Secret('x'), receivedAtMs: 0, expiresAtMs: 3_600_000, description };
  expect(tokenInWords(token, 0)).toBe(
    'issuer https://idp/, subject grafana@clients, audience lake, signed with RS256, 60 min left'
  );
  expect(serverConfigFor(description)).toBe('{"issuers":[{"issuer":"https://idp/","audience":"lake"}]}');
  expect(serverConfigFor(describeToken('opaque'))).toBeUndefined();
});

it.each([
  { leftMs: -1, words: '0 s left' },
  { leftMs: 90_000, words: '90 s left' },
  { leftMs: 86_400_000, words: '24 h left' },
])('says how long a token is left: $words', ({ leftMs, words }) => {
  const token = { secret: new Secret('x'), receivedAtMs: 0, expiresAtMs: leftMs, description: { isJwt: false } };
  expect(tokenInWords(token, 0)).toBe(words);
});
