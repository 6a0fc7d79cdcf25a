/** Tests the restrictions that the operator of Grafana sets for data sources, and secrets in files. */
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode } from '../../proxy/base/errors/catalogue';
import { type PluginProcess } from '../../demo/plugin-host/plugin-process';
import { startMicromegas, type Micromegas } from '../fakes/micromegas';
import { generic, WORKLOAD } from '../fakes/providers/generic';
import { signingKey } from '../fakes/providers/signing-keys';
import { SignJWT } from 'jose';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import { runQuery, startBuiltPlugin, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd, secretWatch } from '../support/secret-watch';
import { API_KEY, healthOf, useSignInLab, type TestedProvider } from '../support/sign-in-lab';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'secrets-')));
const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'elsewhere-')));
const lab = useSignInLab({
  env: { GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder, GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1' },
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(elsewhere, { recursive: true });
});

describe('hosts', () => {
  const cases: Array<{ name: string; env: Record<string, string>; code?: ErrorCode; word?: RegExp; oauth?: boolean }> =
    [
      { name: 'allows every host if the operator names none', env: {}, word: /operator of Grafana: none/ },
      { name: 'allows the named host', env: { GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1' }, word: /allowed_hosts = 127/ },
      { name: 'rejects a host that is not named', env: { GF_PLUGIN_ALLOWED_HOSTS: '*.example.com' }, code: 'host_not_allowed', word: /127\.0\.0\.1/ }, // prettier-ignore
      { name: 'rejects a port that is not named', env: { GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1:1' }, code: 'host_not_allowed', word: /allowed_hosts/ }, // prettier-ignore
      {
        name: 'rejects every host if an entry is invalid',
        env: { GF_PLUGIN_ALLOWED_HOSTS: '///' },
        code: 'host_not_allowed',
      },
      { name: 'rejects every host if the key of the hosts is mistyped', env: { GF_PLUGIN_ALLOWED_HOST: '127.0.0.1' }, code: 'restriction_mistyped', word: /allowed_hosts is probably meant/ }, // prettier-ignore
      { name: 'rejects every host if the key of the switch is mistyped', env: { GF_PLUGIN_REFUSE_PLAINTEXT_TOKEN: 'true' }, code: 'restriction_mistyped', word: /refuse_plaintext_tokens/ }, // prettier-ignore
      {
        name: 'allows server and provider on the named host',
        env: { GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1' },
        oauth: true,
      },
    ];

  it.each(cases)('$name', async ({ env, code, word, oauth }) => {
    const own = await startBuiltPlugin(env);
    const source =
      oauth === true
        ? lab.oauth(await lab.provider(generic))
        : lab.source({ selectedAuthType: 'token' }, { token: API_KEY.key });
    const outcome = await healthOf(own, source);
    const { error } = await runQuery(own, source, { query: 'SELECT 1' });
    await own.shutdown();
    expect(`${outcome.code} ${outcome.report}`).toMatch(new RegExp(`^${code} `));
    expect(outcome.report).toMatch(word ?? /./);
    expect(error === '').toBe(code === undefined);
  });

  it('sends no request to a provider on a host that is not allowed', async () => {
    const own = await startBuiltPlugin({ GF_PLUGIN_ALLOWED_HOSTS: lab.micromegas.address });
    const tested = await lab.provider(generic);
    const { code, report } = await healthOf(own, lab.oauth(tested));
    await own.shutdown();
    expect(code).toBe('host_not_allowed');
    expect(report).toContain(new URL(tested.provider.issuer).host);
    expect(tested.provider.paths).toEqual([]);
  });

  it('sends no request to a token endpoint on a host that is not allowed', async () => {
    const tested = await lab.provider(generic);
    tested.provider.behaviour.isTokenHostOther = true;
    const oauthEndpointHosts = new URL(tested.provider.tokenEndpoint).host;
    const allowed = `${lab.micromegas.address},${new URL(tested.provider.issuer).host}`;
    const own = await startBuiltPlugin({ GF_PLUGIN_ALLOWED_HOSTS: allowed });
    const { ok, code } = await healthOf(own, lab.oauth(tested, { oauthEndpointHosts }));
    await own.shutdown();
    expect({ ok, code }).toEqual({ ok: false, code: 'host_not_allowed' });
    expect(tested.provider.tokenRequests).toEqual([]);
  });
});

describe('tokens in plaintext', () => {
  it.each([
    { name: 'does not send a token to another machine', host: 'lake.example.com:50051', code: 'plaintext_refused' },
    { name: 'sends a token to a server on the same machine', host: undefined, code: undefined },
  ])('$name', async ({ host, code }) => {
    const own = await startBuiltPlugin({ GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS: 'true' });
    const address = host ?? lab.micromegas.address;
    const outcome = await healthOf(
      own,
      lab.source({ host: address, selectedAuthType: 'token' }, { token: API_KEY.key })
    );
    await own.shutdown();
    expect(outcome.code).toBe(code);
  });
});

describe('secrets in files', () => {
  let tested: TestedProvider;
  const fromFile = (oauthSecretFile: string): Source => {
    const source = lab.oauth(tested, { oauthClientProof: 'secret_file', oauthSecretFile });
    return { ...source, secureJsonData: {} };
  };

  beforeEach(async () => {
    tested = await lab.provider(generic);
    secretWatch.add(tested.provider.client.secret);
  });

  it('reads the file again for each token request', async () => {
    const path = join(folder, 'client-secret');
    writeFileSync(path, `${tested.provider.client.secret}\n`);
    const source = fromFile(path);
    expect((await lab.saveAndTest(source)).code).toBeUndefined();
    // The platform renews the secret. The provider rejects the old secret, so the plugin must read the file again.
    tested.provider.client.secret = 'the-next-secret-9f8e7d';
    secretWatch.add(tested.provider.client.secret);
    writeFileSync(path, tested.provider.client.secret);
    lab.micromegas.revokeTokens();
    expect(onlyFrame(await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' })).rowCount).toBe(1);
    expect(tested.provider.tokenRequests.map(({ client }) => client.secret).at(-1)).toBe('the-next-secret-9f8e7d');
  });

  it('signs in again as soon as a file with a wrong secret changes', async () => {
    const path = join(folder, 'corrected-secret');
    writeFileSync(path, 'a-secret-that-was-never-right');
    const source = fromFile(path);
    const query = () => runQuery(lab.plugin, source, { query: 'SELECT 1 AS one' });
    expect(await query()).toMatchObject({ status: 401 });
    const { length } = tested.provider.tokenRequests;
    expect(await query()).toMatchObject({ status: 401 });
    expect(tested.provider.tokenRequests).toHaveLength(length);
    writeFileSync(path, tested.provider.client.secret);
    expect(onlyFrame(await query()).rowCount).toBe(1);
  });

  const rejected: Array<{ name: string; path: () => string; code: ErrorCode }> = [
    { name: 'outside of the folders', path: () => join(elsewhere, 'secret'), code: 'file_not_allowed' },
    {
      name: 'that is reached through a link out of the folder',
      path: () => join(folder, 'link'),
      code: 'file_not_allowed',
    },
    { name: 'whose path leaves the folder through a parent folder', path: () => `${folder}/../${elsewhere.split('/').at(-1)}/secret`, code: 'file_not_allowed' }, // prettier-ignore
    { name: 'that does not exist', path: () => join(folder, 'missing'), code: 'file_unreadable' },
  ];

  it.each(rejected)('does not read a file $name', async ({ path, code }) => {
    writeFileSync(join(elsewhere, 'secret'), tested.provider.client.secret);
    rmSync(join(folder, 'link'), { force: true });
    symlinkSync(join(elsewhere, 'secret'), join(folder, 'link'));
    expect((await lab.saveAndTest(fromFile(path()))).code).toBe(code);
    expect(tested.provider.tokenRequests).toEqual([]);
  });

  it('does not read a file if no folder is allowed', async () => {
    const path = join(folder, 'unused');
    writeFileSync(path, tested.provider.client.secret);
    const own = await startBuiltPlugin();
    const { code, report } = await healthOf(own, fromFile(path));
    await own.shutdown();
    expect(code).toBe('file_not_allowed');
    expect(report).toMatch(/allowed_file_folders/);
  });

  describe('a file that another organization uses for its own server', () => {
    let attacker: Micromegas;
    let own: PluginProcess | undefined;

    beforeAll(async () => {
      attacker = await startMicromegas({});
    }, 60_000);

    afterEach(() => own?.shutdown());
    afterAll(() => attacker.close());

    async function bothSources(env: Record<string, string>): Promise<{ victim: Source; thief: Source }> {
      const path = join(folder, 'shared-secret');
      writeFileSync(path, tested.provider.client.secret);
      own = await startBuiltPlugin({ GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder, ...env });
      const victim = fromFile(path);
      const jsonData = { ...victim.jsonData, host: attacker.address };
      return { victim, thief: { ...victim, uid: 'thief', orgId: 2n, jsonData } };
    }

    async function codeOfQuery(source: Source): Promise<ErrorCode | undefined> {
      const { error } = await runQuery(own ?? lab.plugin, source, { query: 'SELECT 1' });
      return codeOf(error);
    }

    it('gives that server no token, new or cached, if only some hosts are allowed', async () => {
      const hosts = [lab.micromegas.address, new URL(tested.provider.issuer).host];
      const { victim, thief } = await bothSources({ GF_PLUGIN_ALLOWED_HOSTS: hosts.join(',') });
      expect(await codeOfQuery(thief)).toBe('host_not_allowed');
      expect(tested.provider.tokenRequests).toHaveLength(0);
      expect(await codeOfQuery(victim)).toBeUndefined();
      expect(await codeOfQuery(thief)).toBe('host_not_allowed');
      expect(tested.provider.tokenRequests).toHaveLength(1);
      expect(attacker.calls).toEqual([]);
    });

    it('is read for no data source if every host is allowed', async () => {
      const { victim, thief } = await bothSources({});
      for (const source of [victim, thief]) {
        expect(await codeOfQuery(source)).toBe('file_hosts_unrestricted');
        const { code, report } = await healthOf(own ?? lab.plugin, source);
        expect(code).toBe('file_hosts_unrestricted');
        expect(report).toMatch(/allowed_hosts/);
      }
      expect(tested.provider.tokenRequests).toEqual([]);
      expect(attacker.calls.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    });
  });

  it('sends the assertion of a platform unchanged', async () => {
    const key = await signingKey('client-rsa');
    const path = join(folder, 'assertion');
    const renew = async (id: string) => {
      const assertion = await new SignJWT({ jti: id })
        .setProtectedHeader({ alg: 'RS256', kid: key.kid })
        .setIssuer(WORKLOAD)
        .setSubject(WORKLOAD)
        .setAudience(tested.provider.issuer)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(key.privateKey);
      secretWatch.add(assertion);
      writeFileSync(path, `${assertion}\n`);
      return assertion;
    };
    const first = await renew('first');
    const source = lab.oauth(tested, { oauthClientProof: 'assertion_file', oauthAssertionFile: path });
    const withoutSecrets = { ...source, secureJsonData: {} };
    expect((await lab.saveAndTest(withoutSecrets)).code).toBeUndefined();
    const second = await renew('second');
    lab.micromegas.revokeTokens();
    onlyFrame(await runQuery(lab.plugin, withoutSecrets, { query: 'SELECT 1 AS one' }));
    const sent = tested.provider.tokenRequests.map(({ client }) => client.assertion);
    expect(sent).toEqual([first, second]);
  });
});

expectNoSecretsAtEnd();
