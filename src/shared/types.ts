/** The models of `contract/` with the base types that Grafana's interfaces require. */
import {
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type DataSourceJsonData,
  type DataSourcePluginOptionsEditorProps,
  type ScopedVars,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { type Observable } from 'rxjs';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type MicromegasSecrets, type MicromegasSettings } from '../../contract/settings/settings';
import { type EditedSql } from '../../contract/sql/sql-edits';
import { type Lookups } from './lookups/lookups';
import { type SchemaStore } from './schema/schema-store';
import { type VariableFailures } from './variable-failures';

export type { MicromegasSecrets };

/** A query as it is saved in panels, alert rules, annotations and variables. */
export type MicromegasQuery = DataQuery & MicromegasQueryFields;

/** `jsonData` of a data source. */
export type MicromegasOptions = DataSourceJsonData & MicromegasSettings;

/** Props of the settings page and of its sections. */
export type SettingsProps = DataSourcePluginOptionsEditorProps<MicromegasOptions, MicromegasSecrets>;

/** The part of the data source that its editors and variable support use. An interface avoids an import cycle. */
export interface MicromegasApi extends DataSourceApi<MicromegasQuery, MicromegasOptions> {
  readonly schema: SchemaStore;
  readonly lookups: Lookups;
  readonly variableFailures: VariableFailures;
  variableNames(): string[];
  interpolated(sql: string, scopedVars: ScopedVars): EditedSql;
  filterQuery(query: MicromegasQuery): boolean;
  query(request: DataQueryRequest<MicromegasQuery>): Observable<DataQueryResponse>;
}
