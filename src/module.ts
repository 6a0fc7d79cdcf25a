/** The entry point that Grafana loads. It registers the data source and its editors. */
import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { sqlOf } from '../contract/queries/query';
import { lazyEditor } from './shared/controls/lazy-editor';
import { MicromegasDataSource } from './datasource';
import pluginJson from './plugin.json';
import { type MicromegasOptions, type MicromegasQuery, type MicromegasSecrets } from './shared/types';

const QueryEditor = lazyEditor(
  async () =>
    (await import(/* webpackChunkName: "query-editor" */ './editor/query-editor/CollapsibleEditor')).CollapsibleEditor,
  { heightPx: 340, sqlOf: ({ query }) => sqlOf(query) }
);

const EditorHelp = lazyEditor(
  async () => (await import(/* webpackChunkName: "query-editor" */ './editor/query-editor/EditorHelp')).EditorHelp,
  { heightPx: 340 }
);

/** The settings page. While it loads, a placeholder has the height of the first section. */
const ConfigEditor = lazyEditor(
  async () => (await import(/* webpackChunkName: "config-editor" */ './settings/ConfigEditor')).ConfigEditor,
  { heightPx: 600 }
);

const MetadataInspector = lazyEditor(
  async () => (await import(/* webpackChunkName: "inspector" */ './explore/inspector/QueryInspector')).QueryInspector,
  { heightPx: 340 }
);

// Selects the plugin's namespace of translations. English needs no file: its strings are the defaults in the code.
await initPluginTranslations(pluginJson.id);

export const plugin = new DataSourcePlugin<MicromegasDataSource, MicromegasQuery, MicromegasOptions, MicromegasSecrets>(
  MicromegasDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(EditorHelp)
  .setMetadataInspector(MetadataInspector);
