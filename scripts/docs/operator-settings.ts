/**
 * The table of all keys of `[plugin.micromegas-micromegas-datasource]` and all environment variables that the backend
 * reads.
 */
import { markdownTable } from './markdown';

interface OperatorSetting {
  /** Environment variables, usually only one. */
  variables: readonly string[];
  /**
   * True: Grafana sets the variable from a key of its configuration file. The key is the variable without `GF_PLUGIN_`,
   * in lower case.
   */
  isKey?: boolean;
  /** The processes that read the variables: the one that Grafana starts, the sidecar, or both. */
  readBy: 'Grafana' | 'sidecar' | 'both';
  meaning: string;
  missing: string;
}

const KEY_PREFIX = 'GF_PLUGIN_';

export const OPERATOR_SETTINGS: readonly OperatorSetting[] = [
  {
    variables: ['GF_PLUGIN_ALLOWED_HOSTS'],
    isKey: true,
    readBy: 'both',
    meaning:
      'Hosts that data sources may connect to: servers and identity providers, separated by commas. `*.example.com` includes all subdomains',
    missing: 'any host',
  },
  {
    variables: ['GF_PLUGIN_ALLOWED_FILE_FOLDERS'],
    isKey: true,
    readBy: 'both',
    meaning: 'Folders that secrets and assertions may be read from. Needs `allowed_hosts`',
    missing: 'no file is read',
  },
  {
    variables: ['GF_PLUGIN_REFUSE_PLAINTEXT_TOKENS'],
    isKey: true,
    readBy: 'both',
    meaning: '`true`: keys and tokens are sent only with TLS, or to loopback addresses',
    missing: '`false`, with a warning in Save & test',
  },
  {
    variables: ['GF_PLUGIN_MEMORY_BUDGET_MB'],
    isKey: true,
    readBy: 'both',
    meaning: 'Megabytes for all results together, at least 16',
    missing: 'a quarter of the memory of the machine or container, from 64 to 4096',
  },
  {
    variables: ['GF_PLUGIN_SLOW_QUERY_SECONDS'],
    isKey: true,
    readBy: 'both',
    meaning: 'Seconds from which a query is logged as slow. `0`: none',
    missing: '10',
  },
  {
    variables: ['GF_PLUGIN_NODE'],
    isKey: true,
    readBy: 'Grafana',
    meaning: 'Path of the Node.js to use, version 22 or newer. No effect on Windows',
    missing: 'that of the package, else one on the machine',
  },
  {
    variables: ['GF_PLUGIN_BACKEND_SOCKET', 'GF_PLUGIN_PROXY_SOCKET'],
    isKey: true,
    readBy: 'Grafana',
    meaning: 'Path of the socket of a sidecar. The second name is the former one',
    missing: 'Grafana starts the backend itself',
  },
  {
    variables: ['GF_PLUGIN_BACKEND_ADDRESS', 'GF_PLUGIN_PROXY_ADDRESS'],
    isKey: true,
    readBy: 'Grafana',
    meaning: '`host:port` of a sidecar, instead of a socket. The second name is the former one',
    missing: 'Grafana starts the backend itself',
  },
  {
    variables: ['GF_PLUGIN_BACKEND_RESTRICTIONS'],
    isKey: true,
    readBy: 'Grafana',
    meaning:
      '`sidecar`: the sidecar has restrictions of its own. Needed if `grafana.ini` has both the address of a sidecar and restrictions',
    missing: 'Grafana does not use a sidecar if `grafana.ini` has restrictions',
  },
  {
    variables: ['GF_PLUGIN_PROXY_LISTEN'],
    readBy: 'sidecar',
    meaning: 'Address of the sidecar, as the option `--serve`: `unix:/path/to/socket` or `host:port`',
    missing: 'the option is required',
  },
  {
    variables: ['GF_PLUGIN_PROXY_SOCKET_MODE'],
    readBy: 'sidecar',
    meaning: 'Permissions of the socket, octal',
    missing: '`0660`',
  },
  {
    variables: ['GF_PLUGIN_DRAIN_SECONDS'],
    readBy: 'sidecar',
    meaning:
      'Seconds that running queries have after SIGTERM, up to 3600. The supervisor must wait longer before it kills the process',
    missing: '25',
  },
  {
    variables: ['GF_PLUGIN_LOG_LEVEL'],
    readBy: 'sidecar',
    meaning:
      'Lowest level of the lines in the log of a sidecar: `debug`, `info`, `warn` or `error`. Names and e-mail addresses of users occur at `debug` only',
    missing: '`info`',
  },
  {
    variables: ['GF_PLUGIN_PROXY_HANDOVER'],
    readBy: 'sidecar',
    meaning:
      '`true`: takes the address from a sidecar that runs there. A TCP port needs Linux, and `true` for both sidecars',
    missing: '`false`: another sidecar keeps the address',
  },
  {
    variables: ['GF_PLUGIN_PROXY_ALLOW_REMOTE'],
    readBy: 'sidecar',
    meaning: '`true` allows a TCP address that other machines can reach',
    missing: '`false`',
  },
  {
    variables: ['GF_INSTANCE_OTLP_ADDRESS'],
    readBy: 'both',
    meaning:
      '`host:port` of the collector of traces, OTLP over gRPC without TLS. Grafana sets it from `[tracing.opentelemetry.otlp]`',
    missing: 'no tracing',
  },
  {
    variables: ['GF_INSTANCE_OTLP_SAMPLER_TYPE', 'GF_INSTANCE_OTLP_SAMPLER_PARAM'],
    readBy: 'both',
    meaning:
      '`const` (0 or 1), `probabilistic` (0 to 1) or `rateLimiting` (traces per second), and its parameter. Grafana sets them from `[tracing.opentelemetry]`',
    missing: '`const` with 1',
  },
  {
    variables: ['GF_PLUGIN_VERSION'],
    readBy: 'both',
    meaning: 'Value of `service.version` in traces. Grafana sets it',
    missing: 'not sent',
  },
  {
    variables: ['OTEL_BSP_SCHEDULE_DELAY'],
    readBy: 'both',
    meaning: 'Milliseconds that a span waits for others before it is sent. Invalid values are logged',
    missing: '5000',
  },
  {
    variables: ['SSL_CERT_FILE'],
    readBy: 'both',
    meaning:
      "File with trusted certificate authorities, instead of the system's. Grafana 12.4 and newer pass it only with `forward_host_env_vars`",
    missing: "the system's file",
  },
  {
    variables: ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'],
    readBy: 'both',
    meaning: 'HTTP proxy for identity providers, and the hosts that need none. Also in lower case',
    missing: 'no HTTP proxy',
  },
];

/** The keys of the section of the plugin, in lower case. */
export function operatorKeys(): string[] {
  return OPERATOR_SETTINGS.filter(({ isKey }) => isKey).flatMap(({ variables }) => variables.map(keyOf));
}

function keyOf(variable: string): string {
  return variable.slice(KEY_PREFIX.length).toLowerCase();
}

/** One table: keys of Grafana's configuration file first, then variables without a key. */
export function operatorSettingsTable(): string {
  const rows = OPERATOR_SETTINGS.map(({ variables, isKey, readBy, meaning, missing }) => [
    isKey ? variables.map((name) => `\`${keyOf(name)}\``).join(', ') : '',
    variables.map((name) => `\`${name}\``).join(', '),
    readBy,
    meaning,
    missing,
  ]);
  return markdownTable(['Key', 'Environment variable', 'Read by', 'Meaning', 'When missing'], rows);
}
