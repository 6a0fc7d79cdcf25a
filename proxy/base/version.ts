/** The version of the plugin, which the build writes into plugin.json too. */
export { version as PLUGIN_VERSION } from '../../package.json';
