import { type InsertedPart } from '../../../contract/resources/query-costs';

/** A part of a statement. @property by The origin of an inserted part. Undefined: the author wrote the part. */
export interface InspectorPart {
  sql: string;
  by?: InsertedPart['by'];
}

/**
 * Divides a statement at the start and the end of each insertion.
 *
 * @param inserted In ascending order. A part that extends beyond the statement is truncated.
 */
export function statementParts(sql: string, inserted: readonly InsertedPart[] = []): InspectorPart[] {
  const parts: InspectorPart[] = [];
  let at = 0;
  for (const { start, end, by } of inserted) {
    const first = Math.max(at, Math.min(start, sql.length));
    const last = Math.max(first, Math.min(end, sql.length));
    parts.push({ sql: sql.slice(at, first) }, { sql: sql.slice(first, last), by });
    at = last;
  }
  parts.push({ sql: sql.slice(at) });
  return parts.filter(({ sql }) => sql !== '');
}
