/**
 * Variable queries of every age as one model.
 *
 * Saved are: the bare SQL (version 1), a query object, and, where Grafana wrapped an object that had no `refId`, one
 * query inside another's `query` field.
 */
import { type MicromegasQueryFields } from '../../contract/query';
import { type MicromegasQuery } from '../types';

/** Shown in the editor's help. */
export const EXAMPLE_VARIABLE_QUERY = 'SELECT process_id AS value, exe AS text FROM processes';

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/**
 * The query behind a variable, ready to be sent: as a table and marked as a variable's. Unknown fields are kept.
 *
 * @param saved Whatever the dashboard holds. Left unmodified.
 * @param name  Name of the variable, for a `refId` when none was saved.
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
