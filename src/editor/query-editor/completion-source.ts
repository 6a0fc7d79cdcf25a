/** The requests of the SQL editor to the data source, for completion and hover. */
import { type TimeRange } from '@grafana/data';
import { lookupRange } from '../../shared/lookups/lookup-range';
import { type Lookups } from '../../shared/lookups/lookups';
import { type SchemaStore } from '../../shared/schema/schema-store';
import { type CompletionSource } from '../sql/completion';

/** The part of the data source that the editor uses. */
interface SchemaOwner {
  readonly schema: SchemaStore;
  readonly lookups: Lookups;
  variableNames: () => string[];
}

/**
 * The names and values that completion and hover read from a data source.
 *
 * @param range The time range of the panel. Editors of variables may have none.
 */
export function completionSource(owner: SchemaOwner, range?: TimeRange): CompletionSource {
  return {
    tableNames: () => owner.schema.tableNames(),
    columns: (table) => owner.schema.columns(table),
    variableNames: () => owner.variableNames(),
    // A failed lookup only makes the list shorter. The backend has logged the failure.
    lookup: (request) => owner.lookups.get(request).catch(() => undefined),
    range: () => lookupRange(range),
  };
}
