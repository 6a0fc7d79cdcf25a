import { message } from '../../../contract/messages/message';
import { Secret } from '../../observe/logging/secret';
import { DeferredTokenSource } from './deferred-token-source';
import { type AccessToken, type SignIn, type TokenSource } from './token-source';

const TOKEN: AccessToken = {
  secret: new Secret('t'),
  expiresAtMs: 2,
  receivedAtMs: 1,
  description: { isJwt: false },
};
const FOUND = { tokenEndpoint: 'e', discoveryUrl: 'd', issuer: 'i' };
const SIGN_IN: SignIn = { provider: async () => FOUND, token: async () => TOKEN };
const { signal } = new AbortController();

/** A token source that records its calls. */
function recordingSource() {
  const calls: string[] = [];
  const record = <Result>(name: string, result: Result) => {
    calls.push(name);
    return result;
  };
  const source: TokenSource = {
    getToken: async () => record('getToken', TOKEN),
    signIn: async () => record('signIn', SIGN_IN),
    discover: async () => record('discover', FOUND),
    checkKey: async () => record('checkKey', { status: 'known', message: message('token-names-no-key') }),
    accept: () => record('accept', undefined),
    reject: () => record('reject', undefined),
  };
  return { calls, source };
}

it('opens its source once, at the first call', async () => {
  const { calls, source } = recordingSource();
  let opened = 0;
  const deferred = new DeferredTokenSource(async () => {
    opened += 1;
    return source;
  });
  expect(opened).toBe(0);
  const responses = await Promise.all([
    deferred.getToken(signal),
    deferred.signIn('key'),
    deferred.discover(signal),
    deferred.checkKey(TOKEN, signal),
  ]);
  expect(responses).toEqual([
    TOKEN,
    SIGN_IN,
    expect.objectContaining({ issuer: 'i' }),
    { status: 'known', message: message('token-names-no-key') },
  ]);
  expect({ opened, calls }).toEqual({ opened: 1, calls: ['getToken', 'signIn', 'discover', 'checkKey'] });
});

it('passes a rejection to its source before the next getToken', async () => {
  const { calls, source } = recordingSource();
  const deferred = new DeferredTokenSource(async () => source);
  await deferred.getToken(signal);
  deferred.reject(TOKEN);
  await deferred.getToken(signal);
  expect(calls).toEqual(['getToken', 'reject', 'getToken']);
});

it('opens its source again after a failure', async () => {
  const { source } = recordingSource();
  let opened = 0;
  const deferred = new DeferredTokenSource(async () => {
    opened += 1;
    if (opened === 1) {
      throw new Error('The disk is full');
    }
    return source;
  });
  const first = deferred.getToken(signal);
  deferred.reject(TOKEN);
  await expect(first).rejects.toThrow('The disk is full');
  expect(await deferred.getToken(signal)).toBe(TOKEN);
  expect(opened).toBe(2);
});
