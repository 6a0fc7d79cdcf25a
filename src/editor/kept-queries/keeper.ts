/** Finds out whether Grafana saves a query whose variables it has replaced: in Explore or in an alert rule. */
import { type ScopedVars } from '@grafana/data';
import { get } from 'lodash';

/** `explore`: a panel was opened in Explore. `rule`: an alert rule was created from a panel. */
export type Keeper = 'explore' | 'rule';

/**
 * Grafana calls `interpolateVariablesInQueries` of the data source for three purposes: Explore, a new alert rule, and
 * the request of a panel with expressions. For Explore, the scoped variables have no interval. For a rule, their scene
 * object is a panel. For a request, it is a query runner.
 *
 * @returns undefined for a request, whose queries are not kept.
 */
export function keeperOf(scoped: ScopedVars): Keeper | undefined {
  if (scoped.__interval === undefined) {
    return 'explore';
  }
  const scope: unknown = scoped.__sceneObject?.value;
  return typeof get(scope, ['state', 'pluginId']) === 'string' ? 'rule' : undefined;
}
