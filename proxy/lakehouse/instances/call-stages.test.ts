/** The stages that a call reports, over a real connection and with a fake identity provider. */
import { status as Status } from '@grpc/grpc-js';
import { type MicromegasSettings } from '../../../contract/settings/settings';
import { type ProxyError } from '../../base/errors/proxy-error';
import { startFlightServer, type TestServer, type TestServerOptions } from '../flight-sql/testing/flight-test-server';
import { unlimitedAccount } from '../../observe/memory/testing/accounts';
import { QueryStages } from '../../observe/telemetry/query-stages';
import { type InstanceStore } from './instance-store';
import { ISSUER, oauthStore, providerOf } from './testing/oauth-store';

const OAUTH: MicromegasSettings = { selectedAuthType: 'oauth2', oauthIssuer: ISSUER, oauthClientId: 'grafana' };

let server: TestServer;
let store: InstanceStore;
let tokens: number;

const provider = providerOf(() => `opaque-${++tokens}`);

beforeEach(() => {
  tokens = 0;
  store = oauthStore(() => provider);
});

afterEach(() => {
  store.close();
  server.kill();
});

/** Runs a statement. Each reading of the clock is later than the previous reading. */
async function stagesOf(options: TestServerOptions, json: MicromegasSettings, secrets: Record<string, string> = {}) {
  server = await startFlightServer(options);
  const { instance } = store.acquire({
    uid: 'u1',
    orgId: 1,
    name: 'Lake',
    jsonData: Buffer.from(JSON.stringify({ host: `127.0.0.1:${server.port}`, ...json })),
    decryptedSecureJsonData: secrets,
    lastUpdatedMs: 1,
  });
  let ms = 0;
  const stages = new QueryStages(() => ++ms);
  const call = {
    origin: { entrypoint: 'dashboard' },
    signal: new AbortController().signal,
    memory: unlimitedAccount(),
    stages,
  };
  let failure: ProxyError | undefined;
  try {
    for await (const message of instance.execute('SELECT 7', call)) {
      void message;
    }
  } catch (reason) {
    failure = reason as ProxyError;
  }
  return { names: stages.intervals.map(({ stage }) => stage), code: failure?.code };
}

it.each([
  [{ selectedAuthType: 'none' }, {}],
  [{ selectedAuthType: 'token' }, { token: 'a-key-of-micromegas' }],
] as const)('a call without a service account waits for no token: %p', async (settings, secrets) => {
  expect(await stagesOf({}, settings, secrets)).toEqual({ names: ['first_batch', 'receive'] });
});

it('a service account waits for its token', async () => {
  expect(await stagesOf({}, OAUTH, { oauthClientSecret: 's' })).toEqual({ names: ['token', 'first_batch', 'receive'] });
});

it('a rejected token adds a second wait and a second call', async () => {
  const error: TestServerOptions['error'] = (metadata) =>
    String(metadata.get('authorization')) === 'Bearer opaque-1'
      ? { code: Status.UNAUTHENTICATED, details: 'invalid token' }
      : undefined;
  expect(await stagesOf({ error }, OAUTH, { oauthClientSecret: 's' })).toEqual({
    names: ['token', 'first_batch', 'token', 'first_batch', 'receive'],
  });
});

it('a call that fails has the stages until its failure', async () => {
  const error = () => ({ code: Status.INVALID_ARGUMENT, details: 'no such table' });
  expect(await stagesOf({ error }, { selectedAuthType: 'none' })).toEqual({
    names: ['first_batch'],
    code: 'query_invalid',
  });
});
