/**
 * Tests the life cycle of the plugin process: Grafana starts it, calls it, and stops or kills it. Instead of starting
 * a process, Grafana can use a sidecar that is already running.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, chmodSync, existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type PluginProcess, startPlugin } from '../../demo/plugin-host/plugin-process';
import { PLUGIN_SETTINGS, RESTRICTIONS } from '../../proxy/base/operator-names';
import { eventually } from '../support/eventually';
import { metricValue } from '../support/metrics';
import { startSidecar } from '../support/sidecar';
import { ADA, DIST, launcherPath, NODE_ENVIRONMENT, pluginContext, startBuiltPlugin } from '../support/plugin';

it('starts in a minimal environment, returns metrics, and exits on request', async () => {
  const plugin = await startBuiltPlugin();
  try {
    const metrics = await plugin.collectMetrics();
    expect(metricValue(metrics, 'micromegas_queries_running')).toBe(0);
    expect(metrics).toMatch(/^process_cpu_seconds_total\{/m);
  } finally {
    const { graceful } = await plugin.shutdown();
    expect(graceful).toBe(true);
  }
});

it('explains that settings are missing', async () => {
  const plugin = await startBuiltPlugin();
  try {
    const response = await plugin.checkHealth({ pluginContext: pluginContext({ jsonData: {}, user: ADA }) });
    expect(response.status).toBe(2);
    expect(response.message).toBe('The data source settings are incomplete or wrong.');
    expect(new TextDecoder().decode(response.jsonDetails)).toMatch(/Host: Enter the address/);
  } finally {
    await plugin.shutdown();
  }
});

it('exits when the process that started it is killed', async () => {
  // Takes the role of Grafana: starts the launcher, prints its handshake, and is then killed.
  const script = `
    const child = require('node:child_process').spawn(process.argv[1], { env: JSON.parse(process.argv[2]), stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', (line) => process.stdout.write(line));
    setInterval(() => {}, 1e6);`;
  const env = { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2', ...NODE_ENVIRONMENT };
  const grafana = spawn(process.execPath, ['-e', script, launcherPath(), JSON.stringify(env)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const handshake = await new Promise<string>((resolve) =>
    grafana.stdout.once('data', (data) => resolve(String(data)))
  );
  const socket = handshake.split('|')[3];
  expect(existsSync(socket)).toBe(true);
  // The plugin inherits the pipe of stderr, which closes when the plugin exits.
  const pluginEnded = new Promise<void>((resolve) => grafana.stderr.once('close', () => resolve()));
  grafana.stderr.resume();
  grafana.kill('SIGKILL');
  await pluginEnded;
  expect(existsSync(socket)).toBe(false);
});

it('removes the folder that a killed process left in the temporary folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mm-'));
  const killed = await startBuiltPlugin({ TMPDIR: folder });
  try {
    const left = dirname(killed.address.replace(/^unix:/, ''));
    expect(dirname(left)).toBe(folder);
    killed.kill();
    await killed.exited;
    expect(existsSync(left)).toBe(true);
    // A plugin removes only folders that are older than a minute.
    utimesSync(left, 0, 0);
    const next = await startBuiltPlugin({ TMPDIR: folder });
    await eventually('The removal of the folder', 30_000, () => Promise.resolve(existsSync(left) ? undefined : true));
    expect(metricValue(await next.collectMetrics(), 'micromegas_queries_running')).toBe(0);
    await next.shutdown();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('logs that Node.js is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  try {
    const launcher = join(folder, 'gpx_micromegas_linux_amd64');
    copyFileSync(launcherPath(), launcher);
    copyFileSync(join(DIST, 'proxy.cjs'), join(folder, 'proxy.cjs'));
    chmodSync(launcher, 0o755);
    // /bin/false is not Node.js. The launcher may still find a suitable Node.js elsewhere on this machine.
    const failed = await startPlugin({ executable: launcher, env: { GF_PLUGIN_NODE: '/bin/false' } }).then(
      async (plugin) => {
        const lines = plugin.logs.map((line) => line.message).join('\n');
        await plugin.shutdown();
        return lines;
      },
      (error: unknown) => String(error)
    );
    expect(failed).toMatch(
      /configured Node\.js, \/bin\/false, is missing or older than version 22|no Node\.js 22 or newer/
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('does not start a sidecar with an old Node.js, and prints the reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'old-node-'));
  try {
    // Runs the installed Node.js with a changed version number, because an old Node.js is not installed everywhere.
    const preload = join(folder, 'old-node.cjs');
    writeFileSync(
      preload,
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });"
    );
    const args = ['--require', preload, join(DIST, 'proxy.cjs'), '--serve', `unix:${join(folder, 'proxy.sock')}`];
    const sidecar = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const [output, exitCode] = await Promise.all([
      text(sidecar.stderr),
      new Promise<number | null>((resolve) => sidecar.once('close', resolve)),
    ]);
    expect(exitCode).toBe(1);
    expect(output).toContain('needs Node.js 22 or newer, and this is Node.js 20.20.2');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('does not connect Grafana to a sidecar that would not apply the restrictions of grafana.ini', async () => {
  const env = { GF_PLUGIN_BACKEND_SOCKET: '/run/none.sock', GF_PLUGIN_ALLOWED_HOSTS: 'lake.example' };
  await expect(startPlugin({ executable: launcherPath(), env })).rejects.toThrow(/does not read allowed_hosts/);
  const stub = await startPlugin({
    executable: launcherPath(),
    env: { ...env, GF_PLUGIN_BACKEND_RESTRICTIONS: 'sidecar' },
  });
  expect(stub.address).toContain('/run/none.sock');
  stub.kill();
  await stub.exited;
});

it.each(['HOSTS_ALLOWED', 'ALLOWED_HOTS', 'LLOWED_HOSTS', 'ALLOWED-HOSTS', 'REFUSE.PLAINTEXT.TOKENS', 'FILE_FOLDERS'])(
  'does not connect Grafana to a sidecar if the restriction %s of grafana.ini is mistyped',
  async (key) => {
    const env = { GF_PLUGIN_BACKEND_SOCKET: '/run/none.sock', [`GF_PLUGIN_${key}`]: 'lake.example' };
    await expect(startPlugin({ executable: launcherPath(), env })).rejects.toThrow(/the sidecar does not read/);
  }
);

it('connects Grafana to a sidecar if all other settings of the plugin are set', async () => {
  const isRestriction = (name: string) => RESTRICTIONS.some((restriction) => restriction === name);
  const others = PLUGIN_SETTINGS.filter((name) => !isRestriction(name) && name !== 'GF_PLUGIN_BACKEND_RESTRICTIONS');
  const env = { ...Object.fromEntries(others.map((name) => [name, '1'])), GF_PLUGIN_BACKEND_SOCKET: '/run/none.sock' };
  const stub = await startPlugin({ executable: launcherPath(), env });
  expect(stub.address).toContain('/run/none.sock');
  stub.kill();
  await stub.exited;
});

/** Resolves with the first line of the plugin's log that has this level. */
const lineOf = (plugin: PluginProcess, level: string) =>
  eventually(`A line of level ${level}`, 60_000, async () => plugin.logs.find((line) => line.level === level)?.message);

