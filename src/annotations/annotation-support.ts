/**
 * Annotations: the query runs as a table, marked so that the audit log of the server can tell it from a panel's.
 *
 * There is no `getDefaultQuery` here: Grafana merges its result into the annotation and not into the annotation's query.
 */
import { type AnnotationQuery, type AnnotationSupport } from '@grafana/data';
import { type MicromegasQuery } from '../types';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';
import { asAnnotationQuery } from './annotation-query';
import { savedTarget, withTarget } from './saved-annotation';

export const annotationSupport: AnnotationSupport<MicromegasQuery> = {
  QueryEditor: AnnotationQueryEditor,
  prepareAnnotation: withTarget,
  prepareQuery: (annotation: AnnotationQuery<MicromegasQuery>): MicromegasQuery | undefined => {
    const target = savedTarget(annotation);
    return target && asAnnotationQuery(target);
  },
};
