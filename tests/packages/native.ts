/**
 * Checks the Linux package on this machine: with an old Node.js on PATH, with another runtime, and while the package is
 * replaced.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { launcherName } from '../../demo/plugin-host/launch';
import { startPlugin } from '../../demo/plugin-host/plugin-process';
import { GrafanaHost } from '../conformance/grafana-host';
import { assertBundled, checkCalls, query, queryWithFilter, type Run } from './calls';
import { copy, copyLinked, filesOf, replaceFile } from './copies';
import { backendProcess } from './processes-of';

const LAUNCHER = launcherName('linux', 'x64');
const STARTS = 5;

export interface OnThisMachine {
  run: Run;
  scratch: string;
  /** The unpacked plugin's folder. */
  plugin: string;
}

const startOf = (plugin: string) => ({ plugin, executable: join(plugin, LAUNCHER) });

/** Lines of the launcher in the log. */
const launcherLines = (log: string) => log.split('\n').filter((line) => line.includes('Micromegas data source: '));

/** @param oldNode Path of a Node.js that is too old for the plugin. */
export async function checkOldNode({ run, plugin }: OnThisMachine, oldNode: string): Promise<void> {
  const env = { PATH: dirname(oldNode) };
  await checkCalls(run, 'only Node.js 20 on PATH', { ...startOf(plugin), env }, async ({ log }) => {
    await run.list.check('only Node.js 20 on PATH: the launcher logs nothing', () => {
      assert.deepEqual(launcherLines(log), []);
    });
  });
}

export async function checkRuntime({ run, scratch, plugin }: OnThisMachine): Promise<void> {
  const { list, program, sources } = run;
  const newNode = realpathSync(process.execPath);
  const withPath = { PATH: dirname(newNode) };
  /**
   * Starts the plugin, and asserts that it responds.
   *
   * @returns Path of the runtime, and the log lines of the launcher.
   */
  const runtimeOf = async (folder: string, env: Record<string, string>) => {
    const host = await GrafanaHost.start(program, { executable: join(folder, LAUNCHER), env });
    try {
      const exe = realpathSync(`/proc/${backendProcess(host.pid)}/exe`);
      await query(host, sources.apiKey);
      return { exe, said: launcherLines(host.log) };
    } finally {
      await host.end();
    }
  };
  const isBundled = (exe: string) => exe.startsWith(`${realpathSync(join(plugin, 'runtime'))}/`);

  await list.check('runtime: the launcher prefers the bundled Node.js to that of PATH', async () => {
    const { exe, said } = await runtimeOf(plugin, withPath);
    assert.ok(isBundled(exe), exe);
    assert.deepEqual(said, []);
  });
  await list.check('runtime: the launcher prefers the Node.js in the setting "node" to the bundled one', async () => {
    const { exe, said } = await runtimeOf(plugin, { GF_PLUGIN_NODE: newNode });
    assert.equal(exe, newNode);
    assert.deepEqual(said, []);
  });
  await list.check('runtime: a wrong setting "node" logs one warning, and the bundled Node.js is used', async () => {
    const { exe, said } = await runtimeOf(plugin, { GF_PLUGIN_NODE: '/no/such/node' });
    assert.ok(isBundled(exe), exe);
    assert.match(said.join('\n'), /^.*WARN.*\/no\/such\/node.*$/);
  });
  await list.check('runtime: the executable may be started through a symbolic link', async () => {
    const link = join(scratch, 'linked');
    symlinkSync(plugin, link);
    assert.ok(isBundled((await runtimeOf(link, {})).exe));
  });
  const damages: Array<[string, (file: string) => void]> = [
    ['empty', (file) => replaceFile(file, '')],
    ['truncated', (file) => replaceFile(file, '\x7fELF\x02\x01\x01')],
    ['not executable', (file) => replaceFile(file, '\x7fELF', 0o644)],
  ];
  for (const [what, damage] of damages) {
    const damaged = join(scratch, `runtime-${what.replace(' ', '-')}`);
    copyLinked(plugin, damaged);
    filesOf(join(damaged, 'runtime')).forEach(damage);
    await list.check(
      `runtime: if the bundled Node.js is ${what}, one line of the log says so, and a Node.js on PATH is used`,
      async () => {
        const { exe, said } = await runtimeOf(damaged, withPath);
        assert.equal(exe, newNode);
        assert.match(said.join('\n'), /^.*(WARN|ERROR).*runtime.*$/);
      }
    );
  }
}

export async function checkReplace({ run, scratch, plugin }: OnThisMachine): Promise<void> {
  const { list, program, sources } = run;
  const ways: Array<[string, (installed: string) => void]> = [
    [
      'another folder has replaced the plugin folder',
      (installed) => {
        const next = `${installed}.next`;
        copy(plugin, next);
        renameSync(installed, `${installed}.old`);
        renameSync(next, installed);
        rmSync(`${installed}.old`, { recursive: true });
      },
    ],
    [
      'the plugin folder was removed and unpacked again',
      (installed) => {
        rmSync(installed, { recursive: true });
        copy(plugin, installed);
      },
    ],
    [
      'new files were copied over the plugin folder',
      (installed) => {
        // Like tar and unzip, removes each file before it writes the new one: a running program cannot be overwritten.
        const { status, stderr } = spawnSync('cp', ['-r', '--remove-destination', `${plugin}/.`, installed]);
        assert.equal(status, 0, String(stderr));
      },
    ],
  ];
  for (const [index, [way, replace]] of ways.entries()) {
    const installed = join(scratch, `plugins-${index}`, PLUGIN_ID);
    mkdirSync(dirname(installed));
    copy(plugin, installed);
    const host = await GrafanaHost.start(program, { env: {}, executable: join(installed, LAUNCHER) });
    try {
      const before = backendProcess(host.pid);
      await query(host, sources.apiKey);
      await list.check(`replace: the running plugin runs queries with filters after ${way}`, async () => {
        replace(installed);
        await query(host, sources.apiKey);
        await queryWithFilter(host, sources.apiKey);
        await host.health(sources.oauth);
        assert.equal(backendProcess(host.pid), before);
        assert.equal(await host.stop(), 'exit status 0', host.log);
      });
    } finally {
      await host.end();
    }
    await list.check(`replace: a plugin that starts after ${way} uses the new files`, () =>
      GrafanaHost.use(program, { env: {}, executable: join(installed, LAUNCHER) }, async (next) => {
        assertBundled(next, installed);
        await queryWithFilter(next, sources.apiKey);
      })
    );
    rmSync(dirname(installed), { recursive: true });
  }
}

/** Prints the time without checking it, because it depends on the load of the machine. */
export async function measureStartUp({ run, plugin }: OnThisMachine): Promise<void> {
  const times: number[] = [];
  await run.list.check(
    'start-up: the plugin starts with only the environment variables that Grafana 12.4 sets',
    async () => {
      for (let i = 0; i < STARTS; i++) {
        const started = await startPlugin({ executable: join(plugin, LAUNCHER) });
        times.push(Math.round(started.startedInMs));
        assert.ok((await started.shutdown()).graceful);
      }
    }
  );
  const sorted = times.sort((a, b) => a - b);
  run.say(
    `   exec to handshake: median ${sorted[Math.floor(sorted.length / 2)]} ms of ${sorted.join(', ')} ms; the goal is 500 ms`
  );
}
