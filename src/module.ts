/** What Grafana loads: the data source and the parts of its pages. */
import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './config/ConfigEditor';
import { MicromegasDataSource } from './datasource';
import { QueryEditor } from './query-editor/QueryEditor';
import { type MicromegasOptions, type MicromegasQuery, type MicromegasSecrets } from './types';

export const plugin = new DataSourcePlugin<MicromegasDataSource, MicromegasQuery, MicromegasOptions, MicromegasSecrets>(
  MicromegasDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
