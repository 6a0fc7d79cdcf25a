/** The variables that are replaced in a query that Grafana keeps, for example in an alert rule. */
import { type TemplateSrv } from '@grafana/runtime';
import { GRAFANA_MACROS } from '../../../contract/sql/macro-kinds';
import { type Templates } from '../../shared/interpolation/variables';

/** True for a variable of Grafana that the backend can also replace: `$__from` or `${__from}`. */
function isOfTime(template: string): boolean {
  return GRAFANA_MACROS.includes(template.replace(/^\$\{(\w+)\}$/, '$$$1'));
}

/**
 * Replaces all variables. Variables of the time range and the interval, such as `$__from`, are replaced only if they
 * have a format. Without a format they stay, because their values can differ in later requests. For example, if an
 * author changes the interval of a rule, a fixed value would not match the bins of `$__dateBin`.
 */
export function keptTemplates(templates: Templates): Templates {
  const replace: TemplateSrv['replace'] = (template, ...rest) =>
    template !== undefined && isOfTime(template) ? template : templates.replace(template, ...rest);
  return { getVariables: () => templates.getVariables(), replace };
}
