/** Token requests of data sources with the same identity provider and different proxies. */
import { type MicromegasSettings } from '../../../contract/settings/settings';
import { type ProviderFetch } from '../network/routes';
import { type InstanceStore } from './instance-store';
import { ISSUER, oauthStore, providerOf } from './testing/oauth-store';

/** More than the maximum number of simultaneous requests. */
const HANGING = 20;

let store: InstanceStore;
/** The number of requests through the HTTP proxy, which never responds. */
let hanging: number;

const direct = providerOf(() => 'opaque');

const byProxy: ProviderFetch = (_url, { signal }) => {
  hanging += 1;
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
};

beforeEach(() => {
  hanging = 0;
  store = oauthStore(({ httpProxy }) => (httpProxy === undefined ? direct : byProxy));
});

afterEach(() => store.close());

function tokenOf(uid: string, json: MicromegasSettings, signal = new AbortController().signal) {
  const { instance } = store.acquire({
    uid,
    orgId: 1,
    name: uid,
    jsonData: Buffer.from(
      JSON.stringify({
        host: 'lake.example:50051',
        secure: true,
        selectedAuthType: 'oauth2',
        oauthIssuer: ISSUER,
        oauthClientId: uid,
        ...json,
      })
    ),
    decryptedSecureJsonData: { oauthClientSecret: 'hush' },
    lastUpdatedMs: 1,
  });
  return instance.tokenSource?.getToken(signal);
}

it('a proxy that hangs delays only the data sources that use it', async () => {
  const leave = new AbortController();
  const waiting = Array.from({ length: HANGING }, (_, index) =>
    tokenOf(`by-proxy-${index}`, { oauthProxyUrl: 'http://proxy.example:3128' }, leave.signal)?.catch(() => undefined)
  );
  while (hanging < 8) {
    await new Promise(setImmediate);
  }
  const token = await tokenOf('direct', {});
  expect(token?.secret.reveal()).toBe('opaque');
  expect(hanging).toBe(8);
  leave.abort();
  await Promise.all(waiting);
});
