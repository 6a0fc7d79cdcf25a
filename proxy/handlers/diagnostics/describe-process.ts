/** Describes the process and its machine for the diagnostics file. */
import { availableParallelism, release } from 'node:os';
import { sep } from 'node:path';
import { type DiagnosticsFile } from '../../../contract/resources/diagnostics';
import { type Environment } from '../../base/environment';
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

/**
 * The environment variables with the plugin's settings, which Grafana passes from grafana.ini. The diagnostics file
 * lists only these, because other `GF_PLUGIN_` variables may belong to other plugins.
 */
export const PLUGIN_SETTINGS: readonly string[] = [
  'GF_PLUGIN_ALLOWED_FILE_FOLDERS',
  'GF_PLUGIN_ALLOWED_HOSTS',
  'GF_PLUGIN_BACKEND_ADDRESS',
  'GF_PLUGIN_BACKEND_SOCKET',
  'GF_PLUGIN_MEMORY_BUDGET_MB',
  'GF_PLUGIN_NODE',
  'GF_PLUGIN_PROXY_ADDRESS',
  'GF_PLUGIN_PROXY_ALLOW_REMOTE',
  'GF_PLUGIN_PROXY_LISTEN',
  'GF_PLUGIN_PROXY_SOCKET',
  'GF_PLUGIN_PROXY_SOCKET_MODE',
  'GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS',
  'GF_PLUGIN_SLOW_QUERY_SECONDS',
];

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
