/**
 * The fixed interval of a query in a new alert rule. Grafana runs such a query with an interval of one second, so
 * `$__interval` would be too short.
 */
import { rangeUtil, type ScopedVars } from '@grafana/data';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { type Templates } from '../../shared/interpolation/variables';

/** Number of intervals in the time range. */
const STEPS = 100;

/**
 * A hundredth of the time range of the dashboard, such as `5m`, rounded as Grafana rounds intervals. At least one
 * second.
 *
 * @returns undefined outside of dashboards.
 */
export function hundredthOfRange(templates: Templates, scoped: ScopedVars): string | undefined {
  const [fromMs, toMs] = ['${__from}', '${__to}'].map((variable) => Number(templates.replace(variable, scoped)));
  const stepMs = (toMs - fromMs) / STEPS;
  return stepMs > 0 ? rangeUtil.secondsToHms(Math.max(1000, rangeUtil.roundInterval(stepMs)) / 1000) : undefined;
}

/** The state with a fixed interval in place of `auto`. A state without `auto` is unchanged. */
export function withFixedInterval(state: BuilderState, interval: string): BuilderState {
  if (state.kind === 'metrics' && state.interval === 'auto') {
    return { ...state, interval };
  }
  return state.kind === 'table' && state.time?.interval === 'auto'
    ? { ...state, time: { ...state.time, interval } }
    : state;
}
