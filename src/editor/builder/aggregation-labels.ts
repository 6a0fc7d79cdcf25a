/** The labels of aggregations, in the lists of the builder and in descriptions of its queries. */
import { t } from '@grafana/i18n';
import { type Aggregation, aggregationName, isApproximate } from '../../../contract/builder/builder-state';

/** @returns For example `p95`, or `p95 (approximate)`. */
export function aggregationLabel(aggregation: Aggregation): string {
  const name = aggregationName(aggregation);
  return isApproximate(aggregation)
    ? t('builder.aggregation.approximate', '{{name}} (approximate)', { name, interpolation: { escapeValue: false } })
    : name;
}
