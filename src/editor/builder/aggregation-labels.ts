/** The labels of aggregations in the lists of the builder, and in descriptions of its queries. */
import { t } from '@grafana/i18n';
import { type ComboboxOption } from '@grafana/ui';
import { type Aggregation, aggregationName, isApproximate } from '../../../contract/builder/builder-state';

/** @returns For example `p95`, or `p95 (approximate)`. */
export function aggregationLabel(aggregation: Aggregation): string {
  const name = aggregationName(aggregation);
  return isApproximate(aggregation) ? t('builder.aggregation.approximate', '{{name}} (approximate)', { name }) : name;
}

/** An entry of the list _Aggregation_. */
export function aggregationOption<Value extends Aggregation>(value: Value): ComboboxOption<Value> {
  if (isApproximate(value)) {
    return {
      value,
      label: aggregationLabel(value),
      description: t(
        'builder.aggregation.approximate-description',
        'An estimate that needs little memory. It can be far off if a few values are much larger than the others.'
      ),
    };
  }
  switch (value) {
    case 'rate':
      return {
        value,
        label: t('builder.aggregation.rate', 'rate (per second)'),
        description: t(
          'builder.aggregation.rate-description',
          'For counters whose samples are totals, and for OpenTelemetry sums: the increase per second.'
        ),
      };
    case 'increment-rate':
      return {
        value,
        label: t('builder.aggregation.increment-rate', 'rate of increments (per second)'),
        description: t(
          'builder.aggregation.increment-rate-description',
          'For measures whose samples are increments, such as bytes sent: their sum per second.'
        ),
      };
    default:
      return { value, label: aggregationLabel(value) };
  }
}
