/**
 * Annotations of every saved form.
 *
 * | form                    | where the query is                                                       |
 * | ----------------------- | ------------------------------------------------------------------------ |
 * | schema 1 of dashboards  | `target`                                                                 |
 * | schema 2 of dashboards  | `query.spec`; the editor of Grafana keeps `target` equal to it           |
 * | before Grafana 8        | the SQL as text in `query` or `queryText`, beside the annotation's name  |
 */
import { type AnnotationQuery } from '@grafana/data';
import { type MicromegasQueryFields, sqlOf } from '../../contract/query';
import { type MicromegasQuery } from '../types';

/** The `refId` that Grafana gives to the query of an annotation. */
const ANNOTATION_REF_ID = 'Anno';

type SavedAnnotation = AnnotationQuery<MicromegasQuery> & { query?: unknown; queryText?: unknown };

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function hasSql(target: MicromegasQueryFields | undefined): boolean {
  return target !== undefined && sqlOf(target).trim() !== '';
}

/**
 * Moves SQL that is saved as text into `target`, where Grafana's editor changes it. All other fields stay.
 *
 * Without this function Grafana takes any text in `query` for the old form and replaces the target and the column
 * mappings.
 *
 * @returns The same object when there is nothing to move: the editor saves any other object.
 */
export function withTarget(saved: SavedAnnotation): AnnotationQuery<MicromegasQuery> {
  const { query, queryText, ...rest } = saved;
  if (typeof query !== 'string' && typeof queryText !== 'string') {
    return saved;
  }
  const text: MicromegasQueryFields = {
    ...(typeof query === 'string' && { query }),
    ...(typeof queryText === 'string' && { queryText }),
  };
  const keepsTarget = hasSql(rest.target) || !hasSql(text);
  return {
    ...rest,
    ...(isObject(query) && { query }),
    target: { refId: ANNOTATION_REF_ID, ...rest.target, ...(keepsTarget ? undefined : text) },
  };
}

/** The query of an annotation as the dashboard holds it, or undefined when it has none. */
export function savedTarget({ target, query }: SavedAnnotation): MicromegasQuery | undefined {
  if (isObject(query) && isObject(query.spec)) {
    return { refId: ANNOTATION_REF_ID, ...query.spec };
  }
  return target;
}
