/** Tests of `SecretWatch` itself. If it missed secrets, the other test files would prove nothing. */
import { signingKey } from '../fakes/providers/signing-keys';
import { ADA, pluginContext, startBuiltPlugin } from '../support/plugin';
import { SecretWatch, secretWatch } from '../support/secret-watch';
import { AUTHORITY, CLIENT } from '../support/certificates';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJncmFmYW5hIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
const SECRET = 's3cret+with/=%~signs';

describe('SecretWatch', () => {
  const cases: Array<{ name: string; secret: string; output: string | Uint8Array }> = [
    { name: 'a secret without encoding', secret: SECRET, output: `{"@message":"asking with ${SECRET}"}` },
    {
      name: 'a secret in a form-encoded body',
      secret: SECRET,
      output: 'client_secret=s3cret%2Bwith%2F%3D%25%7Esigns&x=1',
    },
    { name: 'a secret in a URL', secret: SECRET, output: `https://x/?s=${encodeURIComponent(SECRET)}` },
    { name: 'a secret in base64', secret: SECRET, output: Buffer.from(SECRET).toString('base64') },
    { name: 'a secret in hexadecimal digits', secret: SECRET, output: Buffer.from(SECRET).toString('hex') },
    { name: 'a token', secret: TOKEN, output: `Bearer ${TOKEN}` },
    { name: 'the signature of a token alone', secret: TOKEN, output: 'c2lnbmF0dXJlLW9mLXRoZS10b2tlbg' },
    {
      name: 'a secret in binary data',
      secret: SECRET,
      output: Buffer.concat([Buffer.of(0, 255), Buffer.from(SECRET)]),
    },
    { name: 'a line of a private key', secret: CLIENT.key, output: CLIENT.key.split('\n')[1] },
    {
      name: 'a line of a private key with escaped line breaks',
      secret: CLIENT.key.replaceAll('\n', '\\n'),
      output: CLIENT.key.split('\n')[1],
    },
    { name: 'a secret that begins like JSON', secret: '{not-json', output: 'with {not-json' },
    { name: 'a secret with quotes in JSON', secret: 'quo"ted\\secret', output: JSON.stringify('quo"ted\\secret') },
  ];

  it.each(cases)('finds $name', ({ secret, output }) => {
    const watch = new SecretWatch();
    watch.record('log', 'nothing to see');
    watch.add(secret);
    expect(watch.findings()).toEqual([]);
    watch.record('log', output);
    expect(watch.findings()).toContainEqual(expect.objectContaining({ source: 'log' }));
  });

  it('finds the private key of a key file', async () => {
    const { privatePem } = await signingKey('watched');
    const watch = new SecretWatch();
    watch.add(JSON.stringify({ client_email: 'grafana@example.com', private_key: privatePem }));
    watch.record('log', 'grafana@example.com signs in');
    expect(watch.findings()).toEqual([]);
    watch.record('response', privatePem.split('\n')[3]);
    expect(watch.findings()).toHaveLength(1);
  });

  it('finds the credentials of a Basic header', () => {
    const watch = new SecretWatch();
    watch.addBasic('client', 'the-secret');
    watch.record('log', `Basic ${Buffer.from('client:the-secret').toString('base64')}`);
    expect(watch.findings()).not.toEqual([]);
  });
});

it('ignores certificates', () => {
  const watch = new SecretWatch();
  watch.add(AUTHORITY);
  watch.record('log', AUTHORITY);
  expect(watch.findings()).toEqual([]);
});

it("records a plugin's log, including debug messages, and its responses", async () => {
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
  // Responses and log were recorded: each of them contains one of these strings.
  secretWatch.addAll(['lake.invalid', 'health check failed']);
  expect(new Set(secretWatch.findings().map(({ source }) => source))).toEqual(new Set(['response', 'log']));
});
