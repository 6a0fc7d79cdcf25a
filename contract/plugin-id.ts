/**
 * The id under which Grafana knows the plugin. Dashboards and data sources are saved with this id, so it never changes.
 */
export const PLUGIN_ID = 'micromegas-micromegas-datasource';
