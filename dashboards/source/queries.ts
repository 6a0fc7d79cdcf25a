/** Queries of version 2, as the editor of the data source saves them: SQL, queries of the builder, and view queries. */
import { type Builder, type Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { builderQuery } from '../../contract/builder/builder-sql';
import { type BuilderState } from '../../contract/builder/builder-state';
import { PLUGIN_ID } from '../../contract/plugin-id';
import { type MicromegasQueryFields } from '../../contract/queries/query';
import { type ViewQueryFields } from '../../contract/query-types/view-request';

/** The data source that is selected in the dashboard's variable `datasource`. */
export const DATA_SOURCE = { type: PLUGIN_ID, uid: '${datasource}' };

export type SavedQuery = MicromegasQueryFields & { refId: string };

/** Options of a query with SQL. */
type SqlOptions = Pick<MicromegasQueryFields, 'fillMode' | 'format' | 'legend' | 'rowLimit' | 'timeFilter'>;

/** @param options Default: a table, with the time range of the dashboard. */
export function sqlQuery(sql: string, options: SqlOptions = {}): MicromegasQueryFields {
  return { query: sql, format: 'table', timeFilter: true, autoLimit: false, rawEditor: true, version: 2, ...options };
}

/** A query that opens in the builder. */
export function builtQuery(state: BuilderState): MicromegasQueryFields {
  const { sql, ...options } = builderQuery(state);
  return { ...sqlQuery(sql, options), rawEditor: false, builder: state };
}

/** A query without SQL. */
export function viewQuery(fields: ViewQueryFields): MicromegasQueryFields {
  return { ...fields, version: 2 };
}

/** The query as a target of a panel or of an annotation. */
export function target(fields: MicromegasQueryFields, refId = 'A'): Builder<Dataquery> {
  // The SDK requires this method of a query. The JSON of the dashboard does not contain the method.
  const query = { refId, datasource: DATA_SOURCE, ...fields, _implementsDataqueryVariant: () => undefined };
  return { build: () => query };
}
