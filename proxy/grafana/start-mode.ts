/**
 * How the process was started, by Grafana as a plugin or by an administrator as a sidecar, and where it listens.
 *
 * Rules for plugins: hashicorp/go-plugin `client.go` (magic cookie, protocol versions, port range).
 */
import { formatAddress, isLoopbackAddress } from '../../contract/settings/host';
import { type Environment } from '../base/environment';
import { LOG_LEVELS, type LogLevel } from '../observe/logging/logger';
import { restrictionsNotInSidecar } from '../base/operator-names';

const COOKIE = { name: 'grafana_plugin_type', value: 'datasource' };

/** The only application protocol that this plugin supports. */
const PROTOCOL_VERSION = '2';

export type StartMode = { kind: 'plugin'; ports: PortRange } | SidecarMode | Command;

export interface SidecarMode {
  kind: 'sidecar';
  address: ListenAddress;
  /** File mode of a unix socket. */
  socketMode: number;
  /** Longest wait for running calls when the process stops, in milliseconds. */
  drainMs: number;
  /** True: takes the address from a sidecar that runs there. */
  takesOver: boolean;
  logLevel: LogLevel;
}

/** The process runs one command, and serves no calls. */
export type Command =
  /**
   * Grafana started the process, and gets the address of a sidecar: the path of its socket, or `host:port`. `renamed`
   * is set if the address comes from a setting under its former name.
   */
  | { kind: 'pointer'; network: ListenAddress['network']; address: string; renamed?: RenamedSetting }
  /** The administrator asks whether a sidecar responds at this address. */
  | { kind: 'check'; address: ListenAddress }
  /** The administrator wants to know what changes when this plugin replaces the Go plugin. */
  | { kind: 'migration-report' }
  | { kind: 'help' }
  | { kind: 'version' }
  /** The process cannot run. `sentence` explains the reason to the administrator. */
  | { kind: 'rejected'; sentence: string };

/**
 * A setting that has a new name. Both names are keys in the section of the plugin in grafana.ini, which Grafana passes
 * as `GF_PLUGIN_…` variables.
 */
export interface RenamedSetting {
  formerKey: string;
  key: string;
}

/** The range of TCP ports that a plugin may use, including both ends. */
export interface PortRange {
  first: number;
  last: number;
}

const BY_HAND =
  'This program is the backend of the Micromegas data source and is started by Grafana. ' +
  'To run it as a sidecar, give it an address: --serve unix:/path/to/socket (or GF_PLUGIN_PROXY_LISTEN). --help lists all options.';

const NO_ADDRESS_TO_CHECK =
  'Give the address of the sidecar: --check unix:/path/to/socket, or --check host:port (or GF_PLUGIN_PROXY_LISTEN).';

/**
 * Oldest major version of Node.js that can run the backend. The launcher `scripts/launcher/gpx_micromegas.sh` makes the
 * same check, but a sidecar can also be started without the launcher: `node dist/proxy.cjs --serve ADDRESS`.
 */
const OLDEST_NODE = 22;

/** Facts that a start depends on, in addition to the environment and the command line. */
export interface Runtime {
  /** Value of `process.versions.node`. */
  nodeVersion: string;
  platform: NodeJS.Platform;
}

/** What the process has to do. @param args Command line without program and script. */
export function startMode(env: Environment, args: readonly string[], runtime: Runtime): StartMode {
  if (args.includes('--help') || args.includes('--version')) {
    return { kind: args.includes('--help') ? 'help' : 'version' };
  }
  const { nodeVersion } = runtime;
  if (Number.parseInt(nodeVersion, 10) < OLDEST_NODE) {
    const sentence =
      `The Micromegas data source needs Node.js ${OLDEST_NODE} or newer, and this is Node.js ${nodeVersion}. ` +
      'Start dist/proxy.cjs with a newer Node.js, for example: /opt/node/bin/node dist/proxy.cjs';
    return { kind: 'rejected', sentence };
  }
  if (args.includes('--migration-report')) {
    return { kind: 'migration-report' };
  }
  const option = ['--check', '--serve'].find((name) => args.includes(name));
  const startedByGrafana = env[COOKIE.name] === COOKIE.value;
  if (option === undefined && startedByGrafana) {
    return pluginMode(env);
  }
  const listen = (option && args[args.indexOf(option) + 1]) ?? env.GF_PLUGIN_PROXY_LISTEN;
  if (listen === undefined) {
    return { kind: 'rejected', sentence: option === '--check' ? NO_ADDRESS_TO_CHECK : BY_HAND };
  }
  const address = readAddress(listen, runtime.platform);
  if (typeof address === 'string') {
    return { kind: 'rejected', sentence: address };
  }
  return option === '--check' ? { kind: 'check', address } : sidecarMode(address, env);
}

