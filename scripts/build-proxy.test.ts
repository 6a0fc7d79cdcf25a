/** The launcher and the life of the process that it becomes, on a plugin with fake handlers, started as Grafana does. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginClient } from '../demo/plugin-host/plugin-client';
import { startPlugin, type PluginProcess } from '../demo/plugin-host/plugin-process';
import { fakeQuery } from '../tests/fakes/fake-handlers';
import { copyLaunchers } from './build-proxy';
import { bundleProxy } from './proxy-bundle';

const LAUNCHER = 'gpx_micromegas_linux_amd64';
/** Names Node.js as the ini file does: the tests' own Node.js may be in no usual place. */
const NODE = { GF_PLUGIN_NODE: process.execPath };

let folder: string;
let executable: string;
let plugins: PluginProcess[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mm-plugin-'));
  executable = join(folder, LAUNCHER);
  await bundleProxy(join(__dirname, '..', 'tests', 'fakes', 'fake-plugin.ts'), join(folder, 'proxy.cjs'));
  copyLaunchers('gpx_micromegas', folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  plugins = [];
});

afterEach(async () => {
  for (const plugin of plugins) {
    plugin.close();
    plugin.kill('SIGTERM');
    await plugin.exited;
  }
});

async function start(env: Record<string, string> = NODE, file = executable): Promise<PluginProcess> {
  const plugin = await startPlugin({ executable: file, env });
  plugins.push(plugin);
  return plugin;
}

function socketOf(plugin: PluginProcess): string {
  return plugin.address.replace('unix:', '');
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(file: string, env: Record<string, string>, args: string[] = []): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A program that says it is this version of Node.js. */
function fakeNode(name: string, version: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit 0\necho "ran: $*" >&2\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a plugin that Grafana started', () => {
  it('says where it listens, and answers there', async () => {
    const plugin = await start();
    expect(existsSync(socketOf(plugin))).toBe(true);
    const { responses } = await plugin.queryData({ queries: [fakeQuery('A')] });
    expect(responses.A.status).toBe(200);
    expect(await plugin.collectMetrics()).toContain('fake 1');
  });

  it('ends in time when asked, and takes its socket away', async () => {
    const plugin = await start();
    const hanging = plugin.queryData({ queries: [fakeQuery('A', { hang: true })] }).catch((error: Error) => error);
    await plugin.collectMetrics();
    const { graceful, tookMs } = await plugin.shutdown();
    await hanging;
    expect(graceful).toBe(true);
    expect(tookMs).toBeLessThan(1900);
    expect(existsSync(socketOf(plugin))).toBe(false);
  });

  it('ends by SIGTERM, not by the SIGINT of a Ctrl-C meant for Grafana', async () => {
    const plugin = await start();
    plugin.kill('SIGINT');
    expect(await plugin.collectMetrics()).toContain('fake 1');
    plugin.kill('SIGTERM');
    expect(await plugin.exited).toBe(0);
    expect(existsSync(socketOf(plugin))).toBe(false);
  });

  it('outlives a failing query', async () => {
    const plugin = await start();
    await expect(plugin.queryData({ queries: [fakeQuery('A', { fail: 'bug' })] })).rejects.toThrow();
    expect(await plugin.collectMetrics()).toContain('fake 1');
    expect(plugin.logs).toContainEqual(expect.objectContaining({ level: 'error', message: 'Call failed' }));
  });

  it('says why when it ends by a bug', async () => {
    const plugin = await start();
    plugin.queryData({ queries: [fakeQuery('A', { crash: true, hang: true })] }).catch(() => undefined);
    expect(await plugin.exited).toBe(1);
    expect(existsSync(socketOf(plugin))).toBe(false);
    const [line] = plugin.logs.filter(({ level }) => level === 'error');
    expect(line.fields.error).toContain('thrown outside of a call');
  });

  it('ends when Grafana was killed', async () => {
    // A shell stands for Grafana: it starts the plugin, waits for the line, and is gone.
    const script = `'${executable}' | { read line; echo "$line"; kill -9 $$; }`;
    const { stdout } = await run('/bin/sh', { grafana_plugin_type: 'datasource', ...NODE, script }, ['-c', script]);
    const path = stdout.trim().split('|')[3];
    // The pipes close, and so `run` returns, only when the plugin has ended too.
    expect(path).toContain('proxy.sock');
    expect(existsSync(path)).toBe(false);
  });
});

describe('the launcher', () => {
  it('prefers the Node.js that is configured', async () => {
    const ended = await run(executable, { GF_PLUGIN_NODE: fakeNode('chosen', 'v22.1.0') });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: `ran: --max-semi-space-size=8 ${folder}/proxy.cjs\n` });
  });

  it('passes over one that is too old, and says so', async () => {
    const old = fakeNode('old', 'v20.11.0');
    const ended = await run(executable, { GF_PLUGIN_NODE: old, PATH: join(folder, 'bin') });
    expect(ended.stderr).toMatch(/^\[WARN\] .*old, is missing or older than version 22/);
  });

  it('finds Node.js in PATH, and through a link to itself', async () => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    fakeNode('bin/node', 'v24.0.0');
    const link = join(folder, 'bin', 'linked');
    symlinkSync(`../${LAUNCHER}`, link);
    const ended = await run(link, { PATH: join(folder, 'bin') });
    expect(ended.stderr).toBe(`ran: --max-semi-space-size=8 ${folder}/bin/../proxy.cjs\n`);
  });

  it('says what to do when the bundle is missing', async () => {
    const alone = mkdtempSync(join(folder, 'alone-'));
    copyLaunchers('gpx_micromegas', alone);
    const ended = await run(join(alone, LAUNCHER), NODE);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^\[ERROR\] Micromegas data source: proxy\.cjs is missing .*\n$/);
  });

  it('refuses to run by hand', async () => {
    const ended = await run(executable, NODE);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^This program is the backend of the Micromegas data source[^\n]*\n$/);
  });
});

describe('a sidecar', () => {
  function sidecar(path: string): { ready: Promise<void>; exited: Promise<number | null>; stop: () => void } {
    const child = spawn(process.execPath, [join(folder, 'proxy.cjs'), '--serve', `unix:${path}`], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ready = new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { ready, exited, stop: () => child.kill('SIGTERM') };
  }

  it('serves one Grafana after another through the stub, and ends by SIGTERM', async () => {
    const path = join(folder, 'side.sock');
    const { ready, exited, stop } = sidecar(path);
    await ready;
    for (const _round of [1, 2]) {
      const stub = await start({ GF_PLUGIN_PROXY_SOCKET: path });
      expect(stub.address).toBe(`unix:${path}`);
      expect(await stub.collectMetrics()).toContain('fake 1');
      // Shutdown reaches the sidecar, which stays; the stub learns nothing and would be killed.
      await stub.requestShutdown();
      stub.close();
      stub.kill();
      await stub.exited;
    }
    const client = new PluginClient(`unix:${path}`);
    expect(await client.collectMetrics()).toContain('fake 1');
    client.close();
    stop();
    expect(await exited).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('is announced by its address too', async () => {
    const stub = await start({ GF_PLUGIN_PROXY_ADDRESS: '127.0.0.1:4711' });
    expect(stub.address).toBe('127.0.0.1:4711');
  });
});
