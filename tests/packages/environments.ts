/** Starts the packaged plugin in chroots of several Linux systems: Alpine, glibc, read-only, restricted, arm64. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { launcherName } from '../../demo/plugin-host/launch';
import { GrafanaHost } from '../conformance/grafana-host';
import { checkCalls, checkNotStarted, query, type Run } from './calls';
import { chrootCommand, type ChrootOptions, executableIn } from './chroot';
import { copyLinked } from './copies';
import { type Systems } from './systems';

/** C++ libraries, which usual systems with glibc have. */
const LIBRARIES = ['libstdc++6', 'libgcc-s1'];

export interface Environment {
  run: Run;
  systems: Systems;
  /** A folder that every user can enter. */
  scratch: string;
  /** The unpacked plugin's folder. */
  plugin: string;
}

function startIn(options: ChrootOptions, arch = 'x64') {
  const executable = executableIn(options, launcherName('linux', arch));
  return { plugin: options.plugin, command: chrootCommand(options), executable };
}

export async function checkAlpine({ run, systems, scratch, plugin }: Environment): Promise<void> {
  const alpine = await systems.alpine();
  await checkCalls(run, 'alpine, musl 1.2.5', startIn({ system: alpine, plugin }));
  const grafanaAlpine = await systems.grafanaAlpine();
  await checkCalls(
    run,
    "alpine, musl and parts of glibc as in Grafana's image",
    startIn({ system: grafanaAlpine, plugin })
  );
  await checkNotStarted(run, 'no C library', startIn({ system: await systems.busybox(), plugin }), /is missing/);
  await run.list.check(
    'alpine: without its runtime, the plugin does not start, because the system has no other Node.js',
    async () => {
      const without = join(scratch, 'without-runtime');
      copyLinked(plugin, without);
      rmSync(join(without, 'runtime'), { recursive: true });
      await assert.rejects(
        GrafanaHost.start(run.program, { env: {}, ...startIn({ system: alpine, plugin: without }) }),
        /no Node\.js 22 or newer was found/
      );
    }
  );
}

export async function checkGlibc({ run, systems, plugin }: Environment): Promise<void> {
  await checkCalls(run, 'glibc 2.31', startIn({ system: await systems.glibc(LIBRARIES), plugin }));
  const withMusl = await systems.glibc([...LIBRARIES, 'musl']);
  await checkCalls(
    run,
    "glibc 2.31 and musl 1.2.2 as in Grafana's Ubuntu image",
    startIn({ system: withMusl, plugin })
  );
  const withoutLibraries = await systems.glibc([]);
  await checkNotStarted(
    run,
    'glibc 2.31, no libstdc++',
    startIn({ system: withoutLibraries, plugin }),
    /libstdc\+\+\.so\.6/
  );
}

/** Checks what `docs/admin/installation.md` says about Grafana's distroless image. */
export async function checkDistroless({ run, systems, plugin }: Environment): Promise<void> {
  await run.list.check('distroless: without a shell, the plugin does not start', async () => {
    const start = startIn({ system: systems.distroless(), plugin });
    await assert.rejects(GrafanaHost.start(run.program, { env: {}, ...start }), /no such file or directory/);
  });
  // What the documentation copies: a shell, and musl. Without `/etc/alpine-release`, the system is not Alpine.
  const system = await systems.alpine();
  rmSync(join(system, 'etc/alpine-release'));
  await checkCalls(run, 'distroless with a shell and musl', startIn({ system, plugin }));
}

export async function checkReadOnly({ run, systems, plugin }: Environment): Promise<void> {
  const system = await systems.glibc(LIBRARIES);
  const pluginAt = `/var/lib/my grafana/plug ins/${PLUGIN_ID}`;
  const options: ChrootOptions = { system, plugin, pluginAt, readOnly: true, tmp: 'noexec' };
  await checkCalls(run, 'read-only file system, noexec on /tmp, spaces in the path', startIn(options));
}

export async function checkRestricted({ run, systems, plugin }: Environment): Promise<void> {
  const { list } = run;
  const system = await systems.alpine();
  const bare = await systems.alpine();
  rmSync(join(bare, 'etc'), { recursive: true });
  const cases: Array<[string, ChrootOptions]> = [
    // Not Alpine, because the runtime for musl needs /proc to find its libraries.
    ['no /proc', { system: await systems.glibc(LIBRARIES), plugin, proc: 'missing' }],
    ['hidepid', { system, plugin, proc: 'hidden' }],
    ['no devices but /dev/null', { system, plugin, devices: ['null'] }],
    ['no /etc, so the user has no name', { system: bare, plugin }],
    ['64 open files', { system, plugin, before: 'ulimit -n 64' }],
  ];
  for (const [name, options] of cases) {
    await checkCalls(run, name, startIn(options));
  }
  const noFolder: ChrootOptions = { system, plugin, tmp: 'read-only' };
  const noTmp = 'read-only /tmp, shared memory';
  await checkCalls(run, noTmp, startIn({ ...noFolder, sharedMemory: true }), ({ log }) =>
    list.check(`${noTmp}: the plugin listens at a unix socket`, () => assert.doesNotMatch(log, /TCP port/))
  );
  await checkCalls(run, 'no writable folder', startIn(noFolder), ({ log }) =>
    list.check('no writable folder: one line says that the plugin listens at a TCP port', () => {
      assert.equal(log.match(/WARN.*TCP port, which all users of this machine can reach/g)?.length, 1);
    })
  );
}

/**
 * The emulator is too slow for the time limits of the SQL parser and of the shutdown. So this check runs no query with
 * filters, and does not check the exit.
 */
export async function checkArm64({ run, systems, plugin }: Environment): Promise<void> {
  const { list, program, sources } = run;
  const arm64Emulator = await systems.arm64Emulator();
  const cases: Array<[string, string]> = [
    ['Alpine', await systems.alpine('arm64')],
    ['glibc 2.31', await systems.glibc(LIBRARIES, 'arm64')],
  ];
  for (const [name, system] of cases) {
    const start = startIn({ system, plugin, arm64Emulator }, 'arm64');
    await list.check(`arm64, emulated, ${name}: handshake, and a query`, () =>
      GrafanaHost.use(program, { env: {}, ...start }, async (host) => {
        await query(host, sources.apiKey);
      })
    );
  }
}
