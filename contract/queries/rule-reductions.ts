/** The reductions of time series in the expressions of an alert rule. */
import { isObject } from '../is-object';

interface Reduction {
  /** The refId of the reduced query. Empty if the expression names none. */
  of: string;
  /** The function, such as `last`. Empty if the expression names none. */
  reducer: string;
}

/** A name or id in Grafana's JSON, such as a refId. Some tools save it as a number. Empty for any other value. */
export function savedName(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/**
 * The reductions of an expression: one for a Reduce expression, one for each condition of a classic condition. Empty
 * for any other model.
 *
 * @param model The expression or query as Grafana saves it.
 */
export function reductionsOf(model: object): Reduction[] {
  const { type, expression, reducer, conditions }: Readonly<Record<string, unknown>> = { ...model };
  if (type === 'reduce') {
    // Grafana accepts the refId as a variable, too.
    return [{ of: savedName(expression).replace(/^\$\{?(.*?)\}?$/, '$1'), reducer: savedName(reducer) }];
  }
  return type === 'classic_conditions' && Array.isArray(conditions)
    ? conditions.filter(isObject).map(({ query, reducer: by }) => ({
        of: isObject(query) && Array.isArray(query.params) ? savedName(query.params[0]) : '',
        reducer: isObject(by) ? savedName(by.type) : '',
      }))
    : [];
}
