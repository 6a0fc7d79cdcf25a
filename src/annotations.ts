/** Annotations: the query editor as it is, run as a table and marked so that the audit log can tell them apart. */
import { type AnnotationQuery, type AnnotationSupport } from '@grafana/data';
import { newQuery } from './query-editor/new-query';
import { type MicromegasQuery } from './types';

export const annotationSupport: AnnotationSupport<MicromegasQuery> = {
  getDefaultQuery: () => newQuery(),
  prepareQuery: (annotation: AnnotationQuery<MicromegasQuery>): MicromegasQuery | undefined =>
    annotation.target && { autoLimit: false, ...annotation.target, format: 'table', purpose: 'annotation' },
};
