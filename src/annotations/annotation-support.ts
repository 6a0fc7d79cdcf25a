/**
 * Annotations. There is no `getDefaultQuery`: Grafana would merge its result into the annotation, and not into the query of
 * the annotation.
 */
import { type AnnotationQuery, type AnnotationSupport } from '@grafana/data';
import { type MicromegasQuery } from '../types';
import { AnnotationQueryEditor } from './AnnotationQueryEditor';
import { asAnnotationQuery, savedTarget, withTarget } from './saved-annotation';

export const annotationSupport: AnnotationSupport<MicromegasQuery> = {
  QueryEditor: AnnotationQueryEditor,
  prepareAnnotation: withTarget,
  prepareQuery: (annotation: AnnotationQuery<MicromegasQuery>): MicromegasQuery | undefined => {
    const target = savedTarget(annotation);
    return target && asAnnotationQuery(target);
  },
};
