/**
 * Support for annotations: their query editor, and the query that Grafana runs. `getDefaultQuery` is not defined,
 * because Grafana would merge the default query into the annotation, and not into the query of the annotation.
 */
import { type AnnotationQuery, type AnnotationSupport } from '@grafana/data';
import { sqlOf } from '../../contract/queries/query';
import { lazyEditor } from '../shared/controls/lazy-editor';
import { type MicromegasQuery } from '../shared/types';
import { asAnnotationQuery, savedTarget, withTarget } from './saved-annotation';

export const annotationSupport: AnnotationSupport<MicromegasQuery> = {
  QueryEditor: lazyEditor(
    async () => (await import(/* webpackChunkName: "query-editor" */ './AnnotationQueryEditor')).AnnotationQueryEditor,
    { heightPx: 360, sqlOf: ({ query }) => sqlOf(query) }
  ),
  prepareAnnotation: withTarget,
  prepareQuery: (annotation: AnnotationQuery<MicromegasQuery>): MicromegasQuery | undefined => {
    const target = savedTarget(annotation);
    return target && asAnnotationQuery(target);
  },
};
