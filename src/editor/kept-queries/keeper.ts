/** Who keeps a query after Grafana has asked for the values of its variables. */
import { type ScopedVars } from '@grafana/data';
import { get } from 'lodash';

/** Explore, to which a panel is opened, or a new alert rule. */
export type Keeper = 'explore' | 'rule';

/**
 * Grafana calls one method of the data source for three purposes. Only the request of a panel with expressions, and a
 * new alert rule, have an interval; the scope of a rule is a panel, and that of a request is what runs its queries.
 *
 * @returns undefined for a request, whose queries nobody keeps.
 */
export function keeperOf(scoped: ScopedVars): Keeper | undefined {
  if (scoped.__interval === undefined) {
    return 'explore';
  }
  const scope: unknown = scoped.__sceneObject?.value;
  return typeof get(scope, ['state', 'pluginId']) === 'string' ? 'rule' : undefined;
}
