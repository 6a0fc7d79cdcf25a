/** Finds out where Grafana keeps a query after its variables were replaced: in Explore or in an alert rule. */
import { type ScopedVars } from '@grafana/data';
import { get } from 'lodash';

/** `explore`: a panel was opened in Explore. `rule`: an alert rule was created from a panel. */
export type Keeper = 'explore' | 'rule';

/**
 * Grafana calls `interpolateVariablesInQueries` of the data source for three purposes: Explore, a new alert rule, and
 * the request of a panel with expressions. For Explore, the scoped variables have no interval. For a rule, their
 * `__sceneObject` is a panel. For a request, `__sceneObject` is a query runner.
 *
 * @returns Undefined for a request, because Grafana does not keep its queries.
 */
export function keeperOf(scoped: ScopedVars): Keeper | undefined {
  if (scoped.__interval === undefined) {
    return 'explore';
  }
  const scope: unknown = scoped.__sceneObject?.value;
  return typeof get(scope, ['state', 'pluginId']) === 'string' ? 'rule' : undefined;
}
