/** Tests the command line options: the probe of a sidecar, the version, and the help. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { DIST } from '../support/plugin';

const PROGRAM = join(DIST, 'proxy.cjs');

/** Runs the program to its end. */
async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, code };
}

async function startSidecar(env: Record<string, string>): Promise<{ sidecar: ChildProcess; address: string }> {
  const sidecar = spawn(process.execPath, [PROGRAM, '--serve'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const [line] = await once(sidecar.stderr, 'data');
  return { sidecar, address: JSON.parse(String(line)).address };
}

describe('a probe', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'probe-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('succeeds while the sidecar runs at a socket, and fails after it has ended', async () => {
    const env = { GF_PLUGIN_PROXY_LISTEN: `unix:${join(folder, 'proxy.sock')}` };
    const { sidecar, address } = await startSidecar(env);
    expect(await run(['--check'], env)).toEqual({
      code: 0,
      stdout: `The sidecar at ${address} responds.\n`,
      stderr: '',
    });
    sidecar.kill('SIGTERM');
    await once(sidecar, 'close');
    expect(await run(['--check', env.GF_PLUGIN_PROXY_LISTEN])).toEqual({
      code: 1,
      stdout: '',
      stderr: `There is no socket ${address}. The sidecar does not run, or listens at another address.\n`,
    });
  });

  it('calls a sidecar at the TCP address in its command line', async () => {
    const { sidecar, address } = await startSidecar({ GF_PLUGIN_PROXY_LISTEN: '127.0.0.1:0' });
    try {
      expect(await run(['--check', address])).toMatchObject({ code: 0, stderr: '' });
    } finally {
      sidecar.kill('SIGTERM');
      await once(sidecar, 'close');
    }
  });

  it('explains the option --check if its address is missing or invalid', async () => {
    expect(await run(['--check'])).toMatchObject({ code: 1, stderr: expect.stringContaining('--check unix:/path') });
    expect(await run(['--check', 'here'])).toMatchObject({ code: 1, stderr: expect.stringContaining('"here"') });
  });
});

it('explains in one line why a sidecar cannot listen', async () => {
  const { code, stderr } = await run(['--serve', 'unix:/nonexistent/proxy.sock']);
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    '@level': 'error',
    '@message': 'The sidecar cannot listen at its address',
    address: '/nonexistent/proxy.sock',
    reason: expect.stringContaining('/nonexistent does not exist'),
  });
});

it('prints the version of plugin.json, and the options', async () => {
  const { info } = JSON.parse(readFileSync(join(DIST, 'plugin.json'), 'utf8'));
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${info.version}\n`, stderr: '' });
  const { code, stdout } = await run(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/--serve.*\n.*--check.*exit code 0/);
});

// On systems with a shell, the launcher does this instead of the program.
it('gives Grafana the address of a sidecar, and exits when Grafana has ended', async () => {
  const env = { grafana_plugin_type: 'datasource', GF_PLUGIN_BACKEND_ADDRESS: 'backend:4711' };
  // Takes the role of Grafana: starts the program, prints its first line, and kills itself.
  const script = '"$NODE" "$PROGRAM" | { read line; echo "$line"; kill -9 $$; }';
  const grafana = spawn('/bin/sh', ['-c', script], {
    env: { ...env, NODE: process.execPath, PROGRAM },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // The output ends when the last process with this pipe has ended.
  const [line] = await Promise.all([text(grafana.stdout), once(grafana, 'exit')]);
  expect(line).toBe('1|2|tcp|backend:4711|grpc\n');
});

it("writes to Grafana's log whether the sidecar responds", async () => {
  const sidecar = await startSidecar({ GF_PLUGIN_PROXY_LISTEN: '127.0.0.1:0' });
  const logFor = async (address: string) => {
    const env = { grafana_plugin_type: 'datasource', GF_PLUGIN_BACKEND_ADDRESS: address };
    const program = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const [line] = await once(program.stderr, 'data');
    program.kill();
    return String(line);
  };
  expect(await logFor(sidecar.address)).toBe(
    `[INFO] Micromegas data source: the sidecar at ${sidecar.address} is used, and responds.\n`
  );
  sidecar.sidecar.kill('SIGTERM');
  await once(sidecar.sidecar, 'close');
  expect(await logFor(sidecar.address)).toMatch(/^\[ERROR\] .* the sidecar is down, .* Nothing listens at/);
});

it('warns with the current name of a setting if Grafana has the setting under its former name', async () => {
  const env = { grafana_plugin_type: 'datasource', GF_PLUGIN_PROXY_ADDRESS: 'backend:4711' };
  const program = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[handshake], [line]] = await Promise.all([once(program.stdout, 'data'), once(program.stderr, 'data')]);
  program.kill();
  expect(String(handshake)).toBe('1|2|tcp|backend:4711|grpc\n');
  expect(String(line)).toMatch(/^\[WARN\] .* proxy_address is now named backend_address\./);
});
