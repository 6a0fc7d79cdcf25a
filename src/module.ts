/** The entry point that Grafana loads. It registers the data source and its editors. */
import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { ConfigEditor } from './config/ConfigEditor';
import { MicromegasDataSource } from './datasource';
import pluginJson from './plugin.json';
import { QueryEditor } from './query-editor/QueryEditor';
import { type MicromegasOptions, type MicromegasQuery, type MicromegasSecrets } from './types';

// Selects the plugin's namespace of translations. English needs no file: its texts are the defaults in the code.
await initPluginTranslations(pluginJson.id);

export const plugin = new DataSourcePlugin<MicromegasDataSource, MicromegasQuery, MicromegasOptions, MicromegasSecrets>(
  MicromegasDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
