/**
 * The interval of a query that Grafana runs with an interval of one second, as it does with the queries of a new alert
 * rule.
 */
import { rangeUtil, type ScopedVars } from '@grafana/data';
import { type BuilderState } from '../../../contract/builder/builder-state';
import { type Templates } from '../../shared/interpolation/variables';

/** Intervals of the time range, about as many as a panel draws. */
const STEPS = 100;

/**
 * A hundredth of the time range of the dashboard, rounded as Grafana rounds intervals, such as `5m`. At least one
 * second.
 *
 * @returns undefined outside of dashboards.
 */
export function hundredthOfRange(templates: Templates, scoped: ScopedVars): string | undefined {
  const [fromMs, toMs] = ['${__from}', '${__to}'].map((variable) => Number(templates.replace(variable, scoped)));
  const stepMs = (toMs - fromMs) / STEPS;
  return stepMs > 0 ? rangeUtil.secondsToHms(Math.max(1000, rangeUtil.roundInterval(stepMs)) / 1000) : undefined;
}

/** The state with this interval in place of that of the panel. */
export function withFixedInterval(state: BuilderState, interval: string): BuilderState {
  if (state.kind === 'metrics' && state.interval === 'auto') {
    return { ...state, interval };
  }
  return state.kind === 'table' && state.time?.interval === 'auto'
    ? { ...state, time: { ...state.time, interval } }
    : state;
}
