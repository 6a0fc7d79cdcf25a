/**
 * Tests the launcher and the process that it starts, from start to exit. The plugin has fake handlers and is started as
 * Grafana starts it.
 */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launcherName } from '../demo/plugin-host/launch';
import { PluginClient } from '../demo/plugin-host/plugin-client';
import { startPlugin, type PluginProcess } from '../demo/plugin-host/plugin-process';
import { fakeQuery } from '../tests/fakes/fake-handlers';
import { copyLaunchers } from './build-proxy';
import { bundleProxy } from './proxy-bundle';

const LAUNCHER = launcherName();
const PLATFORM = LAUNCHER.replace('gpx_micromegas_', '');
/**
 * The setting `node` of the ini file. It is needed, because the Node.js of the tests may be in a folder that the
 * launcher does not search.
 */
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

/** Name of the folder with the runtime that suits the C library of this machine. */
function runtimeFolder(): string {
  if (process.platform === 'darwin') {
    return 'macos';
  }
  return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
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

/** Creates a program that prints `version` for `--version`, and its arguments in other calls. */
function fakeNode(name: string, version: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit 0\necho "ran: $*" >&2\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a plugin that Grafana started', () => {
  it('prints its address, and serves calls there', async () => {
    const plugin = await start();
    expect(existsSync(socketOf(plugin))).toBe(true);
    const { responses } = await plugin.queryData({ queries: [fakeQuery('A')] });
    expect(responses.A.status).toBe(200);
    expect(await plugin.collectMetrics()).toContain('fake 1');
  });

  it('exits after Shutdown before Grafana would kill it, and removes its socket', async () => {
    const plugin = await start();
    const hanging = plugin.queryData({ queries: [fakeQuery('A', { hang: true })] }).catch((error: Error) => error);
    await plugin.collectMetrics();
    const { graceful } = await plugin.shutdown();
    await hanging;
    expect(graceful).toBe(true);
    expect(existsSync(socketOf(plugin))).toBe(false);
  });

  it('exits on SIGTERM, but not on SIGINT, which Ctrl-C in the terminal of Grafana sends to the plugin too', async () => {
    const plugin = await start();
    plugin.kill('SIGINT');
    expect(await plugin.collectMetrics()).toContain('fake 1');
    plugin.kill('SIGTERM');
    expect(await plugin.exited).toBe(0);
    expect(existsSync(socketOf(plugin))).toBe(false);
  });

  it('keeps running after a failed query', async () => {
    const plugin = await start();
    await expect(plugin.queryData({ queries: [fakeQuery('A', { fail: 'bug' })] })).rejects.toThrow();
    expect(await plugin.collectMetrics()).toContain('fake 1');
    expect(plugin.logs).toContainEqual(expect.objectContaining({ level: 'error', message: 'Call failed' }));
  });

  it('logs the error when a bug ends the process', async () => {
    const plugin = await start();
    plugin.queryData({ queries: [fakeQuery('A', { crash: true, hang: true })] }).catch(() => undefined);
    expect(await plugin.exited).toBe(1);
    expect(existsSync(socketOf(plugin))).toBe(false);
    const [line] = plugin.logs.filter(({ level }) => level === 'error');
    expect(line.fields.error).toContain('thrown outside of a call');
  });

  it('exits when Grafana is killed', async () => {
    // A shell replaces Grafana: it starts the plugin, waits for the handshake, and kills itself.
    const script = `'${executable}' | { read line; echo "$line"; kill -9 $$; }`;
    const { stdout } = await run('/bin/sh', { grafana_plugin_type: 'datasource', ...NODE, script }, ['-c', script]);
    const path = stdout.trim().split('|')[3];
    // `run` returns when the pipes have closed, that is, when both the shell and the plugin have exited.
    expect(path).toContain('proxy.sock');
    expect(existsSync(path)).toBe(false);
  });
});

