/** Annotations of the dashboards. */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DATA_SOURCE, sqlQuery, target } from './queries';
import { NEW_VERSIONS } from './sql';

export const newVersions = (): AnnotationQueryBuilder =>
  new AnnotationQueryBuilder()
    .name('New versions')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('blue')
    .target(target({ ...sqlQuery(NEW_VERSIONS), purpose: 'annotation' }, 'Anno'));