it.each(['ALLOWED-HOSTS', 'ALLOWED_HOTS', 'REFUSE.PLAINTEXT-TOKENS'])(
  'writes to the log that the restriction %s is mistyped, also if the shell drops the name',
  async (key) => {
    const env = { ...NODE_ENVIRONMENT, [`GF_PLUGIN_${key}`]: 'lake.example' };
    const plugin = await startPlugin({ executable: launcherPath(), env });
    expect(await lineOf(plugin, 'error')).toContain('A key of the plugin resembles a restriction');
    plugin.kill();
    await plugin.exited;
  }
);

it.each([
  ['the launcher', launcherPath(), NODE_ENVIRONMENT],
  ['the launcher without Node.js', launcherPath(), { GF_PLUGIN_NODE: '/bin/false' }],
])("writes to Grafana's log with %s whether the sidecar runs", async (_, executable, env) => {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  const socket = join(folder, 's');
  const start = () => startPlugin({ executable, env: { ...env, GF_PLUGIN_BACKEND_SOCKET: socket } });
  try {
    const down = await start();
    expect(await lineOf(down, 'error')).toContain(
      `the sidecar is down, and all queries fail. There is no socket ${socket}.`
    );
    down.kill();
    const sidecar = await startSidecar(`unix:${socket}`);
    const up = await start();
    expect(await lineOf(up, 'info')).toContain(`the sidecar at ${socket} is used, `);
    up.kill();
    up.close();
    sidecar.close();
    sidecar.signal();
    await Promise.all([down.exited, up.exited, sidecar.exited]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('connects Grafana to a running sidecar', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidecar-'));
  const socket = join(folder, 'proxy.sock');
  const sidecar = spawn(process.execPath, [join(DIST, 'proxy.cjs'), '--serve'], {
    env: { GF_PLUGIN_PROXY_LISTEN: `unix:${socket}` },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => sidecar.once('close', resolve));
  await new Promise<void>((resolve) => sidecar.stderr.once('data', () => resolve()));
  try {
    const stub = await startPlugin({ executable: launcherPath(), env: { GF_PLUGIN_BACKEND_SOCKET: socket } });
    expect(metricValue(await stub.collectMetrics(), 'micromegas_queries_running')).toBe(0);
    await stub.requestShutdown();
    stub.kill();
    await stub.exited;
    // The sidecar keeps running when Grafana exits, and serves the next Grafana.
    const next = await startPlugin({ executable: launcherPath(), env: { GF_PLUGIN_BACKEND_SOCKET: socket } });
    expect(metricValue(await next.collectMetrics(), 'micromegas_queries_running')).toBe(0);
    next.kill();
    await next.exited;
  } finally {
    sidecar.kill('SIGTERM');
    expect(await ended).toBe(0);
    rmSync(folder, { recursive: true });
  }
});
