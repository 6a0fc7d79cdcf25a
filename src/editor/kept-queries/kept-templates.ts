/** The variables that are replaced in a query that Grafana keeps, for example in an alert rule. */
import { type TemplateSrv } from '@grafana/runtime';
import { type Templates } from '../../shared/interpolation/variables';

/** Grafana's variables that the backend can also replace. */
const TIMES =
  /^\$(?:__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)|\{__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)\})$/;

/**
 * Replaces all variables, except those of the time range and of the interval (such as `$__from`) that have no format.
 * The values of those variables can differ in later requests, for example when the author of a rule changes its
 * interval. A fixed value would then not match the bins of `$__dateBin`.
 */
export function keptTemplates(templates: Templates): Templates {
  const replace: TemplateSrv['replace'] = (template, ...rest) =>
    template !== undefined && TIMES.test(template) ? template : templates.replace(template, ...rest);
  return { getVariables: () => templates.getVariables(), replace };
}
