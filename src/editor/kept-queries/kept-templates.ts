/** Variables for a query that is kept. */
import { type TemplateSrv } from '@grafana/runtime';
import { type Templates } from '../../shared/interpolation/variables';

/** Grafana's variables that the backend can also replace. */
const TIMES =
  /^\$(?:__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)|\{__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)\})$/;

/**
 * All variables except the variables of the time range and the interval. The values of these change with each later
 * request, for example when the author of a rule changes its interval. A value that was inserted earlier would then not
 * match the bins of `$__dateBin`.
 */
export function keptTemplates(templates: Templates): Templates {
  const replace: TemplateSrv['replace'] = (template, ...rest) =>
    template !== undefined && TIMES.test(template) ? template : templates.replace(template, ...rest);
  return { getVariables: () => templates.getVariables(), replace };
}
