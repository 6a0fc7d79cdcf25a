/** Finds the tools for the checks of the packages, and the parts of these checks that cannot run on this machine. */
import { spawnSync } from 'node:child_process';
import { type Platform, PLATFORMS } from '../../scripts/package/platforms';
import { type Tool } from '../conformance/decisions';
import { type GoModule } from '../conformance/processes';
import { findTools as findConformanceTools } from '../conformance/tools';
import { DebianPackages } from './debian';
import { type Packages } from './packages';
import { type Part, PARTS } from './parts';

export interface Tools {
  packages: Packages;
  /** An empty folder that every user can enter. */
  scratch: string;
  grafanaHost: Tool<GoModule>;
  debian: Tool<DebianPackages>;
  /** For each part that cannot run, the reason. */
  missing: Partial<Record<Part, string>>;
}

type Need = 'linux' | 'packages' | 'unzip' | 'go' | 'namespaces' | 'debian' | 'emulation' | Platform;

const NATIVE: readonly Need[] = ['linux', 'linux_amd64', 'unzip', 'go'];
const CHROOT: readonly Need[] = [...NATIVE, 'namespaces', 'debian'];

const NEEDS: Readonly<Record<Part, readonly Need[]>> = {
  files: ['packages', 'unzip'],
  alpine: CHROOT,
  glibc: CHROOT,
  distroless: CHROOT,
  'read-only': CHROOT,
  restricted: CHROOT,
  'old-node': NATIVE,
  runtime: NATIVE,
  replace: NATIVE,
  'start-up': NATIVE,
  arm64: ['linux', 'linux_arm64', 'unzip', 'go', 'namespaces', 'debian', 'emulation'],
};

export async function findTools(env: NodeJS.ProcessEnv, packages: Packages, scratch: string): Promise<Tools> {
  const { grafana: grafanaHost } = findConformanceTools(env);
  const debian = await DebianPackages.find(env);
  const problem = (need: Need): string | undefined => {
    switch (need) {
      case 'linux':
        return process.platform === 'linux' && process.arch === 'x64'
          ? undefined
          : `this machine is ${process.platform} ${process.arch}, and Linux on amd64 is needed`;
      case 'packages':
        return packagesProblem(packages);
      case 'unzip':
        return succeeds('unzip', ['-v']) ? undefined : 'unzip is not installed';
      case 'go':
        return missingOf(grafanaHost);
      case 'debian':
        return missingOf(debian);
      case 'namespaces':
        return namespaceProblem();
      case 'emulation':
        return emulationProblem();
      default:
        return missingOf(packages.find(need));
    }
  };
  const missing: Partial<Record<Part, string>> = {};
  for (const part of PARTS) {
    for (const need of NEEDS[part]) {
      missing[part] ??= problem(need);
    }
  }
  return { packages, scratch, grafanaHost, debian, missing };
}

function missingOf(tool: Tool<object>): string | undefined {
  return 'missing' in tool && typeof tool.missing === 'string' ? tool.missing : undefined;
}

function packagesProblem(packages: Packages): string | undefined {
  const problems = PLATFORMS.map((platform) => missingOf(packages.find(platform)));
  return problems.includes(undefined) ? undefined : problems[0];
}

function namespaceProblem(): string | undefined {
  return succeeds('unshare', ['--mount', '--pid', '--fork', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
    ? undefined
    : 'this user may not mount file systems (root may), or unshare is not installed';
}

function emulationProblem(): string | undefined {
  const mount = ['mount', '-t', 'binfmt_misc', 'binfmt_misc', '/proc/sys/fs/binfmt_misc'];
  return succeeds('unshare', ['--user', '--map-root-user', '--mount', ...mount])
    ? undefined
    : 'this kernel has no binfmt_misc in user namespaces (Linux 6.7 and newer have it)';
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