/** The settings with the address of a sidecar, the preferred settings first. */
const POINTERS = [
  { network: 'unix', variable: 'GF_PLUGIN_BACKEND_SOCKET', renamed: undefined },
  { network: 'tcp', variable: 'GF_PLUGIN_BACKEND_ADDRESS', renamed: undefined },
  {
    network: 'unix',
    variable: 'GF_PLUGIN_PROXY_SOCKET',
    renamed: { formerKey: 'proxy_socket', key: 'backend_socket' },
  },
  {
    network: 'tcp',
    variable: 'GF_PLUGIN_PROXY_ADDRESS',
    renamed: { formerKey: 'proxy_address', key: 'backend_address' },
  },
] as const;

/**
 * The address of a sidecar in the settings of the plugin. On systems with a shell, the launcher already handles these
 * settings, without Node.js.
 */
function pointerMode(env: Environment): Extract<Command, { kind: 'pointer' }> | undefined {
  for (const { network, variable, renamed } of POINTERS) {
    const address = env[variable];
    if (address) {
      return { kind: 'pointer', network, address, renamed };
    }
  }
  return undefined;
}

/** A line for Grafana's log, as the launcher writes it. Grafana reads the level from the brackets. */
function ignoredRestriction(key: string): string {
  return (
    `[ERROR] Micromegas data source: the sidecar does not read ${key} of grafana.ini. ` +
    'Set the restriction in the environment of the sidecar, and backend_restrictions = sidecar in grafana.ini.'
  );
}

function pluginMode(env: Environment): StartMode {
  const pointer = pointerMode(env);
  const [ignored] = pointer === undefined ? [] : restrictionsNotInSidecar(env);
  if (ignored !== undefined) {
    return { kind: 'rejected', sentence: ignoredRestriction(ignored) };
  }
  if (pointer !== undefined) {
    return pointer;
  }
  const offered = (env.PLUGIN_PROTOCOL_VERSIONS ?? PROTOCOL_VERSION).split(',').map((version) => version.trim());
  if (!offered.includes(PROTOCOL_VERSION)) {
    const sentence = `Grafana offers plugin protocol ${offered.join(', ')}, but this data source supports only protocol ${PROTOCOL_VERSION}.`;
    return { kind: 'rejected', sentence };
  }
  return {
    kind: 'plugin',
    ports: { first: port(env.PLUGIN_MIN_PORT, 10_000), last: port(env.PLUGIN_MAX_PORT, 25_000) },
  };
}

function port(string: string | undefined, fallback: number): number {
  const value = Number(string);
  return string !== undefined && Number.isInteger(value) && value > 0 && value < 65_536 ? value : fallback;
}

/** @returns The address. If the string is not a usable address, a sentence for the administrator. */
function readAddress(written: string, platform: NodeJS.Platform): ListenAddress | string {
  const address = parseListenAddress(written);
  if (address === undefined) {
    return `"${written}" is not an address: write unix:/path/to/socket or host:port.`;
  }
  if (address.network === 'unix' && platform === 'win32') {
    return `"${written}" cannot be used on Windows, where Node.js has no unix sockets: write host:port.`;
  }
  return address;
}

