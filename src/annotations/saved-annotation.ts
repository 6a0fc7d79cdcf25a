/**
 * Reads saved annotations of each schema.
 *
 * | shape                   | location of the query                                                    |
 * | ----------------------- | ------------------------------------------------------------------------ |
 * | schema 1 of dashboards  | `target`                                                                 |
 * | schema 2 of dashboards  | `query.spec`; the editor of Grafana keeps `target` equal to it           |
 * | before Grafana 8        | SQL as a string in `query` or `queryText`, beside the annotation's name  |
 */
import { isObject } from '../../contract/is-object';
import { type AnnotationQuery } from '@grafana/data';
import { type MicromegasQueryFields, sqlOf } from '../../contract/queries/query';
import { type MicromegasQuery } from '../shared/types';

/** The `refId` that Grafana sets on the query of an annotation. */
const ANNOTATION_REF_ID = 'Anno';

type SavedAnnotation = AnnotationQuery<MicromegasQuery> & { query?: unknown; queryText?: unknown };

function hasSql(target: MicromegasQueryFields | undefined): boolean {
  return target !== undefined && sqlOf(target).trim() !== '';
}

/**
 * Moves SQL that is saved as a string into `target`, the field that Grafana's editor edits. If `target` has SQL
 * already, the string is removed. Other fields are unchanged.
 *
 * Without this function, Grafana would read an annotation with a string in `query` as an annotation from before Grafana
 * 8, and replace the target and the column mappings.
 *
 * @returns The same object if neither `query` nor `queryText` is a string. Grafana's editor would save any other
 * object.
 */
export function withTarget(saved: SavedAnnotation): AnnotationQuery<MicromegasQuery> {
  const { query, queryText, ...rest } = saved;
  if (typeof query !== 'string' && typeof queryText !== 'string') {
    return saved;
  }
  const sqlQuery: MicromegasQueryFields = {
    ...(typeof query === 'string' && { query }),
    ...(typeof queryText === 'string' && { queryText }),
  };
  const keepsTarget = hasSql(rest.target) || !hasSql(sqlQuery);
  return {
    ...rest,
    ...(isObject(query) && { query }),
    target: { refId: ANNOTATION_REF_ID, ...rest.target, ...(keepsTarget ? undefined : sqlQuery) },
  };
}

/** The query of a saved annotation, or undefined if it has none. */
export function savedTarget({ target, query }: SavedAnnotation): MicromegasQuery | undefined {
  if (isObject(query) && isObject(query.spec)) {
    return { refId: ANNOTATION_REF_ID, ...query.spec };
  }
  return target;
}

/**
 * The query that is sent for an annotation: its format is a table, and its purpose appears in the audit log of the
 * server. The purpose also prevents a truncation at the max data points, which applies to version 1 queries of panels
 * if they have no `autoLimit`.
 */
export function asAnnotationQuery(query: MicromegasQuery): MicromegasQuery {
  return { ...query, format: 'table', purpose: 'annotation' };
}
