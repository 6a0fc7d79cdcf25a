/**
 * A small Linux system in a folder, in which a program runs with chroot. The program has its own namespaces for mounts
 * and processes, which end with the program. It uses the network of this machine.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLUGIN_ID } from '../../contract/plugin-id';

/** User and group of Grafana's container images. */
const GRAFANA_USER = '472:0';

/** Folder of Grafana's plugins in a system. */
const PLUGINS = '/var/lib/grafana/plugins';

export interface ChrootOptions {
  /** Folder with the system. Its programs must include `/bin/sh`, which the launcher needs. */
  system: string;
  /** The plugin's folder on this machine. */
  plugin: string;
  /** Path of the plugin's folder in the system. Default: in Grafana's folder of plugins. */
  pluginAt?: string;
  /** `hidden`: a process sees only processes of its user. Default: `mounted`. */
  proc?: 'mounted' | 'hidden' | 'missing';
  /** Devices in `/dev`. Default: those that programs usually need. */
  devices?: readonly string[];
  /** Default: `writable`. */
  tmp?: 'writable' | 'noexec' | 'read-only';
  /** `/dev/shm` is writable for all users, as in containers. Default: false. */
  sharedMemory?: boolean;
  /** The whole file system is read-only, except for `/tmp`. Default: false. */
  readOnly?: boolean;
  /** A shell command before the program starts, for example `ulimit -n 64`. */
  before?: string;
  /** Path of an emulator on this machine for programs of arm64. The program then runs as root of a user namespace. */
  arm64Emulator?: string;
}

/**
 * For the kernel's table of binary formats: the ELF header of a 64-bit arm64 program, and a mask of the bits to
 * compare.
 */
const ARM64_HEADER = '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00';
const ARM64_MASK =
  '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff';

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/** Creates the folders and files that every system has. */
export function createSystem(system: string): void {
  for (const folder of ['bin', 'dev', 'etc', 'lib', 'lib64', 'proc', 'usr/bin', 'usr/lib', 'run']) {
    mkdirSync(join(system, folder), { recursive: true });
  }
  mkdirSync(join(system, 'tmp'), { recursive: true });
  chmodSync(join(system, 'tmp'), 0o1777);
  chmodSync(system, 0o755);
  writeFileSync(join(system, 'etc/hosts'), '127.0.0.1 localhost\n');
  writeFileSync(
    join(system, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\ngrafana:x:472:0:grafana:/home/grafana:/bin/false\n'
  );
  writeFileSync(
    join(system, 'etc/resolv.conf'),
    'search grafana.svc.cluster.local svc.cluster.local\noptions ndots:5\n'
  );
}

/** Path of the plugin's executable in the system. */
export function executableIn({ pluginAt = join(PLUGINS, PLUGIN_ID) }: ChrootOptions, launcher: string): string {
  return join(pluginAt, launcher);
}

/**
 * A command that runs a program in the system. The caller appends the program, a file of this machine, and its
 * arguments.
 */
export function chrootCommand(options: ChrootOptions): string[] {
  const { system, plugin, pluginAt = join(PLUGINS, PLUGIN_ID), arm64Emulator } = options;
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const emulated = arm64Emulator === undefined ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...namespaces, ...emulated, '/bin/sh', '-euc', script(options), 'sh', system, plugin, pluginAt];
}

function script(options: ChrootOptions): string {
  const {
    proc = 'mounted',
    devices = DEVICES,
    tmp = 'writable',
    readOnly = false,
    before = ':',
    arm64Emulator,
  } = options;
  return [
    'system=$1 plugin=$2 at=$3 program=$4; shift 4',
    ...(arm64Emulator === undefined ? [] : emulate(arm64Emulator)),
    // Binds the folder to itself, so that it can become read-only.
    'mount --bind "$system" "$system"',
    'mkdir -p "$system$at" && mount --bind "$plugin" "$system$at"',
    ': > "$system/grafana-host" && mount --bind "$program" "$system/grafana-host"',
    'mount -t tmpfs -o mode=755 tmpfs "$system/dev"',
    ...devices.map((name) => `: > "$system/dev/${name}" && mount --bind /dev/${name} "$system/dev/${name}"`),
    ...(options.sharedMemory === true
      ? ['mkdir "$system/dev/shm" && mount -t tmpfs -o mode=1777 tmpfs "$system/dev/shm"']
      : []),
    ...(proc === 'missing' ? [] : [`mount -t proc ${proc === 'hidden' ? '-o hidepid=2 ' : ''}proc "$system/proc"`]),
    ...(tmp === 'read-only'
      ? []
      : [`mount -t tmpfs -o mode=1777${tmp === 'noexec' ? ',noexec' : ''} tmpfs "$system/tmp"`]),
    ...(readOnly || tmp === 'read-only' ? ['mount -o remount,bind,ro "$system"'] : []),
    ...(readOnly ? ['mount -o remount,bind,ro "$system$at"'] : []),
    before,
    `exec chroot ${arm64Emulator === undefined ? `--userspec=${GRAFANA_USER} ` : ''}"$system" /grafana-host "$@"`,
  ].join('\n');
}

/**
 * Registers the emulator in the user namespace, so that other processes on this machine are not affected. Needs Linux
 * 6.7.
 */
function emulate(emulator: string): string[] {
  const formats = '/proc/sys/fs/binfmt_misc';
  return [
    `mount -t binfmt_misc binfmt_misc ${formats}`,
    `printf '%s' ':arm64:M::${ARM64_HEADER}:${ARM64_MASK}:${emulator}:F' > ${formats}/register`,
  ];
}
