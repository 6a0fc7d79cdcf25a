/** What completion may ask of a data source. */
import { type SchemaStore } from '../schema/schema-store';
import { type CompletionSource } from '../sql/completion';

/** The part of the data source that the editors use beside queries. */
export interface SchemaOwner {
  readonly schema: SchemaStore;
  variableNames: () => string[];
}

export function completionSource(owner: SchemaOwner): CompletionSource {
  return {
    tableNames: async () => (await owner.schema.tables()).map(({ name }) => name),
    columns: (table) => owner.schema.columns(table),
    variableNames: () => owner.variableNames(),
  };
}
