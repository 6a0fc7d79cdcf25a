/** Default values of the metrics form: how gaps are filled. The author can change them. */
import { isZeroWithoutRows, type MetricsState } from '../../../contract/builder/builder-state';
import { type FillMode } from '../../../contract/result-format';
import { isDays } from '../../../contract/builder/sql-terms';

/** The fill that the form sets: zero for counts, sums and rates of increments. Undefined for other aggregations. */
function presetFill({ aggregation }: MetricsState): FillMode | undefined {
  return isZeroWithoutRows(aggregation) ? 'zero' : undefined;
}

const fillsDays = ({ fill, interval }: MetricsState) => fill !== undefined && isDays(interval);

/**
 * The state after a change. Its fill follows the aggregation unless the author has chosen another fill. Filled days
 * begin at midnight in the time zone of the dashboard. In a saved state without `zonedFill`, they begin at midnight
 * UTC.
 *
 * @param before  The state before the change.
 * @param changed The state after the change.
 */
export function withMetricsDefaults(before: MetricsState, changed: MetricsState): MetricsState {
  const { fill, zonedFill: _mark, ...rest } = changed;
  const follows = presetFill(before) !== presetFill(changed) && fill === presetFill(before);
  const kept = follows ? presetFill(changed) : fill;
  const after: MetricsState = { ...rest, ...(kept !== undefined && { fill: kept }) };
  const staysInUtc = fillsDays(before) && before.zonedFill === undefined;
  return fillsDays(after) && !staysInUtc ? { ...after, zonedFill: true } : after;
}
