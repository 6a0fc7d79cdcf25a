/**
 * Reads variable queries in each saved shape: SQL as a string (version 1), a query, and a query in the `query` field of
 * another query. Grafana wraps a query without `refId` in this way.
 */
import { isObject } from '../../../contract/is-object';
import { type MicromegasQueryFields } from '../../../contract/queries/query';
import { type MicromegasQuery } from '../types';

/** The example in the help of the editor. */
export const EXAMPLE_VARIABLE_QUERY = 'SELECT process_id AS value, exe AS text FROM processes';

/**
 * The query that is sent for a variable: its format is a table, and its purpose is `variable`. Unknown fields are kept.
 *
 * @param saved The query in the dashboard. It is not modified.
 * @param name  Name of the variable, for the `refId` of a query that was saved without one.
 */
export function toVariableQuery(saved: unknown, name = 'variable'): MicromegasQuery {
  const ownRefId = `MicromegasVariable-${name}`;
  if (typeof saved === 'string') {
    return { refId: ownRefId, query: saved, format: 'table', purpose: 'variable' };
  }
  const outer = isObject(saved) ? saved : {};
  const inner = isObject(outer.query) ? outer.query : undefined;
  const fields: MicromegasQueryFields = inner ? { ...outer, query: undefined, ...inner } : outer;
  const refId = typeof outer.refId === 'string' && outer.refId !== '' ? outer.refId : ownRefId;
  return { ...fields, refId, format: 'table', purpose: 'variable' };
}
