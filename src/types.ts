/** The contract's models in the shapes that Grafana's interfaces ask for. */
import {
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceJsonData,
  type DataSourcePluginOptionsEditorProps,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type Observable } from 'rxjs';
import { type MicromegasQueryFields } from '../contract/query';
import { type MicromegasSecrets, type MicromegasSettings } from '../contract/settings';
import { type SchemaStore } from './schema/schema-store';

export type { MicromegasSecrets };

/** A query as it is saved in panels, alert rules, annotations and variables. */
export type MicromegasQuery = DataQuery & MicromegasQueryFields;

/** `jsonData` of a data source. */
export type MicromegasOptions = DataSourceJsonData & MicromegasSettings;

/** What Grafana hands to the settings page, and this page to its sections. */
export type SettingsProps = DataSourcePluginOptionsEditorProps<MicromegasOptions, MicromegasSecrets>;

/** What the variable support and its editor use of the data source, which in turn is made of them. */
export interface MicromegasApi extends DataSourceApi<MicromegasQuery, MicromegasOptions> {
  readonly schema: SchemaStore;
  variableNames(): string[];
  filterQuery(query: MicromegasQuery): boolean;
  query(request: DataQueryRequest<MicromegasQuery>): Observable<DataQueryResponse>;
}
