/**
 * The environment of a plugin process in Grafana 12.4 and newer: the magic cookie of
 * hashicorp/go-plugin and a few variables of Grafana, but no PATH, HOME or TMPDIR.
 */
const GRAFANA_VERSION = '12.4.2';

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
