/**
 * The watch over secrets itself: it must find what it is there to find, or its silence in the other files means nothing.
 */
import { signingKey } from '../fakes/providers/signing-keys';
import { ADA, pluginContext, startBuiltPlugin } from '../support/plugin';
import { SecretWatch, secretWatch } from '../support/secret-watch';
import { AUTHORITY, CLIENT } from '../support/certificates';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJncmFmYW5hIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
const SECRET = 's3cret+with/=%~signs';

describe('finds', () => {
  const cases: Array<{ name: string; secret: string; said: string | Uint8Array }> = [
    { name: 'a secret as it is', secret: SECRET, said: `{"@message":"asking with ${SECRET}"}` },
    { name: 'a secret in a form', secret: SECRET, said: 'client_secret=s3cret%2Bwith%2F%3D%25%7Esigns&x=1' },
    { name: 'a secret in an address', secret: SECRET, said: `https://x/?s=${encodeURIComponent(SECRET)}` },
    { name: 'a secret in base64', secret: SECRET, said: Buffer.from(SECRET).toString('base64') },
    { name: 'a secret in hexadecimal digits', secret: SECRET, said: Buffer.from(SECRET).toString('hex') },
    { name: 'a token', secret: TOKEN, said: `Bearer ${TOKEN}` },
    { name: 'the signature of a token alone', secret: TOKEN, said: 'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg' },
    { name: 'a secret amid bytes', secret: SECRET, said: Buffer.concat([Buffer.of(0, 255), Buffer.from(SECRET)]) },
    { name: 'a line of a private key', secret: CLIENT.key, said: CLIENT.key.split('\n')[1] },
    { name: 'a secret with quotes in JSON', secret: 'quo"ted\\secret', said: JSON.stringify('quo"ted\\secret') },
  ];

  it.each(cases)('$name', ({ secret, said }) => {
    const watch = new SecretWatch();
    watch.record('log', 'nothing to see');
    watch.add(secret);
    expect(watch.findings()).toEqual([]);
    watch.record('log', said);
    expect(watch.findings()).toContainEqual(expect.objectContaining({ source: 'log' }));
  });

  it('the private key of a key file', async () => {
    const { privatePem } = await signingKey('watched');
    const watch = new SecretWatch();
    watch.add(JSON.stringify({ client_email: 'grafana@example.com', private_key: privatePem }));
    watch.record('log', 'grafana@example.com signs in');
    expect(watch.findings()).toEqual([]);
    watch.record('answer', privatePem.split('\n')[3]);
    expect(watch.findings()).toHaveLength(1);
  });

  it('credentials of a Basic header', () => {
    const watch = new SecretWatch();
    watch.addBasic('client', 'the-secret');
    watch.record('log', `Basic ${Buffer.from('client:the-secret').toString('base64')}`);
    expect(watch.findings()).not.toEqual([]);
  });
});

it('does not take certificates for secrets', () => {
  const watch = new SecretWatch();
  watch.add(AUTHORITY);
  watch.record('log', AUTHORITY);
  expect(watch.findings()).toEqual([]);
});

it("hears a plugin's log at debug, its answers and its refusals", async () => {
  const plugin = await startBuiltPlugin();
  const jsonData = { host: 'lake.invalid:1' };
  const context = pluginContext({ jsonData, secureJsonData: { token: 'heard-key-1234' }, user: ADA });
  await plugin.checkHealth({ pluginContext: context });
  await plugin.callResource({ context, path: 'no-such-path' });
  await plugin.checkHealth({ pluginContext: context }, { signal: AbortSignal.abort() }).catch(() => undefined);
  await plugin.shutdown();
  expect(plugin.logs.map(({ level }) => level)).toContain('debug');
  const { recorded, needles } = secretWatch.size;
  expect(recorded).toBeGreaterThan(plugin.logs.length + 2);
  expect(needles).toBeGreaterThan(0);
  expect(secretWatch.findings()).toEqual([]);
  // What the answers and the log do hold is found.
  secretWatch.addAll(['lake.invalid', 'health check failed']);
  expect(new Set(secretWatch.findings().map(({ source }) => source))).toEqual(new Set(['answer', 'log']));
});