function sidecarMode(address: ListenAddress, env: Environment): StartMode {
  if (address.network === 'tcp' && !isLoopbackAddress(address.host) && env.GF_PLUGIN_PROXY_ALLOW_REMOTE !== 'true') {
    return { kind: 'rejected', sentence: remoteProblem(address.host) };
  }
  const socketMode = parseSocketMode(env.GF_PLUGIN_PROXY_SOCKET_MODE);
  if (socketMode === undefined) {
    return { kind: 'rejected', sentence: 'GF_PLUGIN_PROXY_SOCKET_MODE must be octal permissions, for example 0660.' };
  }
  const drainMs = parseDrainMs(env.GF_PLUGIN_DRAIN_SECONDS);
  if (drainMs === undefined) {
    const sentence = `GF_PLUGIN_DRAIN_SECONDS must be a number of seconds from 0 to ${MAX_DRAIN_SECONDS}, for example 25.`;
    return { kind: 'rejected', sentence };
  }
  const logLevel = SIDECAR_LOG_LEVELS.find((level) => level === (env.GF_PLUGIN_LOG_LEVEL || 'info'));
  if (logLevel === undefined) {
    return { kind: 'rejected', sentence: `GF_PLUGIN_LOG_LEVEL must be one of ${SIDECAR_LOG_LEVELS.join(', ')}.` };
  }
  const takesOver = env.GF_PLUGIN_PROXY_HANDOVER === 'true';
  return { kind: 'sidecar', address, socketMode, drainMs, takesOver, logLevel };
}

const SIDECAR_LOG_LEVELS = LOG_LEVELS.filter((level) => level !== 'trace');

/** Kubernetes ends a container 30 seconds after SIGTERM by default. */
const DRAIN_SECONDS = 25;
const MAX_DRAIN_SECONDS = 3600;

/** Undefined for an invalid value. */
function parseDrainMs(value: string | undefined): number | undefined {
  const seconds = value === undefined || value === '' ? DRAIN_SECONDS : Number(value);
  return seconds >= 0 && seconds <= MAX_DRAIN_SECONDS ? seconds * 1000 : undefined;
}

/**
 * The connection between Grafana and the backend has no sign-in and no encryption, and carries the secrets of data
 * sources. Other machines could read these secrets, or run queries with the secrets that the backend has cached. So an
 * address that other machines can reach is rejected unless the administrator sets GF_PLUGIN_PROXY_ALLOW_REMOTE.
 */
function remoteProblem(host: string): string {
  return (
    `If the sidecar listened at ${host}, other machines could connect to it without a sign-in. ` +
    'Use a unix socket or 127.0.0.1, or set GF_PLUGIN_PROXY_ALLOW_REMOTE=true if the network is private.'
  );
}

/**
 * Permissions of the socket; undefined for an invalid value. Default: for owner and group, because Grafana usually has
 * the same user or group.
 */
function parseSocketMode(value: string | undefined): number | undefined {
  if (value === undefined) {
    return 0o660;
  }
  return /^0?[0-7]{3}$/.test(value) ? parseInt(value, 8) : undefined;
}

export type ListenAddress = { network: 'unix'; path: string } | { network: 'tcp'; host: string; port: number };

/** Reads `unix:/path/to/socket`, `host:port` or `[ipv6]:port`. Returns undefined for any other string. */
export function parseListenAddress(address: string): ListenAddress | undefined {
  if (address.startsWith('unix:')) {
    const path = address.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
    return path.startsWith('/') ? { network: 'unix', path } : undefined;
  }
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:/[\]\s]+)):(\d{1,5})$/.exec(address);
  if (match === null || Number(match[3]) > 65_535) {
    return undefined;
  }
  return { network: 'tcp', host: match[1] ?? match[2], port: Number(match[3]) };
}

/** The address as a string: the path of the socket, or host and port. */
export function formatListenAddress(address: ListenAddress): string {
  return address.network === 'unix' ? address.path : formatAddress(address.host, address.port);
}

const CORE_PROTOCOL_VERSION = 1;

/**
 * The handshake line, which contains the address of the plugin and is the only output of a plugin to stdout. Fields:
 * core protocol, application protocol, network, address, kind of RPC. Rules: hashicorp/go-plugin `server.go`.
 *
 * @param address The path of the socket, or `host:port`.
 */
export function handshakeLine(network: ListenAddress['network'], address: string): string {
  return `${CORE_PROTOCOL_VERSION}|${PROTOCOL_VERSION}|${network}|${address}|grpc\n`;
}
