/**
 * Data sources share an access token only if they send it to the same server with the same TLS settings. A data source
 * with another destination gets its own token. If it got the cached token, its admin could send the token of another
 * data source to any server.
 */
import { startMicromegas, type Micromegas } from '../fakes/micromegas';
import { generic } from '../fakes/providers/generic';
import { AUTHORITY } from '../support/certificates';
import { codeOf } from '../support/error-code';
import { runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { useSignInLab, type TestedProvider } from '../support/sign-in-lab';

const lab = useSignInLab();
let other: Micromegas;

beforeAll(async () => {
  other = await startMicromegas({});
}, 60_000);

afterAll(() => other.close());

const query = { query: 'SELECT 1 AS one' };

/** A data source with a cached token. The provider of the token fails all further requests. */
async function withCachedToken(): Promise<{ tested: TestedProvider; source: Source }> {
  const tested = await lab.provider(generic);
  const source = lab.oauth(tested);
  expect((await runQuery(lab.plugin, source, query)).error).toBe('');
  tested.provider.behaviour.fault = 'down';
  return { tested, source };
}

describe('a cached token', () => {
  const destinations: Array<{ name: string; settings: () => Source['jsonData'] }> = [
    { name: 'another port', settings: () => ({ host: other.address }) },
    { name: 'another host', settings: () => ({ host: `localhost:${lab.micromegas.port}` }) },
    { name: 'TLS', settings: () => ({ secure: true }) },
    { name: 'TLS without verification', settings: () => ({ secure: true, tlsSkipVerify: true }) },
    { name: 'TLS with a certificate authority', settings: () => ({ secure: true, tlsAuthWithCACert: true }) },
    { name: 'TLS with another server name', settings: () => ({ secure: true, serverName: 'lake.example.com' }) },
  ];

  it.each(destinations)('is not used for another destination: $name', async ({ settings }) => {
    const { tested, source } = await withCachedToken();
    const foreign: Source = {
      ...source,
      uid: `${source.uid}-foreign`,
      orgId: 2n,
      jsonData: { ...source.jsonData, ...settings() },
      secureJsonData: { ...source.secureJsonData, tlsCACert: AUTHORITY },
    };
    const { error } = await runQuery(lab.plugin, foreign, query);
    expect(codeOf(error)).toBe('provider_down');
    expect(tested.provider.tokenRequests).toHaveLength(2);
    expect(other.calls).toEqual([]);
    // The first data source is not affected.
    expect((await runQuery(lab.plugin, source, query)).error).toBe('');
  });

  it('is shared by 300 data sources that have the same destination', async () => {
    const { tested, source } = await withCachedToken();
    const all = Array.from({ length: 300 }, (_, index) => ({
      ...source,
      uid: `shared-${index}`,
      orgId: BigInt(index),
    }));
    const responses = await Promise.all(all.map((each) => runQuery(lab.plugin, each, query)));
    expect(responses.map(({ error }) => error).filter((error) => error !== '')).toEqual([]);
    expect(tested.provider.tokenRequests).toHaveLength(1);
  });
});

expectNoSecretsAtEnd();
