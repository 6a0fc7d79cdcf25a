/** The entries of the list _Aggregation_. */
import { t } from '@grafana/i18n';
import { type ComboboxOption } from '@grafana/ui';
import { type Aggregation, isApproximate } from '../../../../contract/builder/builder-state';
import { aggregationLabel } from '../aggregation-labels';

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
