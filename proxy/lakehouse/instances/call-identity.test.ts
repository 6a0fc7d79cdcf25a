import { type ForwardedToken } from '../../../contract/settings/settings';
import { ProxyError } from '../../base/errors/proxy-error';
import { Secret } from '../../observe/logging/secret';
import { describeToken } from '../oidc/read-token';
import { testToken } from '../oidc/testing/test-provider';
import { type TokenSource } from '../oidc/token-source';
import { identityOf, identityRejected, type CallIdentity, type IdentityCall } from './call-identity';
import { type DataSourceAuth } from './read-auth';

const GOOD = { iss: 'https://idp.example/', sub: 'u1', aud: 'lake', exp: 2_000_000_000 };
const access = testToken(GOOD);
const id = testToken({ ...GOOD, aud: 'grafana' });
const withoutAudience = testToken({ iss: GOOD.iss, sub: GOOD.sub, exp: GOOD.exp });
const es256 = testToken(GOOD, { alg: 'ES256' });

const never = () => Promise.reject(new Error('Unexpected request'));
const source: TokenSource = {
  getToken: never,
  signIn: never,
  discover: never,
  checkKey: never,
  accept: () => undefined,
  reject: () => undefined,
};

function oauth(token: ForwardedToken, fallback = false): DataSourceAuth {
  return { kind: 'oauth2', forwarding: { token, fallback } };
}

function callWith(tokens: { accessToken?: string; idToken?: string }, entrypoint = 'dashboard'): IdentityCall {
  const secret = (value: string | undefined) => (value === undefined ? undefined : new Secret(value));
  return {
    forwarded: { accessToken: secret(tokens.accessToken), idToken: secret(tokens.idToken) },
    user: { login: 'ada', name: 'Ada', email: '' },
    origin: { entrypoint },
  };
}

function sentToken(identity: CallIdentity): string {
  return identity.kind === 'forwarded' ? identity.token.reveal() : identity.kind;
}

describe('without forwarding', () => {
  it.each([
    { auth: { kind: 'none' } as const, kind: 'none' },
    { auth: { kind: 'token', token: new Secret('key') } as const, kind: 'token' },
    { auth: { kind: 'oauth2' } as const, kind: 'service-account' },
  ])('uses $kind and ignores forwarded tokens', ({ auth, kind }) => {
    expect(identityOf(auth, source, callWith({ accessToken: access, idToken: id })).kind).toBe(kind);
  });
});

describe('the forwarded token', () => {
  interface Case {
    name: string;
    which: ForwardedToken;
    accessToken?: string;
    idToken?: string;
    sent: string;
  }
  const cases: Case[] = [
    { name: 'the access token', which: 'auto', accessToken: access, idToken: id, sent: access },
    { name: 'the ID token if the access token is opaque', which: 'auto', accessToken: 'opaque', idToken: id, sent: id },
    { name: 'the ID token if the access token has no aud', which: 'auto', accessToken: withoutAudience, idToken: id, sent: id }, // prettier-ignore
    {
      name: 'the ID token if the access token is signed with ES256',
      which: 'auto',
      accessToken: es256,
      idToken: id,
      sent: id,
    },
    { name: 'the access token if both tokens are unusable', which: 'auto', accessToken: 'opaque', idToken: es256, sent: 'opaque' }, // prettier-ignore
    { name: 'the only token', which: 'auto', idToken: es256, sent: es256 },
    { name: 'the access token if it is selected', which: 'access', accessToken: 'opaque', idToken: id, sent: 'opaque' },
    { name: 'the ID token if it is selected', which: 'id', accessToken: access, idToken: id, sent: id },
  ];
  it.each(cases)('is $name', ({ which, sent, ...tokens }) => {
    expect(sentToken(identityOf(oauth(which), undefined, callWith(tokens)))).toBe(sent);
    // The fallback does not matter if there is a token of the user.
    expect(sentToken(identityOf(oauth(which, true), source, callWith(tokens)))).toBe(sent);
  });
});

describe('the other token of the user', () => {
  const otherOf = (which: ForwardedToken, accessToken: string, idToken: string, prefersId = false) => {
    const identity = identityOf(oauth(which, true), source, callWith({ accessToken, idToken }), () => prefersId);
    return identity.kind === 'forwarded' ? identity.other?.token.reveal() : identity.kind;
  };

  it('is the ID token', () => expect(otherOf('auto', access, id)).toBe(id));
  it('is the access token if the ID token is preferred', () => expect(otherOf('auto', access, id, true)).toBe(access));
  it.each<[string, ForwardedToken, string, string]>([
    ['the ID token is unusable', 'auto', access, es256],
    ['only the ID token is usable', 'auto', 'opaque', id],
    ['the access token is selected', 'access', access, id],
    ['the ID token is selected', 'id', access, id],
  ])('is missing if %s', (_name, ...tokens) => expect(otherOf(...tokens)).toBeUndefined());
});

describe('a call without a token', () => {
  it('uses the service account if the fallback is on', () => {
    expect(identityOf(oauth('auto', true), source, callWith({}))).toEqual({ kind: 'service-account', source });
    expect(identityOf(oauth('id', true), source, callWith({ accessToken: access })).kind).toBe('service-account');
  });

  function rejection(auth: DataSourceAuth, call: IdentityCall): ProxyError {
    try {
      identityOf(auth, undefined, call);
    } catch (reason) {
      return ProxyError.from(reason);
    }
    throw new Error('Expected a rejection');
  }

  it.each<{ name: string; call: IdentityCall; message: RegExp; which?: ForwardedToken }>([
    { name: 'an alert rule', call: callWith({}, 'alerting'), message: /Alert rules/ },
    { name: 'a public dashboard', call: callWith({}, 'public-dashboard'), message: /public dashboard/ },
    { name: 'an anonymous visitor', call: { origin: { entrypoint: 'dashboard' } }, message: /not signed in/ },
    { name: 'a user without OAuth', call: callWith({}), message: /no OAuth token for your user.*sign in with OAuth/ },
    { name: 'a user without the selected token', call: callWith({ accessToken: access }), which: 'id', message: /no OAuth ID token/ }, // prettier-ignore
  ])('fails with identity_missing for $name', ({ call, message, which = 'auto' }) => {
    const error = rejection(oauth(which), call);
    expect(error.code).toBe('identity_missing');
    expect(error.adminMessage).toMatch(message);
    expect(error.adminMessage).toMatch(/fallback to the service account/);
  });
});

describe('a rejected token', () => {
  const rejected = new ProxyError('token_refused', { detail: 'invalid token.', queryId: 'q1' });
  const explained = (token: string, nowMs = 0) =>
    identityRejected(rejected, { token: new Secret(token), description: describeToken(token) }, nowMs);

  it.each([
    { name: 'breaks a rule', token: withoutAudience, nowMs: 0, message: /has no audience/ },
    { name: 'has expired', token: access, nowMs: GOOD.exp * 1000, message: /has expired.*Sign out/ },
    { name: 'has no visible problem', token: access, nowMs: 0, message: /invalid token\./ },
  ])('fails with identity_refused and the reason if it $name', ({ token, nowMs, message }) => {
    const error = explained(token, nowMs);
    expect(error).toMatchObject({ code: 'identity_refused', queryId: 'q1' });
    expect(error.adminMessage).toMatch(message);
    expect(error.adminMessage).not.toContain(token);
  });
});
