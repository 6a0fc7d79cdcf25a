/**
 * Tests the single executable that the package for Windows contains. The tests build the executable in the same way for
 * Linux. Grafana starts the executable directly. The executable reads the files in its folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlugin } from '../../demo/plugin-host/plugin-process';
import { buildExecutableForThisSystem } from '../../scripts/package/windows-executable';
import { type DemoServices, startDemoServices } from '../support/demo-services';
import { onlyFrame } from '../support/frames';
import { ADA, copyBackend, DIST, runQuery } from '../support/plugin';

// The executable is built with postject, which works differently for programs of other systems.
const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a single executable', () => {
  let folder: string;
  let executable: string;
  let demo: DemoServices;

  beforeAll(async () => {
    // postject prints warnings about ELF notes in the program, which can be ignored.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    folder = mkdtempSync(join(tmpdir(), 'mm single '));
    executable = join(folder, 'gpx_micromegas_single');
    const built = buildExecutableForThisSystem({ proxyBundle: join(DIST, 'proxy.cjs'), out: executable });
    copyBackend(folder, ['sql-parser.cjs', 'sql-parser.wasm']);
    [demo] = await Promise.all([startDemoServices(), built]);
  }, 120_000);

  afterAll(async () => {
    jest.restoreAllMocks();
    await demo.stop();
    rmSync(folder, { recursive: true });
  });

  it('runs queries with filters, ignores the setting `node` and logs a warning, and exits on request', async () => {
    const plugin = await startPlugin({ executable, env: { GF_PLUGIN_NODE: '/opt/node' } });
    const frame = onlyFrame(
      await runQuery(
        plugin,
        {
          jsonData: { host: demo.lakehouse, selectedAuthType: 'token' },
          secureJsonData: { token: demo.apiKey },
          user: ADA,
        },
        {
          query: 'SELECT exe FROM processes',
          version: 2,
          autoLimit: false,
          filters: [{ key: 'exe', operator: '!=', value: 'x' }],
        }
      )
    );
    expect(frame.column('exe').length).toBeGreaterThan(0);
    expect(frame.meta.executedQueryString).toContain("exe <> 'x'");
    const { graceful } = await plugin.shutdown();
    expect(graceful).toBe(true);
    expect(plugin.logs.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('setting node is ignored') }),
    ]);
  });

  it('reports the address of a sidecar to Grafana', async () => {
    const plugin = await startPlugin({ executable, env: { GF_PLUGIN_BACKEND_ADDRESS: '127.0.0.1:4711' } });
    expect(plugin.address).toBe('127.0.0.1:4711');
    plugin.close();
    plugin.kill();
    await plugin.exited;
  });
});
