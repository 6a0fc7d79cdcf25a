import { type MicromegasQuery } from '../types';

/** The query as an annotation runs it: as a table, and without the limit that panels have when none is saved. */
export function asAnnotationQuery(query: MicromegasQuery): MicromegasQuery {
  return { ...query, format: 'table', purpose: 'annotation' };
}
