/**
 * How Grafana 12.4 and newer launch a plugin: file name, environment and handshake (hashicorp/go-plugin `client.go`).
 */
const GRAFANA_VERSION = '12.4.2';

/** Name of the file that Grafana starts, with Go's names for systems and processors. */
export function launcherName(platform: NodeJS.Platform = process.platform, arch: string = process.arch): string {
  return `gpx_micromegas_${platform}_${arch === 'x64' ? 'amd64' : arch}`;
}

/**
 * Environment of a plugin process: the magic cookie of go-plugin and a few variables of Grafana, but no PATH, HOME or
 * TMPDIR.
 */
export function pluginEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    grafana_plugin_type: 'datasource',
    PLUGIN_PROTOCOL_VERSIONS: '2',
    PLUGIN_MIN_PORT: '10000',
    PLUGIN_MAX_PORT: '25000',
    GF_VERSION: GRAFANA_VERSION,
    ...extra,
  };
}

/**
 * Parses the handshake line.
 *
 * @returns The address for grpc-js.
 * @throws {Error} If the line is not a handshake, or names a network other than `unix` and `tcp`.
 */
export function parseHandshake(line: string): string {
  const [core, app, network, address, rpc] = line.split('|').map((field) => field.trim());
  if (core !== '1' || app !== '2' || rpc !== 'grpc' || address === undefined || address === '') {
    throw new Error(`Unrecognized remote plugin message: ${JSON.stringify(line)}`);
  }
  if (network !== 'unix' && network !== 'tcp') {
    throw new Error(`Unknown network in the handshake: ${JSON.stringify(line)}`);
  }
  return network === 'unix' ? `unix:${address}` : address;
}
