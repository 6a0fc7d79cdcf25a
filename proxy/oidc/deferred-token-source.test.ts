import { message } from '../../contract/messages/message';
import { Secret } from '../logging/secret';
import { DeferredTokenSource } from './deferred-token-source';
import { type AccessToken, type TokenSource } from './token-source';

const TOKEN: AccessToken = {
  secret: new Secret('t'),
  expiresAtMs: 2,
  receivedAtMs: 1,
  description: { isJwt: false },
};
const { signal } = new AbortController();

/** A token source that records its calls. */
function telling() {
  const asked: string[] = [];
  const tell = <Answer>(what: string, answer: Answer) => {
    asked.push(what);
    return answer;
  };
  const source: TokenSource = {
    getToken: async () => tell('getToken', TOKEN),
    signIn: async () => tell('signIn', TOKEN),
    discover: async () => tell('discover', { tokenEndpoint: 'e', discoveryUrl: 'd', issuer: 'i' }),
    checkKey: async () => tell('checkKey', { status: 'known', text: message('token-names-no-key') }),
    accept: () => tell('accept', undefined),
    reject: () => tell('reject', undefined),
  };
  return { asked, source };
}

it('opens its source once, at the first call', async () => {
  const { asked, source } = telling();
  let opened = 0;
  const deferred = new DeferredTokenSource(async () => {
    opened += 1;
    return source;
  });
  expect(opened).toBe(0);
  const answers = await Promise.all([
    deferred.getToken(signal),
    deferred.signIn(signal),
    deferred.discover(signal),
    deferred.checkKey(TOKEN, signal),
  ]);
  expect(answers).toEqual([
    TOKEN,
    TOKEN,
    expect.objectContaining({ issuer: 'i' }),
    { status: 'known', text: message('token-names-no-key') },
  ]);
  expect({ opened, asked }).toEqual({ opened: 1, asked: ['getToken', 'signIn', 'discover', 'checkKey'] });
});

it('passes on a rejection before the next getToken', async () => {
  const { asked, source } = telling();
  const deferred = new DeferredTokenSource(async () => source);
  await deferred.getToken(signal);
  deferred.reject(TOKEN);
  await deferred.getToken(signal);
  expect(asked).toEqual(['getToken', 'reject', 'getToken']);
});

it('opens its source again after a failure', async () => {
  const { source } = telling();
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
