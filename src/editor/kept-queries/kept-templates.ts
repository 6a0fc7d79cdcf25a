/** Variables for a query that is kept. */
import { type TemplateSrv } from '@grafana/runtime';
import { type Templates } from '../../shared/interpolation/variables';

/** Grafana's variables that the backend replaces, too. */
const TIMES =
  /^\$(?:__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)|\{__(?:interval(?:_ms)?|from|to|range(?:_s|_ms)?)\})$/;

/**
 * The same variables without those of the time range and the interval, whose values differ in each later request. A
 * rule runs with the interval that Grafana passes here until its author changes it. A value in the SQL would then
 * differ from the bins of `$__dateBin`.
 */
export function keptTemplates(templates: Templates): Templates {
  const replace: TemplateSrv['replace'] = (template, ...rest) =>
    template !== undefined && TIMES.test(template) ? template : templates.replace(template, ...rest);
  return { getVariables: () => templates.getVariables(), replace };
}
