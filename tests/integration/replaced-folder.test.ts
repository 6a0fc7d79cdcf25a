/**
 * An update of the plugin replaces its folder while the old process still runs. The process must still be able to load
 * modules at their first use: the parser of filters, the libraries of the sign-in, and the decompression of results.
 * The modules for frames, fields and metrics are in the bundle, which is read at the start.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { splitStream } from '../../proxy/frames/arrow-ipc/testing/ipc-bytes';
import {
  finish,
  flightData,
  startFlightServer,
  type TestServer,
} from '../../proxy/lakehouse/flight-sql/testing/flight-test-server';
import { type DemoServices, startDemoServices } from '../support/demo-services';
import { codeOf } from '../support/error-code';
import { onlyFrame } from '../support/frames';
import {
  ADA,
  BACKEND_FILES,
  copyBackend,
  NODE_ENVIRONMENT,
  pluginContext,
  ROOT,
  runQuery,
  type Source,
} from '../support/plugin';

const ZSTANDARD = join(ROOT, 'proxy', 'frames', 'data-frames', 'golden', 'every-type-zstd.arrows');

let root: string;
let demo: DemoServices;
let source: Source;
let plugin: PluginProcess;

beforeAll(async () => {
  demo = await startDemoServices();
  source = {
    jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
    secureJsonData: { token: demo.apiKey },
    user: ADA,
  };
}, 60_000);

afterAll(() => demo.stop());

/** Starts the plugin in a new folder. @param without Name of a file that is not copied into the folder. */
async function start(without?: string): Promise<string> {
  root = mkdtempSync(join(tmpdir(), 'mm-replaced-'));
  const folder = join(root, 'plugin');
  const files = BACKEND_FILES.filter((name) => name !== without);
  plugin = await startPlugin({ executable: copyBackend(folder, files), env: NODE_ENVIRONMENT });
  return folder;
}

afterEach(async () => {
  const { graceful } = await plugin.shutdown();
  expect(graceful).toBe(true);
  rmSync(root, { recursive: true });
});

const filtered: MicromegasQueryFields = {
  query: 'SELECT exe FROM processes',
  version: 2,
  autoLimit: false,
  filters: [{ key: 'exe', operator: '!=', value: 'x' }],
};

describe('after another version replaced the folder, and the old folder was removed', () => {
  let compressed: TestServer;

  beforeAll(async () => {
    compressed = await startFlightServer({
      doGet: (_sql, call) =>
        finish(call, ...splitStream(readFileSync(ZSTANDARD)).map(({ header, body }) => flightData(header, body))),
    });
  });

  afterAll(() => compressed.kill());

  it('inserts filters, signs in with OAuth, decompresses results and lists tables', async () => {
    const folder = await start();
    const other = join(root, 'other');
    mkdirSync(other);
    for (const file of BACKEND_FILES) {
      writeFileSync(join(other, file), 'the file of another version');
    }
    renameSync(folder, join(root, 'old'));
    renameSync(other, folder);
    rmSync(join(root, 'old'), { recursive: true });

    const inserted = onlyFrame(await runQuery(plugin, source, filtered));
    expect(inserted.meta.executedQueryString).toContain("exe <> 'x'");
    expect(inserted.column('exe').length).toBeGreaterThan(0);

    const oauth: Source = {
      ...source,
      uid: 'oauth',
      jsonData: {
        host: demo.lakehouse,
        selectedAuthType: 'oauth2',
        oauthIssuer: demo.issuer,
        oauthClientId: demo.clientId,
        oauthAudience: demo.audience,
      },
      secureJsonData: { oauthClientSecret: demo.clientSecret },
    };
    expect((await plugin.checkHealth({ pluginContext: pluginContext(oauth) })).message).toMatch(/signed in with OAuth/);

    const zstandard: Source = {
      uid: 'compressed',
      jsonData: { host: `127.0.0.1:${compressed.port}`, selectedAuthType: 'none' },
    };
    const model = { query: 'SELECT 1', version: 2, timeFilter: false, autoLimit: false };
    expect(onlyFrame(await runQuery(plugin, zstandard, model)).rowCount).toBeGreaterThan(0);

    const tables = await plugin.callResource({ context: pluginContext(source), path: 'tables' });
    expect(tables.status).toBe(200);
  });
});

it('uses no file that was overwritten, and reports that Grafana must be restarted', async () => {
  const folder = await start();
  // The same length, so that only the content differs.
  const script = join(folder, 'sql-parser.cjs');
  writeFileSync(script, Buffer.alloc(readFileSync(script).length, ' '));
  const rejected = await runQuery(plugin, source, filtered);
  expect(codeOf(rejected.error)).toBe('plugin_files_changed');
  expect(rejected.error).toMatch(/sql-parser\.cjs.*Restart Grafana/);
  expect(plugin.logs).toContainEqual(
    expect.objectContaining({ level: 'error', message: expect.stringContaining('SQL parser cannot be loaded') })
  );
  const plain = await runQuery(plugin, source, { ...filtered, filters: [] });
  expect(onlyFrame(plain).column('exe').length).toBeGreaterThan(0);
});

it('runs queries without filters if a file of the parser is missing', async () => {
  await start('sql-parser.wasm');
  expect(codeOf((await runQuery(plugin, source, filtered)).error)).toBe('plugin_files_changed');
  expect((await runQuery(plugin, source, { ...filtered, filters: [] })).status).toBe(200);
});
