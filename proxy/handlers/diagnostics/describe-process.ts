/** Describes the process and its machine for the diagnostics file. */
import { availableParallelism, release } from 'node:os';
import { sep } from 'node:path';
import { type DiagnosticsFile } from '../../../contract/resources/diagnostics';
import { type Environment } from '../../base/environment';
import { PLUGIN_SETTINGS } from '../../base/operator-names';
import { type Machine } from '../../observe/memory/budget-size';

/** Facts about the process that are known at its start. */
export interface ProcessFacts {
  environment: Environment;
  startedBy: DiagnosticsFile['plugin']['startedBy'];
  /** The folder of the plugin. */
  folder: string;
  machine: Machine;
  memoryBudgetBytes: number;
  isTracingOn: boolean;
}

const HTTP_PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];

function isSet(environment: Environment, name: string): boolean {
  return (environment[name] ?? '') !== '';
}

/**
 * The libc of this process. Undefined if the system is not Linux, or if Node.js is older than 22.13. Older versions
 * have no option `excludeNetwork`: their report would look up the host names of all network peers, and block the
 * process during the look-ups.
 */
function libcOf(): string | undefined {
  if (process.platform !== 'linux' || !('excludeNetwork' in process.report)) {
    return undefined;
  }
  Reflect.set(process.report, 'excludeNetwork', true);
  const report: unknown = process.report.getReport();
  const header: unknown = typeof report === 'object' && report !== null ? Reflect.get(report, 'header') : undefined;
  const version: unknown =
    typeof header === 'object' && header !== null ? Reflect.get(header, 'glibcVersionRuntime') : undefined;
  return typeof version === 'string' ? `glibc ${version}` : 'musl';
}

/** The facts that do not change while the process runs. */
export function describeProcess({
  environment,
  startedBy,
  folder,
  machine,
  memoryBudgetBytes,
  isTracingOn,
}: ProcessFacts): Pick<DiagnosticsFile, 'runtime' | 'platform' | 'grafana'> &
  Pick<DiagnosticsFile['plugin'], 'startedBy'> {
  const { node, v8, openssl } = process.versions;
  const libc = libcOf();
  return {
    startedBy,
    runtime: { node, v8, openssl, source: process.execPath.startsWith(`${folder}${sep}`) ? 'package' : 'machine' },
    platform: {
      os: process.platform,
      release: release(),
      arch: process.arch,
      ...(libc !== undefined && { libc }),
      cpus: availableParallelism(),
      memoryBytes: machine.memoryBytes,
      heapLimitBytes: machine.heapBytes,
      memoryBudgetBytes,
    },
    grafana: {
      ...(isSet(environment, 'GF_VERSION') && { version: environment.GF_VERSION }),
      pluginSettings: PLUGIN_SETTINGS.filter((name) => isSet(environment, name)),
      isTracingOn,
      hasHttpProxy: HTTP_PROXIES.some((name) => isSet(environment, name)),
    },
  };
}
