/**
 * Tests, over the plugin protocol, what users see while the backend can open no further file or connection. The test
 * lowers the limit of the running process. What is already open stays open.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { endLoopback } from '../../proxy/lakehouse/network/testing/loopback';
import { startSocksServer } from '../../proxy/lakehouse/network/testing/socks-server';
import { startMicromegas } from '../fakes/micromegas';
import { generic } from '../fakes/providers/generic';
import { AUTHORITY, LOCALHOST } from '../support/certificates';
import { codeOf } from '../support/error-code';
import { eventually } from '../support/eventually';
import { pluginContext, runQuery, type Source } from '../support/plugin';
import { expectNoSecretsAtEnd } from '../support/secret-watch';
import { API_KEY, useSignInLab } from '../support/sign-in-lab';

/** A usual soft limit of a process. */
const USUAL_LIMIT = 1024;
/** The handles 0 to 2 are always open, so with this limit every other handle is refused. */
const STANDARD_STREAMS = 3;

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'handles-')));
const authorities = join(folder, 'authorities.pem');
writeFileSync(authorities, AUTHORITY);
const lab = useSignInLab({
  env: {
    SSL_CERT_FILE: authorities,
    GF_PLUGIN_ALLOWED_FILE_FOLDERS: folder,
    GF_PLUGIN_ALLOWED_HOSTS: '127.0.0.1,localhost',
  },
});

expectNoSecretsAtEnd();

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await endLoopback();
});

const withKey = (changes = {}) => lab.source({ selectedAuthType: 'token', ...changes }, { token: API_KEY.key });

/** Each data source opens connections of its own. */
const SOURCES: Record<string, () => Source | Promise<Source>> = {
  'a server by its address': () => withKey(),
  'a server by its name': () => withKey({ host: lab.micromegas.address.replace('127.0.0.1', 'localhost') }),
  'a SOCKS proxy': async () => {
    const { port } = await startSocksServer();
    return {
      ...withKey({ enableSecureSocksProxy: true }),
      grafanaConfig: {
        GF_SECURE_SOCKS_DATASOURCE_PROXY_SERVER_ENABLED: 'true',
        GF_SECURE_SOCKS_DATASOURCE_PROXY_PROXY_ADDRESS: `127.0.0.1:${port}`,
        GF_SECURE_SOCKS_DATASOURCE_PROXY_ALLOW_INSECURE: 'true',
      },
    };
  },
  'an identity provider': async () => lab.oauth(await lab.provider(generic)),
  'a file with a secret': async () => {
    const tested = await lab.provider(generic);
    const path = join(folder, 'client-secret');
    writeFileSync(path, tested.provider.client.secret);
    const oauth = lab.oauth(tested, { oauthClientProof: 'secret_file', oauthSecretFile: path });
    return { ...oauth, secureJsonData: {} };
  },
};

const run = async (source: Source, model: MicromegasQueryFields = {}) => {
  const { error, status } = await runQuery(lab.plugin, source, { query: 'SELECT 1 AS one', version: 2, ...model });
  return { error, code: codeOf(error), status };
};

const setLimit = (handles: number) =>
  execFileSync('prlimit', ['--pid', String(lab.plugin.pid), `--nofile=${handles}:`]);

/** Runs a function while the backend can open nothing, or only handles below the limit. */
async function withoutHandles<T>(body: () => Promise<T>, limit = STANDARD_STREAMS): Promise<T> {
  setLimit(limit);
  try {
    return await body();
  } finally {
    setLimit(USUAL_LIMIT);
  }
}

/** A limit with which the backend can open one handle. */
function limitForOne(): number {
  const open = new Set(readdirSync(`/proc/${lab.plugin.pid}/fd`).map(Number));
  const free = Array.from({ length: open.size + 2 }, (_, handle) => handle).filter((handle) => !open.has(handle));
  return free[1];
}

/** A failed sign-in is repeated after some seconds. */
const untilOk = (source: Source) =>
  eventually('The result', 10_000, async () => ((await run(source)).error === '' ? true : undefined));

const onLinux = process.platform === 'linux' ? describe : describe.skip;
const NO_HANDLES = { code: 'no_file_handles', status: 503 };

onLinux('without free file handles', () => {
  it('says so if the thread of the parser does not start', async () => {
    const source = withKey();
    const model: MicromegasQueryFields = {
      query: 'SELECT time, level FROM log_entries',
      adHocFilters: [{ key: 'level', operator: '=', value: '4' }],
    };
    // Opens a connection without a job for the parser.
    expect(await lab.plugin.callResource({ context: pluginContext(source), path: 'tables' })).toMatchObject({
      status: 200,
    });
    expect(await withoutHandles(() => run(source, model))).toMatchObject(NO_HANDLES);
    expect(await run(source, model)).toMatchObject({ error: '' });
  });

  it('reads the authorities of the system again, when the file could not be opened', async () => {
    const server = await startMicromegas({ apiKeys: [API_KEY], tls: LOCALHOST });
    try {
      const source = withKey({ host: server.address, secure: true });
      // The connection takes the handle.
      expect(await withoutHandles(() => run(source), limitForOne())).toMatchObject(NO_HANDLES);
      expect(await run(source)).toMatchObject({ error: '' });
    } finally {
      await server.close();
    }
  });

  it.each(Object.entries(SOURCES))('says so to the users of %s, and works again afterwards', async (_, make) => {
    const source = await make();
    const [failed, check] = await withoutHandles(async () => [await run(source), await lab.saveAndTest(source)]);
    expect(failed).toMatchObject(NO_HANDLES);
    expect(failed.error).toContain('limit of open files');
    expect(check.code).toBe('no_file_handles');
    await untilOk(source);
  });
});
