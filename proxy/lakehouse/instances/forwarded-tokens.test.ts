/** Tests which token is sent to the server, over a real connection: the access token or the ID token of the user. */
import { status as Status } from '@grpc/grpc-js';
import { startFlightServer, type TestServer } from '../flight-sql/testing/flight-test-server';
import { Secret } from '../../observe/logging/secret';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { describeToken } from '../oidc/read-token';
import { testToken } from '../oidc/testing/test-provider';
import { AcceptedIdTokens } from './call-tokens';
import { type Instance } from './instance';
import { type InstanceStore } from './instance-store';
import { oauthStore } from './testing/oauth-store';

const CLAIMS = { iss: 'https://idp.example/', sub: 'u1', exp: 2_000_000_000 };
const ACCESS = testToken({ ...CLAIMS, aud: 'account' });
const ID = testToken({ ...CLAIMS, aud: 'grafana' });

let server: TestServer;
let store: InstanceStore;
/** The tokens that the server accepts. */
let accepted: string[];
/** The tokens that the server received since the last call of `sentTokens`. */
let received: string[];

beforeEach(async () => {
  accepted = [ID];
  received = [];
  server = await startFlightServer({
    error: (metadata) => {
      const token = String(metadata.get('authorization')).replace('Bearer ', '');
      received.push(token === ACCESS ? 'access' : token === ID ? 'id' : token);
      return accepted.includes(token) ? undefined : { code: Status.UNAUTHENTICATED, details: 'invalid token' };
    },
  });
  store = oauthStore(() => () => Promise.reject(new Error('Unexpected request for a token of the service account')));
});

afterEach(() => {
  store.close();
  server.kill();
});

function open(settings: object = {}): Instance {
  const json = { host: `127.0.0.1:${server.port}`, selectedAuthType: 'oauth2', oauthPassThru: true, ...settings };
  const jsonData = Buffer.from(JSON.stringify(json));
  return store.acquire({ uid: 'u1', orgId: 1, name: 'Lake', jsonData, decryptedSecureJsonData: {}, lastUpdatedMs: 1 })
    .instance;
}

/** Runs a query. @returns The tokens that the server received. If the query failed, the error code is the last item. */
async function sentTokens(instance: Instance): Promise<string[]> {
  const call = {
    origin: { entrypoint: 'dashboard' },
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
    user: { login: 'ada', name: 'Ada', email: '' },
    forwarded: { accessToken: new Secret(ACCESS), idToken: new Secret(ID) },
  };
  try {
    for await (const message of instance.execute('SELECT 7', call)) {
      void message;
    }
  } catch (reason) {
    received.push((reason as { code: string }).code);
  }
  return received.splice(0);
}

it('tries the ID token after a rejected access token, and starts later queries with the ID token', async () => {
  const instance = open();
  expect(await sentTokens(instance)).toEqual(['access', 'id']);
  expect(await sentTokens(instance)).toEqual(['id']);
});

it('tries the access token first again after the server has rejected the ID token', async () => {
  const instance = open();
  await sentTokens(instance);
  accepted = [ACCESS];
  expect(await sentTokens(instance)).toEqual(['id', 'access']);
  expect(await sentTokens(instance)).toEqual(['access']);
});

it('tries each token once if the server rejects both', async () => {
  accepted = [];
  const instance = open();
  expect(await sentTokens(instance)).toEqual(['access', 'id', 'identity_refused']);
  expect(await sentTokens(instance)).toEqual(['access', 'id', 'identity_refused']);
});

it.each(['access', 'id'] as const)('tries only the selected kind of token: %s', async (oauthForwardedToken) => {
  accepted = [];
  expect(await sentTokens(open({ oauthForwardedToken }))).toEqual([oauthForwardedToken, 'identity_refused']);
});

describe('the remembered pairs of issuer and audiences', () => {
  const tokensOf = (issuer: string) => {
    const token = { token: new Secret(''), description: describeToken(testToken({ ...CLAIMS, iss: issuer })) };
    return { access: token, id: token };
  };

  it('are at most 100', () => {
    const kinds = new AcceptedIdTokens();
    for (let index = 0; index <= 100; index++) {
      kinds.add(tokensOf(`https://idp.example/${index}`));
    }
    expect(kinds.has(tokensOf('https://idp.example/0'))).toBe(false);
    expect(kinds.has(tokensOf('https://idp.example/1'))).toBe(true);
    kinds.delete(tokensOf('https://idp.example/1'));
    expect(kinds.has(tokensOf('https://idp.example/1'))).toBe(false);
  });
});