describe('the launcher', () => {
  it('uses the configured Node.js first', async () => {
    const ended = await run(executable, { GF_PLUGIN_NODE: fakeNode('chosen', 'v22.1.0') });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: `ran: --max-semi-space-size=8 ${folder}/proxy.cjs\n` });
  });

  it('skips a configured Node.js that is too old, with a warning', async () => {
    const old = fakeNode('old', 'v20.11.0');
    const ended = await run(executable, { GF_PLUGIN_NODE: old, PATH: join(folder, 'bin') });
    expect(ended.stderr).toMatch(/^\[WARN\] .*old, is missing or older than version 22/);
  });

  it('finds Node.js in PATH, and finds the bundle when the launcher is started through a link', async () => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    fakeNode('bin/node', 'v24.0.0');
    const link = join(folder, 'bin', 'linked');
    symlinkSync(`../${LAUNCHER}`, link);
    const ended = await run(link, { PATH: join(folder, 'bin') });
    expect(ended.stderr).toBe(`ran: --max-semi-space-size=8 ${folder}/bin/../proxy.cjs\n`);
    const indirect = join(folder, 'bin', 'indirect');
    symlinkSync(link, indirect);
    symlinkSync('indirect', join(folder, 'bin', 'again'));
    expect(await run(join(folder, 'bin', 'again'), { PATH: join(folder, 'bin') })).toEqual(ended);
  });

  it('ends with an error if the links to the launcher form a loop', async () => {
    const loops = mkdtempSync(join(folder, 'loops-'));
    const script = join(loops, 'script');
    copyFileSync(executable, script);
    symlinkSync('b', join(loops, 'a'));
    symlinkSync('a', join(loops, 'b'));
    // `sh -c` runs the script with the name of a link as `$0`. The system itself cannot open a loop of links.
    const ended = await run('/bin/sh', {}, ['-c', `. ${script}`, join(loops, 'a')]);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^\[ERROR\] [^\n]*proxy\.cjs is missing in /),
    });
  });

  describe('of a package with a runtime', () => {
    const bundled = join('runtime', runtimeFolder(), 'bin');

    /** @returns The launcher of a package whose runtime is the file that `write` creates. */
    function packageIn(name: string, write: (path: string) => void): string {
      const root = join(folder, name);
      mkdirSync(join(root, bundled), { recursive: true });
      copyLaunchers('gpx_micromegas', root);
      copyFileSync(join(folder, 'proxy.cjs'), join(root, 'proxy.cjs'));
      write(join(root, bundled, `node_${PLATFORM}`));
      return join(root, LAUNCHER);
    }

    /** Creates a hard link to the Node.js of the tests. A copy would take longer. */
    const realNode = (path: string): void => {
      try {
        linkSync(process.execPath, path);
      } catch {
        // A hard link into another file system is not possible.
        copyFileSync(process.execPath, path);
      }
    };

    const damagedNode = (path: string): void => {
      writeFileSync(path, '#!/bin/sh\necho "library not found" >&2\necho "and more" >&2\nexit 1\n', { mode: 0o755 });
    };

    it('prefers its runtime to Node.js on the machine, even if its folder is a link and has a space in its name', async () => {
      packageIn('with a space', realNode);
      mkdirSync(join(folder, 'bin'), { recursive: true });
      fakeNode('bin/node', 'v24.0.0');
      symlinkSync(join(folder, 'with a space'), join(folder, 'linked plugin'));
      const plugin = await start({ PATH: join(folder, 'bin') }, join(folder, 'linked plugin', LAUNCHER));
      expect(await plugin.collectMetrics()).toContain('fake 1');
      expect(plugin.logs.filter(({ level }) => level === 'warn')).toEqual([]);
    });

    it('uses the configured Node.js instead of its runtime', async () => {
      const launcher = packageIn('configured', realNode);
      const { stderr } = await run(launcher, { GF_PLUGIN_NODE: fakeNode('chosen', 'v22.1.0') });
      expect(stderr).toMatch(/^ran: .*configured\/proxy\.cjs\n$/);
    });

    // On macOS, there is no loader that starts a file without the executable bit.
    const onLinux = process.platform === 'linux' ? it : it.skip;
    onLinux('uses the loader of the C library to start a runtime that lost its executable bit', async () => {
      const launcher = packageIn('copied', (path) => {
        copyFileSync(process.execPath, path);
        chmodSync(path, 0o644);
      });
      const plugin = await start({}, launcher);
      expect(await plugin.collectMetrics()).toContain('fake 1');
    });

    it('keeps running when its folder is replaced', async () => {
      const plugin = await start({}, packageIn('replaced', realNode));
      rmSync(join(folder, 'replaced'), { recursive: true });
      packageIn('replaced', damagedNode);
      const { responses } = await plugin.queryData({ queries: [fakeQuery('A')] });
      expect(responses.A.status).toBe(200);
    });

    it('logs in one line why the runtime does not run, and uses another Node.js', async () => {
      const launcher = packageIn('damaged', damagedNode);
      const { stderr } = await run(launcher, { PATH: join(folder, 'bin') });
      expect(stderr).toMatch(
        /^\[WARN\] [^\n]*does not run on this machine: [^\n]*node_\w+: library not found\. [^\n]*\nran: [^\n]*\n$/
      );
    });

    it('logs that the package is for another platform', async () => {
      packageIn('other', realNode);
      const platform = PLATFORM === 'darwin_arm64' ? 'darwin_amd64' : 'darwin_arm64';
      const other = join(folder, 'other', `gpx_micromegas_${platform}`);
      const { stderr } = await run(other, { PATH: join(folder, 'bin') });
      expect(stderr).toMatch(/^\[WARN\] [^\n]*the package is not for darwin_a\w+\. [^\n]*xattr[^\n]*\nran: /);
    });
  });

  it('fails with advice when the bundle is missing', async () => {
    const alone = mkdtempSync(join(folder, 'alone-'));
    copyLaunchers('gpx_micromegas', alone);
    const ended = await run(join(alone, LAUNCHER), NODE);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(/^\[ERROR\] Micromegas data source: proxy\.cjs is missing .*\n$/);
  });

  it('fails with an explanation when a user starts it', async () => {
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

  it('serves several Grafana servers one after another through the launcher, and exits on SIGTERM', async () => {
    const path = join(folder, 'side.sock');
    const { ready, exited, stop } = sidecar(path);
    await ready;
    for (const _round of [1, 2]) {
      const launcher = await start({ GF_PLUGIN_BACKEND_SOCKET: path });
      expect(launcher.address).toBe(`unix:${path}`);
      expect(await launcher.collectMetrics()).toContain('fake 1');
      // The sidecar gets Shutdown, and keeps running. The launcher gets no Shutdown, so `kill` ends the launcher, as
      // Grafana would.
      await launcher.requestShutdown();
      launcher.close();
      launcher.kill();
      await launcher.exited;
    }
    const client = new PluginClient(`unix:${path}`);
    expect(await client.collectMetrics()).toContain('fake 1');
    client.close();
    stop();
    expect(await exited).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ['GF_PLUGIN_PROXY_SOCKET', '/run/s.sock', 'unix:/run/s.sock', 'proxy_socket is now named backend_socket'],
    ['GF_PLUGIN_PROXY_ADDRESS', '127.0.0.1:4711', '127.0.0.1:4711', 'proxy_address is now named backend_address'],
  ])('is found by the former name of a setting, with a warning: %s', async (variable, value, address, warning) => {
    const launcher = await start({ [variable]: value });
    expect(launcher.address).toBe(address);
    launcher.close();
    launcher.kill();
    await launcher.exited;
    expect(launcher.logs).toEqual([
      expect.objectContaining({ level: 'warn', message: expect.stringContaining(warning) }),
    ]);
  });

  it('may have a TCP address, which the launcher prints', async () => {
    const launcher = await start({ GF_PLUGIN_BACKEND_ADDRESS: '127.0.0.1:4711' });
    expect(launcher.address).toBe('127.0.0.1:4711');
  });
});
